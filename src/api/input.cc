#include "api/input.h"

#include <algorithm>

#include "api/route.h"

namespace kehai::api {

namespace {

std::optional<std::int64_t> id_of(const base::Json& json) {
  if (json.is_int64()) return parse_id(std::to_string(json.get_int64()));
  if (json.is_string()) return parse_id(json.get_string());
  return std::nullopt;
}

}  // namespace

std::optional<base::Json> Input::take(std::string_view name) {
  auto* found = body_.if_contains(name);
  if (found == nullptr) return std::nullopt;
  std::optional<base::Json> value(std::move(*found));
  body_.erase(name);
  return value;
}

void Input::wrong(std::string_view name, std::string code) {
  errors_.push_back({std::string(name), std::move(code), {}});
}

std::string Input::text(std::string_view name) {
  auto value = optional_text(name);
  const bool reported =
      std::any_of(errors_.begin(), errors_.end(),
                  [&](const base::FieldError& error) { return error.field == name; });
  if (!reported && (!value || value->empty())) wrong(name, "field.required");
  return value.value_or("");
}

std::optional<std::string> Input::optional_text(std::string_view name) {
  const auto value = take(name);
  if (!value || value->is_null()) return std::nullopt;
  if (!value->is_string()) {
    wrong(name, "field.text");
    return std::nullopt;
  }
  return std::string(value->get_string());
}

std::optional<std::string> Input::choice(std::string_view name,
                                         std::initializer_list<std::string_view> words) {
  auto value = optional_text(name);
  if (value && std::find(words.begin(), words.end(), *value) == words.end()) {
    wrong(name, "field.option");
    return std::nullopt;
  }
  return value;
}

bool Input::boolean(std::string_view name, bool fallback) {
  const auto value = take(name);
  if (!value || value->is_null()) return fallback;
  if (!value->is_bool()) {
    wrong(name, "field.boolean");
    return fallback;
  }
  return value->get_bool();
}

std::optional<base::Date> Input::optional_date(std::string_view name) {
  const auto value = take(name);
  if (!value || value->is_null()) return std::nullopt;
  const auto date = value->is_string() ? base::parse_date(value->get_string()) : std::nullopt;
  if (!date) wrong(name, "field.date");
  return date;
}

std::int64_t Input::id(std::string_view name) {
  const bool given = body_.contains(name) && !body_.at(name).is_null();
  const auto value = optional_id(name);
  if (!given) wrong(name, "field.required");
  return value;
}

std::int64_t Input::optional_id(std::string_view name) {
  const auto value = take(name);
  if (!value || value->is_null()) return 0;
  const auto id = id_of(*value);
  if (!id) wrong(name, "field.reference");
  return id.value_or(0);
}

std::vector<std::int64_t> Input::ids(std::string_view name) {
  std::vector<std::int64_t> out;
  const auto value = take(name);
  if (!value || value->is_null()) return out;
  if (!value->is_array()) {
    wrong(name, "field.list");
    return out;
  }
  for (const auto& element : value->get_array()) {
    const auto id = id_of(element);
    if (!id) {
      wrong(name, "field.reference");
      return {};
    }
    out.push_back(*id);
  }
  return out;
}

void Input::finish() {
  for (const auto& member : body_) wrong(member.key(), "field.unknown");
  if (!errors_.empty()) throw base::Error::fields(std::move(errors_));
}

}  // namespace kehai::api
