#include "base/text/utf8.h"

namespace kehai::text {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Length of a well-formed sequence at `position`, 0 when malformed (overlong, surrogate, above
// U+10FFFF).
std::size_t sequence_length(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return position + i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t length = sequence_length(text, position);
    if (length == 0) return false;
    position += length;
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t position = 0; position < text.size(); ++count) {
    const std::size_t length = sequence_length(text, position);
    position += length == 0 ? 1 : length;
  }
  return count;
}

std::optional<std::string_view> text_fault(std::string_view text, std::size_t max_code_points) {
  if (!is_valid_utf8(text)) return "text.encoding";
  if (text.find('\0') != std::string_view::npos) return "text.nul";
  if (count_code_points(text) > max_code_points) return "text.too_long";
  return std::nullopt;
}

char32_t next_code_point(std::string_view text, std::size_t& position) {
  const std::size_t length = sequence_length(text, position);
  if (length == 0) {
    ++position;
    return kReplacement;
  }
  const auto bits = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[position + i]) & 0x3F);
  };
  const auto lead = static_cast<unsigned char>(text[position]);
  char32_t code_point = lead;
  if (length == 2) code_point = (lead & 0x1Fu) << 6 | bits(1);
  if (length == 3) code_point = (lead & 0x0Fu) << 12 | bits(1) << 6 | bits(2);
  if (length == 4) code_point = (lead & 0x07u) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
  position += length;
  return code_point;
}

void append_utf8(std::string& out, char32_t c) {
  if (c >= 0xD800 && (c <= 0xDFFF || c > 0x10FFFF)) c = kReplacement;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::u32string to_utf32(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) out += next_code_point(text, position);
  return out;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

std::string_view take_code_points(std::string_view text, std::size_t count) {
  std::size_t position = 0;
  for (; count > 0 && position < text.size(); --count) next_code_point(text, position);
  return text.substr(0, position);
}

}  // namespace kehai::text
