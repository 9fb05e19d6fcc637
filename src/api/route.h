// How platform parts and modules answer requests of their own: a Route is a value, its handler sees
// an ApiContext.
//
// Handlers run on a worker thread, after sign-in, CSRF and language are settled, and throw
// base::Error for everything that goes wrong; the pipeline turns it into a problem body.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/settings.h"
#include "base/json.h"
#include "base/language.h"
#include "http/message.h"
#include "http/router.h"
#include "platform/identity/identity.h"
#include "record/access.h"

namespace kehai::api {

class ApiContext;

enum class Door {
  Open,      // without session (health, signing in)
  SignedIn,  // 401 otherwise
};

struct Route {
  std::string method;
  std::string pattern;  // as http::Router's, below kRoot ("/search"); with at_root below "/"
  std::function<http::Response(ApiContext&)> handler;
  std::string summary = {};  // one sentence for OpenAPI
  Door door = Door::SignedIn;
  bool at_root = false;
  // Whether Idempotency-Key keeps the answer of this POST; false where the answer holds a secret.
  bool keeps_answer = true;
  // Any content type instead of JSON (uploads).
  bool takes_any_body = false;
  std::vector<std::string> parameters = {};  // names of the query parameters, for OpenAPI
};

// A route as most are: signed in, JSON.
Route make_route(std::string method, std::string pattern, std::string summary,
                 std::function<http::Response(ApiContext&)> handler,
                 std::vector<std::string> parameters = {});

// One request on its way through a handler. Lives as long as the call; used by one thread.
class ApiContext {
 public:
  ApiContext(const Parts& the_parts, const base::Texts& the_texts, const http::Request& the_request)
      : request(the_request), parts(the_parts), texts(the_texts) {}
  ApiContext(const ApiContext&) = delete;
  ApiContext& operator=(const ApiContext&) = delete;

  const http::Request& request;
  const Parts& parts;
  const base::Texts& texts;
  std::string request_id;
  std::string path;  // of the request, keys as segments; captures point into it
  http::Captures captures;
  const Route* route = nullptr;
  std::string problem_code;  // of the answer, for the log and the metrics
  base::Language language = base::Language::SimplifiedChinese;
  std::chrono::steady_clock::time_point deadline;
  // Set after sign-in. A personal access token gives a session with id 0.
  std::optional<platform::Session> session;
  std::string
      session_token;         // cookie value, for the event stream's re-check; "" with access tokens
  std::string access_token;  // secret of a personal access token, likewise

  record::Engine& engine() const { return parts.engine; }
  // Throws Unauthenticated "session.required".
  const record::Actor& actor() const;
  bool has_cookie_session() const { return session && session->session_id != 0; }

  // The body as a JSON object; empty when there is none. Throws Invalid "request.content_type",
  // "json.*", "json.not_object".
  base::JsonObject body() const;
  // The capture as a record id; whatever is no id is NotFound.
  record::RecordId id(std::string_view capture = "id") const;
  // Query parameter or "". Throws Invalid "query.bad_option" when it is given twice.
  std::string parameter(std::string_view name) const;
  // Refuses parameters that are not in the list: Invalid "query.unknown_option".
  void allow_parameters(std::initializer_list<std::string_view> names) const;
  // The object of a collection that the actor may read; whatever else is NotFound.
  const record::ObjectSchema& object(std::string_view collection) const;
  void check_deadline() const;  // Throws Unavailable "request.deadline"

  // ---- Answers
  http::Response json(std::string body, int status = 200) const;
  http::Response json(const base::JsonObject& body, int status = 200) const;
  http::Response no_content() const;
  // "/api/v1/leads/7", absolute when the installation has a public origin.
  std::string link(std::string_view below) const;
  std::string text(std::string_view key, const base::Params& params = {}) const;

  // Keeps the snapshot alive that object() and definitions point into.
  const record::Schema& schema() const;

 private:
  mutable std::shared_ptr<const record::Schema> schema_;
};

// A record id as it stands in an address; nothing unless it is 1 … 2^53 - 1 in plain digits.
std::optional<record::RecordId> parse_id(std::string_view text);

}  // namespace kehai::api
