#include "api/events.h"

#include <algorithm>

#include "api/log.h"
#include "api/route_table.h"
#include "base/error.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSessionCheck{900};
constexpr std::chrono::milliseconds kGather{50};  // changes that come together are told together
// More than this between two rounds (an import) is not told one by one; lists refetch anyway when
// they are looked at.
constexpr std::size_t kMaximumChanges = 5'000;
constexpr std::size_t kMaximumMessages = 50'000;

std::string frame(std::string_view event, std::string_view json) {
  std::string out = "event: ";
  out += event;
  out += "\ndata: ";
  out += json;
  out += "\n\n";
  return out;
}

std::string change_frame(const std::string& object, record::RecordId id, std::int64_t version,
                         const std::string& kind) {
  std::string json;
  base::JsonWriter writer(json);
  writer.begin_object();
  writer.key("object").text(object);
  writer.key("id").integer(id);
  writer.key("version").integer(version);
  writer.key("kind").text(kind);
  writer.end_object();
  return frame("record", json);
}

}  // namespace

std::shared_ptr<EventHub> EventHub::make(platform::Registrar& registrar) {
  auto hub = std::make_shared<EventHub>();
  registrar.registry.add_event_handler([hub](const record::Event& event) { hub->push(event); });
  return hub;
}

EventHub::~EventHub() {
  stop();
}

void EventHub::start(const Parts& parts) {
  parts_ = &parts;
  epoch_ = parts.access.epoch();
  organisation_epoch_ = parts.access.organisation_epoch();
  thread_ = std::thread([this] { run(); });
}

void EventHub::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  for (const auto& connection : connections_) connection->stream->close();
  connections_.clear();
}

std::size_t EventHub::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

void EventHub::push(const record::Event& event) {
  std::string kind;
  if (event.kind == "created" || event.kind == "restored") kind = "created";
  if (event.kind == "updated" || event.kind == "deleted") kind = event.kind;
  if (event.kind == "members_changed") kind = "members";  // of the same version
  if (kind.empty()) return;
  const std::lock_guard lock(mutex_);
  if (connections_.empty() || change_count_ >= kMaximumChanges) return;
  auto [at, is_new] = changes_[event.object].try_emplace(event.record_id);
  if (is_new) ++change_count_;
  // What was made and changed within one round is news as a whole.
  const auto weight = [](std::string_view word) {
    return word == "updated" ? 0 : word == "members" ? 1 : 2;
  };
  if (is_new || weight(kind) >= weight(at->second.kind)) at->second.kind = kind;
  at->second.version = std::max(at->second.version, event.version);
  wake_.notify_all();
}

void EventHub::publish(std::int64_t user_id, std::string_view event, std::string_view json) {
  const std::lock_guard lock(mutex_);
  if (connections_.empty() || messages_.size() >= kMaximumMessages) return;
  messages_.push_back({user_id, frame(event, json)});
  wake_.notify_all();
}

http::Response EventHub::connect(const ApiContext& context) {
  auto connection = std::make_shared<Connection>();
  connection->user_id = context.actor().user_id;
  connection->session_token = context.session_token;
  connection->access_token = context.access_token;
  connection->session = *context.session;
  begin(connection, context.parts.settings);
  http::Response response;
  response.header("Content-Type", "text/event-stream; charset=utf-8");
  response.header("X-Accel-Buffering", "no");
  response.stream = [hub = weak_from_this(),
                     connection](std::shared_ptr<http::EventStream> stream) {
    connection->stream = std::move(stream);
    if (const auto owner = hub.lock()) owner->add(connection);
  };
  return response;
}

// Those that are only on their way count, too: many may come at once.
void EventHub::begin(const ConnectionPtr& connection, const Settings& settings) {
  const std::lock_guard lock(mutex_);
  std::erase_if(opening_, [](const auto& one) { return one.expired(); });
  auto own = std::count_if(connections_.begin(), connections_.end(), [&](const auto& one) {
    return one->user_id == connection->user_id && one->stream->is_open();
  });
  own += std::count_if(opening_.begin(), opening_.end(), [&](const auto& weak) {
    const auto one = weak.lock();
    return one && one->user_id == connection->user_id;
  });
  const auto all = static_cast<std::int64_t>(connections_.size() + opening_.size());
  if (own >= settings.streams_per_user || all >= settings.stream_limit) {
    throw Error(ErrorKind::Limit, "events.too_many");
  }
  opening_.push_back(connection);
}

void EventHub::add(ConnectionPtr connection) {
  // An answer at once tells the browser that the stream stands.
  connection->stream->write("retry: 3000\n: kehai\n\n");
  const std::lock_guard lock(mutex_);
  std::erase_if(opening_, [&](const auto& one) { return one.lock() == connection; });
  if (stopping_) {
    connection->stream->close();
    return;
  }
  connections_.push_back(std::move(connection));
}

void EventHub::run() {
  auto next_check = Clock::now() + kSessionCheck;
  for (;;) {
    std::vector<ConnectionPtr> connections;
    Changes changes;
    std::vector<Message> messages;
    {
      std::unique_lock lock(mutex_);
      const auto pending = [&] { return stopping_ || change_count_ > 0 || !messages_.empty(); };
      if (wake_.wait_until(lock, next_check, pending) && !stopping_) {
        wake_.wait_for(lock, kGather, [&] { return stopping_; });
      }
      if (stopping_) return;
      connections = connections_;
      changes.swap(changes_);
      messages.swap(messages_);
      change_count_ = 0;
    }
    try {
      if (Clock::now() >= next_check) {
        next_check = Clock::now() + kSessionCheck;
        check_sessions(connections);
      }
      announce_rights(connections);
      send_changes(connections, changes);
      send_messages(connections, messages);
    } catch (const std::exception&) {
      // The database is away for a moment: the events of this round are lost, the streams stay.
    }
    remove_closed();
  }
}

void EventHub::check_sessions(const std::vector<ConnectionPtr>& connections) {
  for (const auto& connection : connections) {
    // An open stream is no use of the session: left alone, it ends all the same.
    auto session = connection->session_token.empty()
                       ? parts_->identity.by_access_token(connection->access_token, false)
                       : parts_->identity.by_session_token(connection->session_token, false);
    if (session) {
      connection->session = std::move(*session);
    } else {
      connection->stream->close();
    }
  }
}

void EventHub::announce_rights(const std::vector<ConnectionPtr>& connections) {
  const auto epoch = parts_->access.epoch();
  if (epoch == epoch_) return;
  epoch_ = epoch;
  check_sessions(connections);  // nothing below may be decided by old rights
  // Members of single records come and go; only they need to know, and are told.
  const auto organisation = parts_->access.organisation_epoch();
  if (organisation == organisation_epoch_) return;
  organisation_epoch_ = organisation;
  for (const auto& connection : connections) {
    if (connection->stream->is_open()) connection->stream->write(frame("access", "{}"));
  }
}

void EventHub::send_changes(const std::vector<ConnectionPtr>& connections, const Changes& changes) {
  const auto schema = parts_->engine.schema();
  const auto& access = parts_->engine.access();
  for (const auto& [object, by_id] : changes) {
    const auto* definition = schema->find(object);
    if (definition == nullptr || definition->definition().internal) continue;
    std::vector<record::RecordId> ids;
    for (const auto& change : by_id) ids.push_back(change.first);
    std::map<record::RecordId, record::Record> records;
    parts_->engine.database().read([&](db::Reader& reader) {
      records.clear();
      for (auto& record : parts_->engine.store().load_many(reader, *definition, ids)) {
        records.emplace(record.id(), std::move(record));
      }
    });
    for (const auto& connection : connections) {
      const auto& actor = connection->session.actor;
      if (!connection->stream->is_open() || !access.may(actor, definition->definition(), "read"))
        continue;
      const auto scope = access.scope(actor, definition->definition(), "read");
      for (const auto& [id, change] : by_id) {
        const auto found = records.find(id);
        // A row that is gone for good says nothing about who could see it.
        const bool visible =
            scope.all || (found != records.end() && record::admits(scope, found->second));
        if (visible)
          connection->stream->write(change_frame(object, id, change.version, change.kind));
      }
    }
  }
}

void EventHub::send_messages(const std::vector<ConnectionPtr>& connections,
                             const std::vector<Message>& messages) {
  for (const auto& message : messages) {
    for (const auto& connection : connections) {
      if (connection->user_id == message.user_id) connection->stream->write(message.text);
    }
  }
}

void EventHub::remove_closed() {
  const std::lock_guard lock(mutex_);
  std::erase_if(connections_,
                [](const ConnectionPtr& connection) { return !connection->stream->is_open(); });
}

void add_event_routes(RouteTable& routes) {
  routes.add({"GET", "/events",
              [](ApiContext& context) {
                context.allow_parameters({});
                if (!context.parts.events)
                  throw Error(ErrorKind::NotImplemented, "request.not_supported");
                return context.parts.events->connect(context);
              },
              "Live events (server-sent events)"});
}

}  // namespace kehai::api
