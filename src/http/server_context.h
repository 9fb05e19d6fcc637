// What the connections of one server share, and the state of one request on its way. Internal to
// the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/address.h"
#include "http/body_decoder.h"
#include "http/event_loop.h"
#include "http/notices.h"
#include "http/request_head.h"
#include "http/server.h"
#include "http/server_stream.h"
#include "http/worker_pool.h"

namespace kehai::http {

class Connection;
class TlsContext;

struct ServerContext {
  ServerContext(ServerOptions server_options, Handler request_handler);

  std::string next_request_id();
  // The answer to a request that the server refuses itself.
  Response refusal(int status, const char* reason, const Request* request) const;

  const ServerOptions options;
  const std::size_t connection_limit;
  const Handler handler;
  Notices notices;
  HeadRules rules;
  std::vector<IpNetwork> trusted_proxies;
  std::shared_ptr<const TlsContext> tls;
  std::unique_ptr<WorkerLane> normal;
  std::unique_ptr<WorkerLane> slow;
  Metrics own_metrics;  // when the options name none
  Metrics& metrics;
  Gauge& connection_gauge;
  Gauge& stream_gauge;
  Gauge& body_gauge;
  Gauge& normal_waiting;
  Gauge& slow_waiting;
  std::atomic<bool> stopping{false};
  std::atomic<bool> crowded{false};  // no room for new connections: idle ones go first
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> streams{0};
  std::atomic<std::uint64_t> body_memory{0};
  std::atomic<std::uint64_t> spooled{0};
  std::mutex empty_mutex;
  std::condition_variable empty;  // notified when connections became 0

 private:
  std::string id_prefix_;
  std::atomic<std::uint64_t> next_id_{1};
};

// One request and its answer. Passed between an I/O thread and a worker, used by one of them at a
// time.
struct Exchange {
  explicit Exchange(ServerContext& server_context) : context(server_context) {}
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Appends a piece of the body, to memory or to the spool file. Returns what refuses it.
  Refusal store(std::string_view piece);
  // Calls the handler and makes its answer ready to be written. Never throws. Blocks as long as the
  // handler does.
  void handle(EventLoop& loop);
  // Replaces the answer.
  void answer(Response replacement);

  ServerContext& context;
  Request request;
  Framing framing;
  Response response;
  Descriptor file;  // of response.file
  std::uint64_t file_size = 0;
  std::shared_ptr<ServerStream> stream;
  bool reusable = true;       // the connection may serve another request afterwards
  std::uint64_t charged = 0;  // of context.body_memory
  std::uint64_t spooled = 0;  // of context.spooled
  SteadyTime started;
  SteadyTime queued;

 private:
  void open_file();
  void open_stream(EventLoop& loop);
  Refusal spool(std::string_view piece);
  bool take_body_memory(std::uint64_t bytes);  // false: more than there is
  void release_body_memory();
};

// One I/O thread with its connections.
class IoThread {
 public:
  explicit IoThread(ServerContext& context);
  ~IoThread();

  // I/O thread only, except post() of the loop.
  void adopt(Descriptor socket, const IpAddress& peer);
  void forget(Connection& connection);
  void drain();  // stop serving: streams end now, idle connections when nothing more comes
  void cut();    // close everything
  std::string_view date();
  void count(const Exchange& exchange, std::uint64_t bytes);
  void count_refusal(const char* reason, const std::string& client);

  ServerContext& context;
  EventLoop loop;
  std::function<void()> on_tick;  // the acceptor's
  bool tick_wanted = false;

 private:
  struct RouteMetrics {
    Histogram* duration = nullptr;
    std::unordered_map<int, Counter*> by_status;
  };
  void tick();

  std::vector<std::shared_ptr<Connection>> connections_;
  std::unordered_map<std::string, RouteMetrics> routes_;
  std::string date_;
  std::int64_t date_second_ = 0;
};

}  // namespace kehai::http
