#include "query/text_functions.h"

#include <algorithm>

namespace kehai::query {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

char32_t decode(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead;
  char32_t code = lead & (0x7FU >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    code = (code << 6) | (static_cast<unsigned char>(sequence[i]) & 0x3FU);
  }
  return code;
}

void append(std::string& out, char32_t code) {
  const auto tail = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3F)));
  };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    tail(0);
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_surrogate(char32_t code) {
  return code >= 0xD800 && code < 0xE000;
}

// Byte offset of code point number `index`, or the end.
std::size_t offset_of(std::string_view text, std::int64_t index) {
  if (index >= static_cast<std::int64_t>(text.size())) return text.size();
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) {
    ++at;
    while (at < text.size() && is_continuation(text[at])) ++at;
  }
  return at;
}

std::size_t last_sequence(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && is_continuation(text[at])) --at;
  return at;
}

}  // namespace

std::int64_t code_point_count(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); });
}

std::int64_t code_point_index(std::string_view text, std::string_view needle) {
  const std::size_t at = text.find(needle);
  return at == std::string_view::npos ? -1 : code_point_count(text.substr(0, at));
}

std::string_view substring(std::string_view text, std::int64_t start,
                           std::optional<std::int64_t> count) {
  const std::string_view rest = text.substr(offset_of(text, std::max<std::int64_t>(start, 0)));
  if (!count) return rest;
  return rest.substr(0, offset_of(rest, std::max<std::int64_t>(*count, 0)));
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string ascii_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

std::string_view trim(std::string_view text) {
  const auto is_trimmed = [](std::string_view sequence) {
    return kTrimmed.find(sequence) != std::string_view::npos;
  };
  while (!text.empty()) {
    const std::size_t length = offset_of(text, 1);
    if (!is_trimmed(text.substr(0, length))) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    const std::size_t at = last_sequence(text);
    if (!is_trimmed(text.substr(at))) break;
    text = text.substr(0, at);
  }
  return text;
}

std::optional<std::string> prefix_end(std::string_view prefix) {
  while (!prefix.empty()) {
    const std::size_t at = last_sequence(prefix);
    char32_t code = decode(prefix.substr(at)) + 1;
    if (is_surrogate(code)) code = 0xE000;
    if (code <= 0x10FFFF) {
      std::string out(prefix.substr(0, at));
      append(out, code);
      return out;
    }
    prefix = prefix.substr(0, at);
  }
  return std::nullopt;
}

}  // namespace kehai::query
