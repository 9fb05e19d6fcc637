#include "record/access.h"

#include <algorithm>

#include "record/record.h"

namespace kehai::record {

Actor system_actor(std::string via) {
  Actor actor;
  actor.system = true;
  actor.via = std::move(via);
  return actor;
}

query::AliasValue id_value(std::int64_t id) {
  return query::AliasValue::one({query::Type::Integer, 0}, base::Value(id));
}

query::AliasValue text_value(std::string text) {
  return query::AliasValue::one({query::Type::Text, 0}, base::Value(std::move(text)));
}

bool RowScope::hides_fields() const {
  return !all && std::any_of(branches.begin(), branches.end(),
                             [](const Branch& branch) { return !branch.hidden_fields.empty(); });
}

bool Branch::has(std::int64_t value) const {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::vector<std::string> hidden_by(const ObjectDefinition& object,
                                   const std::vector<const Branch*>& ways) {
  std::vector<std::string> hides;
  for (const Branch* way : ways) {
    const auto& own = way->hidden_fields;
    if (way == ways.front()) hides = own;
    std::erase_if(hides, [&](const std::string& field) {
      return std::find(own.begin(), own.end(), field) == own.end();
    });
  }
  // A computed value would tell what it was computed from.
  for (const auto& field : object.fields) {
    const bool tells = std::any_of(field.reads.begin(), field.reads.end(), [&](const auto& read) {
      return std::find(hides.begin(), hides.end(), read) != hides.end();
    });
    if (tells) hides.push_back(field.name);
  }
  return hides;
}

bool admits(const RowScope& scope, const Record& record, std::vector<std::string>* hidden) {
  if (scope.all) return true;
  std::vector<const Branch*> ways;
  for (const auto& branch : scope.branches) {
    if (record.definition().field_index(branch.column) < 0) continue;
    const auto& value = record.get(branch.column);
    if (!value.is_int() || !branch.has(value.as_int())) continue;
    if (branch.hidden_fields.empty()) return true;
    ways.push_back(&branch);
  }
  if (ways.empty()) return false;
  if (hidden != nullptr) *hidden = hidden_by(record.definition(), ways);
  return true;
}

}  // namespace kehai::record
