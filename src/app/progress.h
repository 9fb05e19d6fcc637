// Progress of long commands on standard error: done, rate and remaining time; silent for the first
// two seconds. Used by one thread. On a terminal the line is rewritten, elsewhere a new line
// appears now and then.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

namespace kehai::app {

class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  // Where to and by which clock; tests have their own. `file` is not owned.
  struct Output {
    std::FILE* file;
    bool is_terminal;
    std::function<Clock::time_point()> now;
  };
  static Output standard_error();

  // `total` 0 = unknown; `unit` is written behind the numbers ("rows", "MB").
  Progress(std::string what, std::int64_t total, std::string unit,
           Output output = standard_error());
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void add(std::int64_t amount) { set(done_ + amount); }
  void set(std::int64_t done);

 private:
  void print(Clock::time_point now);

  std::string what_;
  std::int64_t total_;
  std::string unit_;
  std::int64_t done_ = 0;
  Output output_;
  bool printed_ = false;
  Clock::time_point start_;
  Clock::time_point next_;
};

// Runs `work`, which cannot tell how far it is, on a thread of its own and meanwhile asks `done`.
// Throws what `work` throws.
void watch(Progress& progress, const std::function<std::int64_t()>& done,
           const std::function<void()>& work);

}  // namespace kehai::app
