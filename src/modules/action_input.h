// Small readers for the input of actions, shared by all modules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "record/registry.h"

namespace kehai::modules {

inline const record::Value& input_value(const record::Draft& input, std::string_view name) {
  static const record::Value kNull;
  const auto found = input.values.find(name);
  return found == input.values.end() ? kNull : found->second;
}
inline std::int64_t input_id(const record::Draft& input, std::string_view name) {
  return input_value(input, name).int_or(0);
}
inline std::string input_text(const record::Draft& input, std::string_view name) {
  return input_value(input, name).text_or("");
}
inline record::FieldDefinition input_field(std::string_view json) {
  return record::parse_field_definition("action", base::parse_json(json).as_object());
}
inline base::Error field_error(std::string field, std::string code, base::Params params = {}) {
  return base::Error::fields({{std::move(field), std::move(code), std::move(params)}});
}

}  // namespace kehai::modules
