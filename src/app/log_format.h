// One log line = one JSON object: {"time":instant (UTC),"level":…} and either the members that the
// interface wrote or {"kind":"program","message":sentence}.
#pragma once

#include <spdlog/formatter.h>

#include <memory>

namespace kehai::app {

class LogFormat : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override;
  std::unique_ptr<spdlog::formatter> clone() const override;
};

}  // namespace kehai::app
