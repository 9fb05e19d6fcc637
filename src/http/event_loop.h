// One I/O thread: epoll, functions posted by other threads, and a coarse tick for deadlines.
// Internal to the server.
//
// Everything except post() belongs to the thread that runs run(). Nothing that a watcher, a posted
// function or the tick throws leaves run(); it is counted by on_error.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace kehai::http {

using SteadyTime = std::chrono::steady_clock::time_point;

// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_events(std::uint32_t events) = 0;
};

class EventLoop {
 public:
  static constexpr std::size_t kScratchBytes = 65536;

  // Throws Error Unavailable "http.event_loop" when the system refuses the descriptors.
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void run();
  void stop();           // from any thread
  void run_leftovers();  // what was posted after stop(); when run() has returned
  void post(std::function<void()> function);  // from any thread; runs in order

  // Watchers stay alive until remove() returned and, through retire(), until the current round of
  // events is over.
  void add(int fd, std::uint32_t events, Watcher* watcher);
  void modify(int fd, std::uint32_t events, Watcher* watcher);
  void remove(int fd);
  void retire(std::shared_ptr<void> object) { retired_.push_back(std::move(object)); }

  // Called about every `period` while `wanted()`; the loop sleeps without limit otherwise.
  void set_tick(std::chrono::milliseconds period, std::function<void()> tick,
                std::function<bool()> wanted);
  void set_error_handler(std::function<void()> on_error) { on_error_ = std::move(on_error); }

  SteadyTime now() const { return now_; }  // refreshed once per round
  char* scratch() { return scratch_.get(); }

 private:
  void run_round();
  void run_posted();
  template <typename Function>
  void guarded(const Function& function);

  Descriptor epoll_;
  Descriptor wake_;
  std::unique_ptr<char[]> scratch_;
  SteadyTime now_;
  SteadyTime next_tick_;
  std::chrono::milliseconds tick_period_{250};
  std::function<void()> tick_;
  std::function<bool()> tick_wanted_;
  std::function<void()> on_error_;
  std::vector<std::shared_ptr<void>> retired_;
  bool stopping_ = false;

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // guarded by mutex_
  std::vector<std::function<void()>> running_;
};

}  // namespace kehai::http
