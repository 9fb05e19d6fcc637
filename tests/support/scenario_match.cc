#include "scenario_match.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace kehai::scenario {

namespace {

constexpr std::array<std::string_view, 16> kReserved = {
    "filter",    "orderby", "select", "expand", "search",   "top", "skip",   "count",
    "skiptoken", "format",  "apply",  "batch",  "metadata", "it",  "entity", "root"};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_name_character(text[length])) ++length;
  return length;
}

std::string as_text(const base::Json& value) {
  return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

bool is_variable(const base::Json& json) {
  if (!json.is_string()) return false;
  const std::string_view text = json.get_string();
  return text.size() > 1 && text[0] == '$' && name_length(text.substr(1)) == text.size() - 1;
}

bool equal_values(const base::Json& a, const base::Json& b) {
  // 12.00 and 12 are the same number.
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  return a == b;
}

std::string describe(const std::string& place, const base::Json& expected,
                     const base::Json* actual) {
  return (place.empty() ? std::string("the answer") : place) + ": expected " +
         boost::json::serialize(expected) + ", got " +
         (actual == nullptr ? std::string("nothing") : boost::json::serialize(*actual));
}

std::string compare_list(const base::JsonArray& expected, const base::JsonArray& actual,
                         Captures& captures, const std::string& place) {
  const bool open =
      !expected.empty() && expected.back().is_string() && expected.back().get_string() == "<more>";
  if (!open) {
    if (expected.size() != actual.size()) {
      return place + ": expected " + std::to_string(expected.size()) + " elements, got " +
             std::to_string(actual.size()) + ": " + boost::json::serialize(actual);
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      auto found =
          difference(expected[i], &actual[i], captures, place + "[" + std::to_string(i) + "]");
      if (!found.empty()) return found;
    }
    return {};
  }
  for (std::size_t i = 0; i + 1 < expected.size(); ++i) {
    const bool found = std::any_of(actual.begin(), actual.end(), [&](const base::Json& element) {
      return difference(expected[i], &element, captures, place).empty();
    });
    if (!found)
      return place + ": no element is " + boost::json::serialize(expected[i]) + " in " +
             boost::json::serialize(actual);
  }
  return {};
}

}  // namespace

void Captures::set(const std::string& name, base::Json value) {
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    throw std::runtime_error("$" + name + " is the name of a query option");
  }
  values_[name] = std::move(value);
}

const base::Json* Captures::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Captures::in_text(std::string_view text) const {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t length = text[i] == '$' ? name_length(text.substr(i + 1)) : 0;
    const auto* value = length == 0 ? nullptr : find(text.substr(i + 1, length));
    if (value == nullptr) {
      out += text[i];
    } else {
      out += as_text(*value);
      i += length;
    }
  }
  return out;
}

base::Json Captures::in_json(const base::Json& json) const {
  if (is_variable(json)) {
    const auto* value = find(std::string_view(json.get_string()).substr(1));
    return value == nullptr ? json : *value;
  }
  if (json.is_string()) return base::Json(in_text(json.get_string()));
  if (json.is_object()) {
    base::JsonObject out;
    for (const auto& member : json.get_object()) out[member.key()] = in_json(member.value());
    return out;
  }
  if (json.is_array()) {
    base::JsonArray out;
    for (const auto& element : json.get_array()) out.push_back(in_json(element));
    return out;
  }
  return json;
}

std::string difference(const base::Json& expected, const base::Json* actual, Captures& captures,
                       const std::string& place) {
  if (expected.is_string()) {
    const std::string_view word = expected.get_string();
    if (word == "<absent>") return actual == nullptr ? "" : describe(place, expected, actual);
    if (actual == nullptr) return describe(place, expected, actual);
    if (word == "<any>") return "";
    if (word == "<text>") return actual->is_string() ? "" : describe(place, expected, actual);
    if (word == "<number>") return actual->is_number() ? "" : describe(place, expected, actual);
    if (is_variable(expected)) {
      const auto* value = captures.find(word.substr(1));
      if (value == nullptr) {
        captures.set(std::string(word.substr(1)), *actual);
        return "";
      }
      return equal_values(*value, *actual) ? "" : describe(place, *value, actual);
    }
  }
  if (actual == nullptr) return describe(place, expected, actual);
  if (expected.is_object()) {
    if (!actual->is_object()) return describe(place, expected, actual);
    for (const auto& member : expected.get_object()) {
      auto found = difference(member.value(), actual->get_object().if_contains(member.key()),
                              captures, place + "." + std::string(member.key()));
      if (!found.empty()) return found;
    }
    return "";
  }
  if (expected.is_array()) {
    if (!actual->is_array()) return describe(place, expected, actual);
    return compare_list(expected.get_array(), actual->get_array(), captures, place);
  }
  return equal_values(expected, *actual) ? "" : describe(place, expected, actual);
}

}  // namespace kehai::scenario
