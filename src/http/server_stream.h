// The server's end of an event stream: a bounded buffer between any thread and one I/O thread.
// Internal to the server.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "http/event_loop.h"
#include "http/message.h"

namespace kehai::http {

class ServerStream final : public EventStream, public std::enable_shared_from_this<ServerStream> {
 public:
  ServerStream(EventLoop& loop, std::size_t limit) : loop_(loop), limit_(limit) {}

  // Any thread.
  bool write(std::string_view chunk) override;
  void close() override;
  bool is_open() const override;

  // I/O thread. `ready` is called there whenever there is something to take; may be called without
  // cause.
  enum class State { Open, Ended, Overflowed };
  void attach(std::function<void()> ready);
  // Moves what was written into `out`.
  State take(std::string& out);
  void set_unsent(
      std::size_t bytes);  // taken but not yet accepted by the peer; counts against the limit
  void detach();           // the peer is gone; no further call reaches the loop

 private:
  void wake();

  EventLoop& loop_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::string pending_;
  std::size_t unsent_ = 0;
  State state_ = State::Open;
  bool wake_posted_ = false;
  bool detached_ = false;
  std::function<void()> ready_;  // I/O thread only
};

}  // namespace kehai::http
