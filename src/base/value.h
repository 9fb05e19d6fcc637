// The storage value: what a column holds and a parameter carries, on both databases.
//
// There is no floating point and no separate boolean: booleans are 0/1, money is 1/100 of the major
// unit, decimals are scaled by the field's fixed scale, dates are days since 1970-01-01, instants
// are milliseconds since 1970-01-01T00:00Z. The field (or the typed expression) gives the meaning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kehai::base {

class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : data_(static_cast<std::int64_t>(value)) {}
  Value(int value) : data_(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) : data_(value) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}

  bool is_null() const { return data_.index() == 0; }
  bool is_int() const { return data_.index() == 1; }
  bool is_text() const { return data_.index() == 2; }
  std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
  const std::string& as_text() const { return std::get<std::string>(data_); }
  // For callers that accept null: a default instead of an exception.
  std::int64_t int_or(std::int64_t fallback) const { return is_int() ? as_int() : fallback; }
  std::string text_or(std::string_view fallback) const {
    return is_text() ? as_text() : std::string(fallback);
  }

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, std::int64_t, std::string> data_;
};

using Values = std::vector<Value>;

// A value that stands in somebody else's memory: a Value, or a row of a statement while it is the
// current one. Cheap to copy.
class ValueView {
 public:
  ValueView() = default;
  ValueView(std::int64_t value) : data_(value) {}
  ValueView(std::string_view value) : data_(value) {}
  ValueView(const Value& value) {
    if (value.is_int()) data_ = value.as_int();
    if (value.is_text()) data_ = std::string_view(value.as_text());
  }

  bool is_null() const { return data_.index() == 0; }
  bool is_int() const { return data_.index() == 1; }
  bool is_text() const { return data_.index() == 2; }
  std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
  std::string_view as_text() const { return std::get<std::string_view>(data_); }
  std::int64_t int_or(std::int64_t fallback) const { return is_int() ? as_int() : fallback; }
  Value value() const {
    if (is_int()) return Value(as_int());
    return is_text() ? Value(as_text()) : Value();
  }

 private:
  std::variant<std::monostate, std::int64_t, std::string_view> data_;
};

}  // namespace kehai::base
