#include "record/coerce.h"

#include <algorithm>

#include "base/error.h"
#include "record/fields/field_kit.h"

namespace kehai::record {

using base::Error;

namespace {

std::optional<base::FieldError> coerce_many(const base::Json& json, const FieldDefinition& field,
                                            Values& out) {
  if (json.is_null()) return std::nullopt;
  if (!json.is_array()) return base::FieldError{field.name, "field.list", {}};
  for (const auto& element : json.get_array()) {
    Value value;
    if (auto error = field_kit(field.type).coerce(element, field, value)) return error;
    if (!value.is_null() && std::find(out.begin(), out.end(), value) == out.end())
      out.push_back(std::move(value));
  }
  constexpr std::size_t kMaximumValues = 100;
  if (out.size() > kMaximumValues)
    return base::FieldError{field.name, "field.too_many", {{"limit", "100"}}};
  return std::nullopt;
}

}  // namespace

void coerce_field(const base::Json& json, const FieldDefinition& field, Draft& draft,
                  std::vector<base::FieldError>& errors) {
  if (field.multiple) {
    Values values;
    if (auto error = coerce_many(json, field, values)) {
      errors.push_back(std::move(*error));
    } else {
      draft.many[field.name] = std::move(values);
    }
    return;
  }
  Value value;
  if (!json.is_null()) {
    if (auto error = field_kit(field.type).coerce(json, field, value)) {
      errors.push_back(std::move(*error));
      return;
    }
  }
  draft.values[field.name] = std::move(value);
}

Draft coerce_input(const Registry& registry, const std::vector<FieldDefinition>& input,
                   const base::JsonObject& body, WriteOptions& options) {
  Draft draft;
  std::vector<base::FieldError> errors;
  for (const auto& member : body) {
    const std::string name(member.key());
    if (name == "ids" || name.starts_with("@odata.")) continue;
    if (registry.is_write_option(name)) {
      options.options[name] = member.value();
      continue;
    }
    const auto field =
        std::find_if(input.begin(), input.end(),
                     [&](const FieldDefinition& candidate) { return candidate.name == name; });
    if (field == input.end()) {
      errors.push_back({name, "field.unknown", {}});
    } else {
      coerce_field(member.value(), *field, draft, errors);
    }
  }
  for (const auto& field : input) {
    const auto given = draft.values.find(field.name);
    const bool empty = field.multiple
                           ? !draft.many.contains(field.name) || draft.many.at(field.name).empty()
                           : given == draft.values.end() || given->second.is_null();
    const bool wrong =
        std::any_of(errors.begin(), errors.end(),
                    [&](const base::FieldError& error) { return error.field == field.name; });
    if (field.required && empty && !wrong) errors.push_back({field.name, "field.required", {}});
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
  return draft;
}

}  // namespace kehai::record
