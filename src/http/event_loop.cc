#include "http/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace kehai::http {

void Descriptor::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

EventLoop::EventLoop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      scratch_(new char[kScratchBytes]),
      now_(std::chrono::steady_clock::now()),
      next_tick_(now_) {
  if (!epoll_ || !wake_) {
    throw base::Error(base::ErrorKind::Unavailable, "http.event_loop", {}, std::strerror(errno));
  }
  add(wake_.get(), EPOLLIN, nullptr);
}

EventLoop::~EventLoop() = default;

void EventLoop::add(int fd, std::uint32_t events, Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw base::Error(base::ErrorKind::Unavailable, "http.event_loop", {}, std::strerror(errno));
  }
}

void EventLoop::modify(int fd, std::uint32_t events, Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::remove(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void EventLoop::set_tick(std::chrono::milliseconds period, std::function<void()> tick,
                         std::function<bool()> wanted) {
  tick_period_ = period;
  tick_ = std::move(tick);
  tick_wanted_ = std::move(wanted);
}

void EventLoop::post(std::function<void()> function) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(function));
  }
  if (!first) return;
  const std::uint64_t one = 1;
  // Only fails when the counter is full, and then the loop is awake anyway.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof(one));
}

void EventLoop::stop() {
  post([this] { stopping_ = true; });
}

template <typename Function>
void EventLoop::guarded(const Function& function) {
  try {
    function();
  } catch (...) {
    if (on_error_) on_error_();
  }
}

void EventLoop::run_posted() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto drained = ::read(wake_.get(), &count, sizeof(count));
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
  }
  for (auto& function : running_) guarded(function);
  running_.clear();
}

void EventLoop::run_round() {
  std::array<epoll_event, 256> events;
  int timeout = -1;
  if (tick_ && tick_wanted_()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(next_tick_ - std::chrono::steady_clock::now());
    timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, tick_period_.count()));
  }
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
  now_ = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto* watcher = static_cast<Watcher*>(event.data.ptr);
    if (watcher == nullptr) {
      run_posted();
    } else {
      guarded([&] { watcher->on_events(event.events); });
    }
  }
  if (tick_ && now_ >= next_tick_) {
    next_tick_ = now_ + tick_period_;
    guarded(tick_);
  }
  retired_.clear();
}

// Functions may post further functions.
void EventLoop::run_leftovers() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (posted_.empty()) return;
    }
    run_posted();
    retired_.clear();
  }
}

void EventLoop::run() {
  while (!stopping_) guarded([this] { run_round(); });
}

}  // namespace kehai::http
