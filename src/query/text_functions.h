// Text as the expression language sees it: UTF-8 (always valid here) counted in code points.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kehai::query {

std::int64_t code_point_count(std::string_view text);
// Zero-based code-point position of the first occurrence; -1 when there is none.
std::int64_t code_point_index(std::string_view text, std::string_view needle);
// Code points [start, start + count); both clamped as docs/expression-language.md says.
std::string_view substring(std::string_view text, std::int64_t start,
                           std::optional<std::int64_t> count);
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);

// What trim() removes, as one text of single code points.
inline constexpr std::string_view kTrimmed = " \t\n\r\u00A0\u3000";
std::string_view trim(std::string_view text);

// The smallest text that is greater than every text beginning with `prefix`, by code point; nullopt
// when there is none (prefix empty or only U+10FFFF).
std::optional<std::string> prefix_end(std::string_view prefix);

}  // namespace kehai::query
