#include "base/json.h"

#include <array>
#include <charconv>

#include "base/error.h"

namespace kehai::base {

namespace {

// Boost.JSON keeps the last of equal keys, so a document with duplicates has more colons than
// parsed members.
std::size_t count_members(const Json& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count += object->size();
    for (const auto& member : *object) count += count_members(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array) count += count_members(element);
  }
  return count;
}

std::size_t count_colons_outside_strings(std::string_view text) {
  std::size_t count = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == ':') {
      ++count;
    }
  }
  return count;
}

constexpr char kHex[] = "0123456789abcdef";

// Bytes that stand for themselves in a string literal.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\' && c != '<';
  return plain;
}();

// Length of the valid UTF-8 sequence at position i, 0 when invalid.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const auto continuation = [&](std::size_t k) {
    return k < text.size() && (byte(k) & 0xC0) == 0x80;
  };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continuation(i + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continuation(i + 1) || !continuation(i + 2)) return 0;
    if (lead == 0xE0 && byte(i + 1) < 0xA0) return 0;
    if (lead == 0xED && byte(i + 1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continuation(i + 1) || !continuation(i + 2) || !continuation(i + 3)) return 0;
    if (lead == 0xF0 && byte(i + 1) < 0x90) return 0;
    if (lead == 0xF4 && byte(i + 1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

Json parse_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 32;
  boost::json::error_code code;
  boost::json::parser parser({}, options);
  const std::size_t used = parser.write_some(text.data(), text.size(), code);
  if (code) throw Error(ErrorKind::Invalid, "json.invalid", {{"position", std::to_string(used)}});
  for (std::size_t i = used; i < text.size(); ++i) {
    if (text[i] != ' ' && text[i] != '\n' && text[i] != '\r' && text[i] != '\t') {
      throw Error(ErrorKind::Invalid, "json.invalid", {{"position", std::to_string(i)}});
    }
  }
  Json value = parser.release();
  if (count_members(value) != count_colons_outside_strings(text)) {
    throw Error(ErrorKind::Invalid, "json.duplicate_key");
  }
  return value;
}

std::string json_text(const JsonObject& object, std::string_view key, std::string_view fallback) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::string(fallback);
  return std::string(value->get_string());
}

std::int64_t json_int(const JsonObject& object, std::string_view key, std::int64_t fallback) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : fallback;
}

bool json_bool(const JsonObject& object, std::string_view key, bool fallback) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() ? value->get_bool() : fallback;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t start = 0;
  const auto flush = [&](std::size_t end) { out.append(text.substr(start, end - start)); };
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (kPlain[c]) {
      ++i;
      continue;
    }
    if (c >= 0x80) {
      const std::size_t length = sequence_length(text, i);
      if (length != 0) {
        i += length;
        continue;
      }
      flush(i);
      out.append("\xEF\xBF\xBD");
    } else {
      flush(i);
      switch (c) {
        case '"':
          out.append("\\\"");
          break;
        case '\\':
          out.append("\\\\");
          break;
        case '\n':
          out.append("\\n");
          break;
        case '\r':
          out.append("\\r");
          break;
        case '\t':
          out.append("\\t");
          break;
        default:
          out.append("\\u00");
          out.push_back(kHex[c >> 4]);
          out.push_back(kHex[c & 15]);
      }
    }
    ++i;
    start = i;
  }
  flush(text.size());
  out.push_back('"');
}

void append_json_int(std::string& out, std::int64_t value) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, result.ptr);
}

void append_json_decimal(std::string& out, std::int64_t value, int scale) {
  if (scale <= 0) return append_json_int(out, value);
  char buffer[24];
  const bool negative = value < 0;
  // Unsigned negation is defined for the smallest int64 as well.
  const std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, magnitude);
  std::string_view digits(buffer, static_cast<std::size_t>(result.ptr - buffer));
  if (negative) out.push_back('-');
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) {
    out.append("0.");
    out.append(places - digits.size(), '0');
    out.append(digits);
  } else {
    out.append(digits.substr(0, digits.size() - places));
    out.push_back('.');
    out.append(digits.substr(digits.size() - places));
  }
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_.push_back('{');
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  need_comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  need_comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_.push_back(':');
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::ready_key(std::string_view name_and_colon) {
  separate();
  out_.append(name_and_colon);
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}
JsonWriter& JsonWriter::integer(std::int64_t value) {
  separate();
  append_json_int(out_, value);
  return *this;
}
JsonWriter& JsonWriter::decimal(std::int64_t value, int scale) {
  separate();
  append_json_decimal(out_, value, scale);
  return *this;
}
JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_.append(value ? "true" : "false");
  return *this;
}
JsonWriter& JsonWriter::null() {
  separate();
  out_.append("null");
  return *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}
JsonWriter& JsonWriter::value(const Value& value) {
  if (value.is_null()) return null();
  if (value.is_int()) return integer(value.as_int());
  return text(value.as_text());
}

}  // namespace kehai::base
