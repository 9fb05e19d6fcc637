// UTF-8: checking, counting and decoding. Stateless, safe from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kehai::text {

bool is_valid_utf8(std::string_view text);
// Code points; a malformed byte counts as one.
std::size_t count_code_points(std::string_view text);
// What makes a text unfit for storage: "text.encoding", "text.nul", "text.too_long"; nothing when
// it fits.
std::optional<std::string_view> text_fault(std::string_view text, std::size_t max_code_points);

// Reads one code point and moves `position`; malformed input gives U+FFFD and moves by one byte.
char32_t next_code_point(std::string_view text, std::size_t& position);
void append_utf8(std::string& out, char32_t code_point);
std::u32string to_utf32(std::string_view text);
std::string to_utf8(std::u32string_view text);
// The first `count` code points.
std::string_view take_code_points(std::string_view text, std::size_t count);

inline bool is_han(char32_t c) {
  return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x323AF) ||
         (c >= 0xF900 && c <= 0xFAFF) || c == 0x3007;
}
inline bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
inline bool is_ascii_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace kehai::text
