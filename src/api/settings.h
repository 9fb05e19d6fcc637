// What the HTTP interface is made of: the parts that it calls and the choices of the installation.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "base/random.h"
#include "http/message.h"
#include "http/metrics.h"
#include "platform/access/access.h"
#include "platform/identity/identity.h"
#include "record/engine.h"

namespace kehai::api {

class AnswerStore;
class ApiContext;
class EventHub;

// Everything lies under this path; links in answers begin with it.
inline constexpr std::string_view kRoot = "/api/v1";

struct Settings {
  // "https://crm.example.cn": links become absolute with it. "" = links are paths of the host that
  // was asked.
  std::string public_origin;
  // Origins of browsers that may write besides the host itself (a proxy that changes the Host
  // header).
  std::vector<std::string> allowed_origins;
  std::int64_t request_milliseconds = 30'000;  // deadline of one request; a $batch shares one
  std::int64_t cookie_seconds = 30 * 86'400;   // the session itself may end earlier
  std::int64_t file_bytes = 0;  // most of one attached file, for the UI; the server refuses more
  std::int64_t stream_limit = 10'000;  // event streams of this process
  std::int64_t streams_per_user = 8;
  // Bearer secret for /metrics; "" = only a client on this machine may read them.
  std::string metrics_token;
};

struct Organisation {
  std::string name;
  std::string time_zone;
  std::string currency;
};

// Writes rows as a file; implemented by platform/transfer, handed in by app/. `format` is "csv" or
// "xlsx".
using Exporter =
    std::function<http::Response(ApiContext&, const record::ObjectSchema& object,
                                 const record::ListRequest& request, std::string_view format)>;

// One line of the log, a JSON object without line break; called from any thread.
using LogLine = std::function<void(bool is_error, std::string_view json)>;

// All borrowed; they outlive the Api.
struct Parts {
  record::Engine& engine;
  platform::Identity& identity;
  platform::Access& access;
  base::Random& random;
  std::shared_ptr<AnswerStore> answers =
      {};                                 // from register_api(); null: Idempotency-Key answers 501
  std::shared_ptr<EventHub> events = {};  // from register_api(); null: /events answers 501
  http::Metrics* metrics = nullptr;       // null: nothing is measured, /metrics is empty
  Settings settings = {};
  std::function<Organisation()> organisation = {};
  Exporter exporter = {};               // empty: $format=csv|xlsx answers 501
  std::function<bool()> is_ready = {};  // for /readyz besides the database
  LogLine log = {};                     // empty: spdlog's default logger
};

}  // namespace kehai::api
