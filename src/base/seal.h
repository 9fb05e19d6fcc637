// Texts that go out and come back: nobody else can read them, make them or change them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kehai::base {

// URL-safe text of a length that depends on the length of `plain` alone; another one every time.
// `secret` is the installation's key, `purpose` keeps what is sealed for one thing from being used
// for another.
std::string seal(std::string_view plain, std::string_view purpose, std::string_view secret);
// Nothing for whatever seal() did not make with the same purpose and secret.
std::optional<std::string> unseal(std::string_view sealed, std::string_view purpose,
                                  std::string_view secret);

}  // namespace kehai::base
