#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <utility>

namespace kehai::app {

namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::milliseconds kTerminalPause{200};
constexpr std::chrono::seconds kLogPause{10};

std::string time_text(std::int64_t seconds) {
  return seconds < 60 ? fmt::format("{} s", seconds)
                      : fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

}  // namespace

Progress::Output Progress::standard_error() {
  return {stderr, isatty(STDERR_FILENO) == 1, [] { return Clock::now(); }};
}

Progress::Progress(std::string what, std::int64_t total, std::string unit, Output output)
    : what_(std::move(what)),
      total_(total),
      unit_(std::move(unit)),
      output_(std::move(output)),
      start_(output_.now()),
      next_(start_ + kPatience) {}

Progress::~Progress() {
  if (!printed_) return;
  print(output_.now());
  if (output_.is_terminal) std::fputc('\n', output_.file);
}

void Progress::set(std::int64_t done) {
  done_ = done;
  const auto now = output_.now();
  if (now < next_) return;
  next_ = now + (output_.is_terminal ? std::chrono::duration_cast<Clock::duration>(kTerminalPause)
                                     : std::chrono::duration_cast<Clock::duration>(kLogPause));
  print(now);
}

void watch(Progress& progress, const std::function<std::int64_t()>& done,
           const std::function<void()>& work) {
  auto result = std::async(std::launch::async, work);
  while (result.wait_for(kTerminalPause) != std::future_status::ready) progress.set(done());
  result.get();
}

void Progress::print(Clock::time_point now) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_).count();
  const std::int64_t rate = done_ * 1000 / std::max<std::int64_t>(elapsed, 1);
  std::string line = fmt::format("{}: {}", what_, done_);
  // An estimate that has been passed says nothing any more.
  if (total_ > 0 && total_ >= done_) line += fmt::format(" of {}", total_);
  line += fmt::format(" {}, {}/s", unit_, rate);
  if (total_ > done_ && rate > 0) line += ", " + time_text((total_ - done_) / rate) + " left";
  std::fprintf(output_.file, output_.is_terminal ? "\r\x1b[K%s" : "%s\n", line.c_str());
  std::fflush(output_.file);
  printed_ = true;
}

}  // namespace kehai::app
