#include "record/registry.h"

#include <algorithm>

namespace kehai::record {

bool Change::changed(std::string_view field) const {
  const int index = object.field_index(field);
  // Unknown names throw.
  if (index < 0) return !after->is_null(field);
  return changed_at(static_cast<std::size_t>(index));
}

bool Change::changed_at(std::size_t field) const {
  if (object.fields[field].multiple) {
    const auto& now = after->many_at(field);
    return before == nullptr ? !now.empty() : before->many_at(field) != now;
  }
  if (before == nullptr) return !after->at(field).is_null();
  return !(before->at(field) == after->at(field));
}

void Registry::add_definition(std::string_view json_text) {
  definitions_.push_back(parse_definition(base::parse_json(json_text)));
}

void Registry::add_hooks(Hooks hooks) {
  const auto after =
      std::upper_bound(hooks_.begin(), hooks_.end(), hooks.order,
                       [](int order, const Hooks& other) { return order < other.order; });
  hooks_.insert(after, std::move(hooks));
}

bool Registry::is_write_option(std::string_view name) const {
  return std::find(write_options_.begin(), write_options_.end(), name) != write_options_.end();
}

const Action* Registry::action(std::string_view object, std::string_view name) const {
  for (const auto& action : actions_) {
    if (action.object == object && action.name == name) return &action;
  }
  return nullptr;
}

}  // namespace kehai::record
