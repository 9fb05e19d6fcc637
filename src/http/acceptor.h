// Takes new connections from the listening socket and spreads them over the I/O threads. Internal
// to the server.
#pragma once

#include <memory>
#include <vector>

#include "http/event_loop.h"
#include "http/server_context.h"

namespace kehai::http {

// A listening, non-blocking socket. Throws Error Unavailable "http.listen" {address}.
Descriptor open_listener(const ServerOptions& options);
std::uint16_t port_of(int socket);

class Acceptor final : public Watcher {
 public:
  // Lives on the first thread. The threads outlive it.
  Acceptor(ServerContext& context, Descriptor listener,
           std::vector<std::unique_ptr<IoThread>>& threads);

  void start();  // on the first thread, like the rest
  void stop();
  void on_events(std::uint32_t events) override;
  void on_tick();

 private:
  bool accept_one();
  void refuse_without_descriptor();
  void pause();
  void tell(const std::string& line);

  ServerContext& context_;
  Descriptor listener_;
  Descriptor reserve_;  // given up for a moment when the process has no descriptor left
  std::vector<std::unique_ptr<IoThread>>& threads_;
  Counter& exhausted_;
  std::size_t next_thread_ = 0;
  bool paused_ = false;
  bool told_ = false;  // that there is no room
  SteadyTime full_at_;
};

}  // namespace kehai::http
