#include "http/notices.h"

namespace kehai::http {

void Notices::add(const std::string& kind, const std::string& line) {
  if (!warn_) return;
  std::uint64_t left_out = 0;
  {
    const std::lock_guard lock(mutex_);
    Kind& known = kinds_[kind];
    const auto now = std::chrono::steady_clock::now();
    if (now < known.next) {
      ++known.left_out;
      return;
    }
    known.next = now + std::chrono::seconds(10);
    left_out = std::exchange(known.left_out, 0);
  }
  warn_(left_out == 0 ? line : line + ", and " + std::to_string(left_out) + " more since");
}

}  // namespace kehai::http
