// Passwords: which are accepted, and their Argon2id hashes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace kehai::platform {

constexpr std::size_t kPasswordMinimum = 8;    // code points
constexpr std::size_t kPasswordMaximum = 256;  // code points; nothing is cut off

// What is refused: too short, too long, common ones, the person's own login or name, one character
// or one run repeated. Immutable; safe from any thread.
class PasswordRules {
 public:
  PasswordRules();
  // "password.too_short", "password.too_long", "password.encoding", "password.common"; nothing when
  // accepted. `personal` = login, name, organisation …
  std::optional<std::string> fault(std::string_view password,
                                   const std::vector<std::string>& personal) const;

 private:
  std::unordered_set<std::string> common_;
};

// Argon2id (19 MiB, 2 passes). At most two run at a time and a few wait: a flood of sign-ins must
// not take the memory and the cores from everybody else. Beyond that throws Unavailable
// "session.busy". Safe from any thread.
class PasswordHasher {
 public:
  PasswordHasher();
  std::string hash(std::string_view password);
  bool verify(const std::string& hash, std::string_view password);
  // The same work for somebody who does not exist; always false.
  bool verify_nobody(std::string_view password);
  // Whether the hash was made with weaker settings.
  bool is_outdated(const std::string& hash) const;

 private:
  class Place;

  std::mutex mutex_;
  std::condition_variable free_;
  int running_ = 0;
  int waiting_ = 0;
  std::string nobody_;
};

}  // namespace kehai::platform
