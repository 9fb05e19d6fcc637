// What a login may look like, and the form under which two logins are the same.
// Pure functions, safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kehai::platform {

constexpr std::size_t kLoginMinimum = 2;
constexpr std::size_t kLoginMaximum = 64;

// Without blanks around it; nothing when it is no possible login: 2–64 letters, digits, Han
// characters or . _ - @ + (no other scripts, so that two logins never look alike).
std::optional<std::string> normalize_login(std::string_view login);
// As the engine's unique keys are made: case, width and 简/繁 do not matter.
std::string login_key(std::string_view login);

}  // namespace kehai::platform
