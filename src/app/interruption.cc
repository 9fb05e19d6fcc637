#include "app/interruption.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace kehai::app {

namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

Interruption::Interruption() : wake_(::eventfd(0, EFD_CLOEXEC)) {
  if (wake_ < 0) {
    throw base::Error(base::ErrorKind::Unavailable, "start.failed", {},
                      std::system_category().message(errno));
  }
  thread_ = std::thread([this] { wait(); });
}

Interruption::~Interruption() {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
  // Once a signal has come, this is where the process ends.
  thread_.join();
  ::close(wake_);
}

Interruption::Duty Interruption::before_end(std::function<void()> duty) {
  const std::lock_guard lock(mutex_);
  duties_.push_front(std::move(duty));
  return {*this, duties_.begin()};
}

Interruption::Duty::~Duty() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.duties_.erase(place_);
}

void Interruption::wait() {
  const sigset_t signals = ending_signals();
  const int received = ::signalfd(-1, &signals, SFD_CLOEXEC);
  std::array<pollfd, 2> events{{{received, POLLIN, 0}, {wake_, POLLIN, 0}}};
  while (::poll(events.data(), events.size(), -1) < 0) {
  }
  signalfd_siginfo info{};
  if ((events[0].revents & POLLIN) != 0 && ::read(received, &info, sizeof info) == sizeof info)
    end(static_cast<int>(info.ssi_signo));
  ::close(received);
}

// While it runs, no duty is taken back: a command that comes to its end waits here.
void Interruption::end(int signal) {
  const std::lock_guard lock(mutex_);
  for (const auto& duty : duties_) {
    try {
      duty();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "kehai: %s\n", error.what());
    }
  }
  std::fprintf(stderr, "kehai: Stopped\n");
  std::signal(signal, SIG_DFL);
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ::kill(::getpid(), signal);
}

}  // namespace kehai::app
