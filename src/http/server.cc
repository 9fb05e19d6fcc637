#include "http/server.h"

#include <algorithm>
#include <csignal>
#include <thread>

#include "http/acceptor.h"
#include "http/connection.h"
#include "http/server_context.h"

namespace kehai::http {

struct Server::Implementation {
  Implementation(ServerOptions options, Handler handler)
      : context(std::move(options), std::move(handler)) {}

  void on_each_thread(const std::function<void(IoThread&)>& function) {
    for (auto& thread : io) {
      thread->loop.post([&thread = *thread, function] { function(thread); });
    }
  }

  ServerContext context;
  std::vector<std::unique_ptr<IoThread>> io;
  std::unique_ptr<Acceptor> acceptor;
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  std::mutex stop_mutex;
  bool stopped = false;
};

Server::Server(ServerOptions options, Handler handler)
    : implementation_(std::make_unique<Implementation>(std::move(options), std::move(handler))) {}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
}

void Server::start() {
  Implementation& self = *implementation_;
  const ServerOptions& options = self.context.options;
  Descriptor listener = open_listener(options);
  self.port = port_of(listener.get());
  self.context.normal = std::make_unique<WorkerLane>(options.normal);
  self.context.slow = std::make_unique<WorkerLane>(options.slow);
  std::size_t count = options.io_threads;
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency() / 2);
  for (std::size_t i = 0; i < count; ++i)
    self.io.push_back(std::make_unique<IoThread>(self.context));
  self.acceptor = std::make_unique<Acceptor>(self.context, std::move(listener), self.io);
  self.io.front()->loop.post([&self] { self.acceptor->start(); });
  for (auto& thread : self.io) {
    self.threads.emplace_back([&loop = thread->loop] {
      // A write to a closed connection is an error code here, never the end of the process.
      sigset_t blocked;
      ::sigemptyset(&blocked);
      ::sigaddset(&blocked, SIGPIPE);
      ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
      loop.run();
    });
  }
}

std::uint16_t Server::port() const {
  return implementation_->port;
}

std::size_t Server::connections() const {
  return implementation_->context.connections.load();
}

bool Server::stop(std::chrono::milliseconds grace) {
  Implementation& self = *implementation_;
  const std::lock_guard once(self.stop_mutex);
  if (self.stopped) return true;
  self.stopped = true;
  if (self.threads.empty()) return true;
  self.context.stopping = true;
  self.io.front()->loop.post([&self] { self.acceptor->stop(); });
  self.on_each_thread([](IoThread& thread) { thread.drain(); });
  bool drained = false;
  {
    std::unique_lock lock(self.context.empty_mutex);
    drained =
        self.context.empty.wait_for(lock, grace, [&] { return self.context.connections == 0; });
  }
  self.on_each_thread([](IoThread& thread) { thread.cut(); });
  // Workers may still post answers to the loops, so the loops go last.
  self.context.normal->stop();
  self.context.slow->stop();
  for (auto& thread : self.io) thread->loop.stop();
  for (auto& thread : self.threads) thread.join();
  for (auto& thread : self.io) thread->loop.run_leftovers();
  self.threads.clear();
  return drained;
}

}  // namespace kehai::http
