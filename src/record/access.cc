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

bool admits(const RowScope& scope, const Record& record, std::vector<std::string>* hidden) {
  if (scope.all) return true;
  const Branch* hiding = nullptr;
  std::vector<std::string> hides;  // by every branch so far
  for (const auto& branch : scope.branches) {
    if (record.definition().field_index(branch.column) < 0) continue;
    const auto& value = record.get(branch.column);
    if (!value.is_int() || std::find(branch.values.begin(), branch.values.end(), value.as_int()) ==
                               branch.values.end()) {
      continue;
    }
    if (branch.hidden_fields.empty()) return true;
    if (hiding == nullptr) {
      hides = branch.hidden_fields;
    } else {
      std::erase_if(hides, [&](const std::string& field) {
        return std::find(branch.hidden_fields.begin(), branch.hidden_fields.end(), field) ==
               branch.hidden_fields.end();
      });
    }
    hiding = &branch;
  }
  if (hiding == nullptr) return false;
  if (hidden == nullptr) return true;
  // A computed value would tell what it was computed from.
  for (const auto& field : record.definition().fields) {
    const bool tells = std::any_of(field.reads.begin(), field.reads.end(), [&](const auto& read) {
      return std::find(hides.begin(), hides.end(), read) != hides.end();
    });
    if (tells) hides.push_back(field.name);
  }
  *hidden = std::move(hides);
  return true;
}

}  // namespace kehai::record
