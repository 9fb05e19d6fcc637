#include "platform/transfer/formats/xlsx_text.h"

#include <charconv>
#include <cstdint>
#include <utility>

namespace kehai::platform {

namespace {

// UTF-8 of a code point of the basic plane.
void append_character(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// True when `text` reads _xHHHH at `at`; gives the code.
bool escape_begins_at(std::string_view text, std::size_t at, unsigned& code) {
  if (at + 6 > text.size() || text[at] != '_' || text[at + 1] != 'x') return false;
  const char* from = text.data() + at + 2;
  return std::from_chars(from, from + 4, code, 16).ptr == from + 4;
}

bool escape_at(std::string_view text, std::size_t at, unsigned& code) {
  return at + 7 <= text.size() && text[at + 6] == '_' && escape_begins_at(text, at, code);
}

void append_escape(std::string& out, unsigned code) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  out += "_x";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[code >> shift & 15];
  out += '_';
}

}  // namespace

void decode_xlsx_escapes(std::string& text) {
  std::size_t at = text.find("_x");
  if (at == std::string::npos) return;
  std::string decoded;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find("_x", at)) {
    unsigned code = 0;
    if (!escape_at(text, at, code) || (code >= 0xD800 && code <= 0xDFFF)) {
      at += 2;
      continue;
    }
    decoded.append(text, copied, at - copied);
    append_character(decoded, code);
    at += 7;
    copied = at;
  }
  decoded.append(text, copied);
  text = std::move(decoded);
}

std::string escape_xlsx_text(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    unsigned code = 0;
    if ((byte < 0x20 && byte != '\t' && byte != '\n')) {
      append_escape(escaped, byte);
    } else if (byte == '_' && escape_begins_at(text, i, code)) {
      // Also without the closing underscore: the escape of the next character may begin with one.
      append_escape(escaped, '_');
    } else if (byte == 0xEF && i + 2 < text.size() &&
               static_cast<unsigned char>(text[i + 1]) == 0xBF &&
               (static_cast<unsigned char>(text[i + 2]) & 0xFE) == 0xBE) {
      append_escape(escaped, 0xFF00u | (static_cast<unsigned char>(text[i + 2]) + 0x40u));
      i += 2;
    } else {
      escaped += text[i];
    }
  }
  return escaped;
}

bool cut_utf16(std::string& text, std::size_t units) {
  if (text.size() <= units) return false;
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) == 0x80) continue;
    used += byte >= 0xF0 ? 2 : 1;
    if (used > units) {
      text.resize(i);
      return true;
    }
  }
  return false;
}

}  // namespace kehai::platform
