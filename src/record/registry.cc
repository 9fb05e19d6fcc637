#include "record/registry.h"

#include <algorithm>

namespace kehai::record {

bool Change::changed(std::string_view field) const {
  if (before == nullptr) return !after->is_null(field) || !after->many(field).empty();
  return !(before->get(field) == after->get(field)) || before->many(field) != after->many(field);
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
