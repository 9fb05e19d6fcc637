// Live events (GET /events, server-sent events): who may see a record hears that it changed;
// notifications and the progress of imports go to the person they are for.
//
// The engine's event handler only enqueues. One thread per hub gathers what came in, checks rights,
// writes to the streams, and asks once a second whether every session still holds. Nothing is kept:
// whoever was away refetches.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/route.h"
#include "http/message.h"
#include "platform/registrar.h"
#include "record/registry.h"

namespace kehai::api {

class RouteTable;

class EventHub : public std::enable_shared_from_this<EventHub> {
 public:
  static std::shared_ptr<EventHub> make(platform::Registrar& registrar);
  ~EventHub();

  // `parts` outlives stop(). Called by Api.
  void start(const Parts& parts);
  void stop();

  // To every stream of one person; `json` is one JSON value. Any thread.
  void publish(std::int64_t user_id, std::string_view event, std::string_view json);
  // The answer that becomes a stream. Throws Limit "events.too_many".
  http::Response connect(const ApiContext& context);
  std::size_t connections() const;

 private:
  struct Connection {
    std::int64_t user_id = 0;
    std::string session_token;
    std::string access_token;
    std::shared_ptr<http::EventStream> stream;  // set before the hub's thread sees the connection
    platform::Session session;                  // renewed by the hub's thread, which alone reads it
  };
  using ConnectionPtr = std::shared_ptr<Connection>;
  struct RecordChange {
    std::int64_t version = 0;
    std::string kind;
  };
  // By object and id: many changes of one record are one event.
  using Changes = std::map<std::string, std::map<record::RecordId, RecordChange>>;
  struct Message {
    std::int64_t user_id;
    std::string text;
  };

  void push(const record::Event& event);
  void begin(const ConnectionPtr& connection, const Settings& settings);
  void add(ConnectionPtr connection);
  void run();
  void check_sessions(const std::vector<ConnectionPtr>& connections);
  void announce_rights(const std::vector<ConnectionPtr>& connections);
  void send_changes(const std::vector<ConnectionPtr>& connections, const Changes& changes);
  void send_messages(const std::vector<ConnectionPtr>& connections,
                     const std::vector<Message>& messages);
  void remove_closed();

  const Parts* parts_ = nullptr;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<ConnectionPtr> connections_;
  std::vector<std::weak_ptr<Connection>> opening_;  // answered, but no stream yet
  Changes changes_;
  std::size_t change_count_ = 0;
  std::vector<Message> messages_;
  // Of the rights that the streams know; the hub's thread only.
  std::int64_t epoch_ = 0;
  std::int64_t organisation_epoch_ = 0;
  std::thread thread_;
};

void add_event_routes(RouteTable& routes);

}  // namespace kehai::api
