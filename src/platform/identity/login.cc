#include "platform/identity/login.h"

#include "base/text/fold.h"
#include "base/text/utf8.h"

namespace kehai::platform {

namespace {

bool is_allowed(char32_t c) {
  return text::is_ascii_letter(c) || text::is_digit(c) || text::is_han(c) || c == '.' || c == '_' ||
         c == '-' || c == '@' || c == '+';
}

}  // namespace

std::optional<std::string> normalize_login(std::string_view login) {
  const std::size_t first = login.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return std::nullopt;
  login = login.substr(first, login.find_last_not_of(" \t\r\n") - first + 1);
  if (text::text_fault(login, kLoginMaximum) || text::count_code_points(login) < kLoginMinimum)
    return std::nullopt;
  for (std::size_t position = 0; position < login.size();) {
    if (!is_allowed(text::next_code_point(login, position))) return std::nullopt;
  }
  return std::string(login);
}

std::string login_key(std::string_view login) {
  return text::fold(login);
}

}  // namespace kehai::platform
