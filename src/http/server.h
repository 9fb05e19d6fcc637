// The HTTP/1.1 server: sockets, framing, limits, deadlines, TLS, event streams. Handlers see only
// message.h.
//
// I/O threads parse and write; handlers run as plain blocking functions on lanes of worker threads.
// A request that could be understood in two ways is answered 400 and the connection closed
// (request_head.h). Every limit and deadline is an option. All public functions may be called from
// any thread; callbacks say where they run.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"
#include "http/metrics.h"
#include "http/request_head.h"

namespace kehai::http {

// Where a handler runs. Inline = on the I/O thread: only for what never blocks (health, embedded
// assets).
enum class Lane { Inline, Normal, Slow };

struct LaneOptions {
  std::size_t threads = 24;
  std::size_t queue = 512;  // requests that wait; more are answered 503
  // Of one client at the same time, so that nobody's flood stands in the way of the others. 0 = one
  // more than there are cores, at most 8: more of them only take the processor from the others and
  // from the I/O threads.
  std::size_t client_threads = 0;
  std::size_t client_queue = 128;
};

struct Deadlines {
  using Duration = std::chrono::milliseconds;
  Duration header{
      10'000};  // first byte (or connection) to the end of the head; also the TLS handshake
  Duration idle{60'000};           // between two requests
  Duration body{10'000};           // for a body, plus its size divided by body_rate
  std::uint64_t body_rate = 1024;  // bytes per second; 16 times that while there is no room
  Duration write_stall{20'000};    // without the peer taking a byte
  Duration heartbeat{20'000};      // comment line on a silent event stream
  Duration linger{2'000};          // for the peer to close after our last byte
  Duration queue{10'000};          // a request that waited longer for a worker is answered 503
};

// What was served, for the access log.
struct Served {
  const Request& request;
  int status;
  std::uint64_t bytes;  // of the body
  std::chrono::microseconds duration;
  const std::string& route;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 = any free one; see Server::port()
  int inherited_socket =
      -1;  // a listening socket from the service manager, instead of address and port
  std::string certificate_file;  // PEM chain and key: TLS when both are set
  std::string key_file;
  std::vector<std::string> host_names;  // served names without port; empty = any

  std::size_t io_threads = 0;  // 0 = one per two cores
  LaneOptions normal;
  LaneOptions slow{2, 64};
  HeadLimits head;
  Deadlines deadlines;
  // More wait until one closes. Never so many that less than descriptor_reserve file descriptors of
  // the process (or half of them) are left for databases and files.
  std::size_t connections = 12'000;
  std::size_t descriptor_reserve = 256;
  std::uint64_t body_limit = 1U << 20U;
  std::uint64_t body_memory = 256U
                              << 20U;     // bytes of request bodies in memory over all connections
  std::uint64_t spool_above = 1U << 20U;  // larger bodies go to a file in spool_directory
  std::string spool_directory;            // "" = the system's for temporary files
  std::uint64_t spool_space = 4ULL << 30U;  // bytes of request bodies in files over all connections
  std::size_t stream_buffer = 65'536;

  // Added to every answer that does not set the same name itself.
  Headers headers;
  // Peers (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed.
  std::vector<std::string> trusted_proxies;

  // The next four run on I/O threads and must not block. They see the request without its body.
  std::function<Lane(const Request&)> lane;                     // default Normal
  std::function<std::uint64_t(const Request&)> body_limit_for;  // default body_limit
  std::function<std::optional<Response>(const Request&)>
      admit;  // an answer here refuses before the body is read
  std::function<void(const Served&)> served;
  // Trouble at the edge in one line, at most every ten seconds for each kind; any thread.
  std::function<void(const std::string&)> warn;
  // Body and type of an answer that the server gives itself (400 … 503); default: one line of text.
  std::function<Response(int status, const char* reason, const Request*)> refusal;
  // Turns what a handler threw into an answer, on the handler's thread; default: 500 without
  // detail.
  std::function<Response(const Request&, std::exception_ptr)> failure;

  Metrics* metrics = nullptr;  // outlives the server; optional
};

class Server {
 public:
  Server(ServerOptions options, Handler handler);
  ~Server();  // stop(0)
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens and returns. Throws Error Unavailable "http.listen" {address}, Invalid "http.tls".
  void start();
  std::uint16_t port() const;
  std::size_t connections() const;
  // Stops accepting, ends idle connections and event streams, lets requests finish for up to
  // `grace`, then cuts what is left and waits for handlers that still run. True when nothing had to
  // be cut. Later calls do nothing.
  bool stop(std::chrono::milliseconds grace);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace kehai::http
