#include "app/log_format.h"

#include <chrono>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace kehai::app {

void LogFormat::format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) {
  // What the interface wrote is an object already (api/log.h); sentences never begin like this.
  constexpr std::string_view kObject = "{\"kind\":";
  const std::string_view payload(message.payload.data(), message.payload.size());
  const auto level = spdlog::level::to_string_view(message.level);
  std::string line;
  base::JsonWriter writer(line);
  writer.begin_object();
  writer.key("time").text(base::format_instant(
      std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch())
          .count()));
  writer.key("level").text({level.data(), level.size()});
  if (payload.starts_with(kObject)) {
    line += ',';
    line += payload.substr(1);
  } else {
    writer.key("kind").text("program").key("message").text(payload);
    writer.end_object();
  }
  line += '\n';
  out.append(line.data(), line.data() + line.size());
}

std::unique_ptr<spdlog::formatter> LogFormat::clone() const {
  return std::make_unique<LogFormat>();
}

}  // namespace kehai::app
