// Percent-encoding, UTF-8 checking and small ASCII helpers that every part of http/ shares. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kehai::http {

// Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

char to_lower_ascii(char c);
std::string to_lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
// Without blanks and tabs at both ends (OWS of RFC 9110).
std::string_view trim_blanks(std::string_view text);
// RFC 9110 token characters, not empty.
bool is_token(std::string_view text);
// Value of a hexadecimal digit or -1.
int hex_digit(char c);

// Decodes %XX. Nothing when an escape is broken, the result holds NUL or is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);
// Encodes everything except the unreserved characters of RFC 3986 (and '/' when asked).
std::string percent_encode(std::string_view text, bool keep_slash = false);

// "a=1&b=2": '+' means blank, order and duplicates are kept, an empty part is skipped. Nothing when
// a part is broken (see percent_decode) or there are more than 256 parts.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
std::optional<QueryParameters> parse_query(std::string_view query);

// The path of a request in its one canonical form: percent-decoded once. Nothing for whatever could
// mean two things: not starting with '/', an empty segment (but for a trailing '/'), "." and ".."
// segments, an escaped '/' or '\', a raw '\', control characters, broken escapes or UTF-8.
std::optional<std::string> canonical_path(std::string_view raw);

}  // namespace kehai::http
