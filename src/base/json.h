// JSON: Boost.JSON for reading (requests, definitions), a direct-to-string writer for answers.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/value.h"

namespace kehai::base {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

// Parses strictly: depth <= 32, no duplicate keys, no comments, valid UTF-8, nothing after the
// value. Throws Error Invalid "json.invalid" {position}.
Json parse_json(std::string_view text);

// Members of an object with a default, for definitions and settings.
std::string json_text(const JsonObject& object, std::string_view key,
                      std::string_view fallback = {});
std::int64_t json_int(const JsonObject& object, std::string_view key, std::int64_t fallback = 0);
bool json_bool(const JsonObject& object, std::string_view key, bool fallback = false);

// Appends a JSON string literal with quotes. Invalid UTF-8 becomes U+FFFD; "</" is escaped so that
// the text may stand inside a <script>.
void append_json_string(std::string& out, std::string_view text);
void append_json_int(std::string& out, std::int64_t value);
// A scaled integer as a JSON number with exactly `scale` digits: 12345, scale 2 → 123.45.
void append_json_decimal(std::string& out, std::int64_t value, int scale);

// Writes one JSON document into a string; commas and quotes are its business, nesting is the
// caller's.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  // The same with a name as append_json_string() writes it and its colon, for what is written
  // often.
  JsonWriter& ready_key(std::string_view name_and_colon);
  JsonWriter& text(std::string_view value);
  // Text that `append(std::string&)` adds and that needs no escape.
  template <typename Append>
  JsonWriter& plain_text(const Append& append) {
    separate();
    out_.push_back('"');
    append(out_);
    out_.push_back('"');
    return *this;
  }
  JsonWriter& integer(std::int64_t value);
  JsonWriter& decimal(std::int64_t value, int scale);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);
  // Storage value without field meaning: integer, text or null.
  JsonWriter& value(const Value& value);

 private:
  void separate() {
    if (need_comma_) out_.push_back(',');
    need_comma_ = true;
  }
  std::string& out_;
  bool need_comma_ = false;
};

}  // namespace kehai::base
