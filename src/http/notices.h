// Tells the operator about trouble at the edge: the first of each kind at once, then at most one
// line every ten seconds with the number of those that were left out. Internal to the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace kehai::http {

class Notices {
 public:
  explicit Notices(std::function<void(const std::string&)> warn) : warn_(std::move(warn)) {}

  // Any thread. `kind` is one of a small number of words.
  void add(const std::string& kind, const std::string& line);

 private:
  struct Kind {
    std::chrono::steady_clock::time_point next;
    std::uint64_t left_out = 0;
  };

  const std::function<void(const std::string&)> warn_;
  std::mutex mutex_;
  std::map<std::string, Kind> kinds_;  // guarded by mutex_
};

}  // namespace kehai::http
