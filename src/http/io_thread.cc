#include <algorithm>
#include <ctime>

#include "http/connection.h"
#include "http/response_head.h"
#include "http/server_context.h"

namespace kehai::http {
namespace {

constexpr std::chrono::milliseconds kIdleBeforeEviction{1000};

// Fine enough for the smallest deadline, rare enough for thousands of idle connections.
std::chrono::milliseconds tick_period(const Deadlines& deadlines) {
  const auto smallest = std::min({deadlines.header, deadlines.idle, deadlines.body,
                                  deadlines.write_stall, deadlines.heartbeat, deadlines.linger});
  return std::clamp(smallest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

}  // namespace

IoThread::IoThread(ServerContext& server_context) : context(server_context) {
  loop.set_tick(
      tick_period(context.options.deadlines), [this] { tick(); },
      [this] { return tick_wanted || !connections_.empty(); });
  Counter& errors = context.metrics.counter("kehai_http_internal_errors_total",
                                            "Exceptions that reached an I/O thread");
  loop.set_error_handler([&errors] { errors.add(); });
}

IoThread::~IoThread() = default;

void IoThread::adopt(Descriptor socket, const IpAddress& peer) {
  const auto connection = std::make_shared<Connection>(*this, std::move(socket), peer);
  connection->position = connections_.size();
  connections_.push_back(connection);
  context.connection_gauge.add(1);
  connection->start();
  if (context.stopping.load(std::memory_order_relaxed)) connection->drain();
}

void IoThread::forget(Connection& connection) {
  const std::size_t position = connection.position;
  std::shared_ptr<Connection> removed = std::move(connections_[position]);
  if (position + 1 < connections_.size()) {
    connections_[position] = std::move(connections_.back());
    connections_[position]->position = position;
  }
  connections_.pop_back();
  loop.retire(std::move(removed));
  context.connection_gauge.add(-1);
  if (context.connections.fetch_sub(1) == 1) {
    const std::lock_guard lock(context.empty_mutex);
    context.empty.notify_all();
  }
}

// Backwards, because a connection that closes itself is replaced by the last one.
void IoThread::tick() {
  const bool crowded = context.crowded.load(std::memory_order_relaxed);
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    connection->on_tick();
    if (crowded) connection->make_room(kIdleBeforeEviction);
  }
  if (on_tick) on_tick();
}

void IoThread::drain() {
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const auto connection = connections_[i];
    connection->drain();
  }
}

void IoThread::cut() {
  while (!connections_.empty()) {
    const auto connection = connections_.back();
    connection->close();
  }
}

std::string_view IoThread::date() {
  const std::int64_t second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(second);
  }
  return date_;
}

void IoThread::count(const Exchange& exchange, std::uint64_t bytes) {
  const Response& response = exchange.response;
  static const std::string kNoRoute = "none";
  const std::string& route = response.route.empty() ? kNoRoute : response.route;
  RouteMetrics& metrics = routes_[route];
  if (metrics.duration == nullptr) {
    metrics.duration = &context.metrics.histogram(
        "kehai_http_request_seconds", "From the end of the head to the last byte of the answer",
        {{"route", route}});
  }
  Counter*& counter = metrics.by_status[response.status];
  if (counter == nullptr) {
    counter =
        &context.metrics.counter("kehai_http_requests_total", "Answers by route and status",
                                 {{"route", route}, {"status", std::to_string(response.status)}});
  }
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - exchange.started);
  counter->add();
  metrics.duration->observe(duration.count());
  if (context.options.served) {
    context.options.served({exchange.request, response.status, bytes, duration, route});
  }
}

void IoThread::count_refusal(const char* reason, const std::string& client) {
  context.metrics
      .counter("kehai_http_refused_total", "Requests that the server refused by itself",
               {{"reason", reason}})
      .add();
  context.notices.add(reason, "http: refused " + client + ": " + reason);
}

}  // namespace kehai::http
