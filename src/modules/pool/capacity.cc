#include "modules/pool/capacity.h"

#include <algorithm>
#include <map>
#include <vector>

#include "modules/territory/territories.h"

namespace kehai::modules {

namespace {

// Departments from the person's own up to the root.
std::vector<std::int64_t> department_chain(record::Tx& tx, std::int64_t department) {
  std::vector<std::int64_t> chain;
  while (department != 0 && std::find(chain.begin(), chain.end(), department) == chain.end()) {
    chain.push_back(department);
    const auto record = tx.find("department", department);
    department = record ? record->integer("parent_id") : 0;
  }
  return chain;
}

}  // namespace

Capacity capacity_of(record::Tx& tx, std::string_view kind, std::int64_t user) {
  const auto rules = tx.find_all("capacity_rule", "kind eq @kind",
                                 {{"kind", record::text_value(std::string(kind))}});
  if (rules.empty()) return {};
  const auto person = tx.find("user", user);
  const auto departments = department_chain(tx, person ? person->integer("department_id") : 0);
  std::map<std::int64_t, int> territories;
  if (std::any_of(rules.begin(), rules.end(),
                  [](const auto& rule) { return rule.text("subject") == "territory"; })) {
    territories = territories_of(read_territories(tx.writer()), user);
  }
  // Rank: user, role, territories and then departments from the nearest outwards, everyone.
  constexpr int kTerritory = 2;
  constexpr int kDepartment = 100'000;
  constexpr int kEveryone = 1'000'000;
  const auto rank = [&](const record::Record& rule) -> int {
    const std::string subject = rule.text("subject");
    const std::int64_t id = rule.integer("subject_id");
    if (subject == "user") return id == user ? 0 : -1;
    if (subject == "role") {
      const auto& roles = person ? person->many("role_ids") : record::Values{};
      return std::find(roles.begin(), roles.end(), record::Value(id)) != roles.end() ? 1 : -1;
    }
    if (subject == "territory") {
      const auto found = territories.find(id);
      return found == territories.end() ? -1 : kTerritory + found->second;
    }
    if (subject == "department") {
      const auto found = std::find(departments.begin(), departments.end(), id);
      return found == departments.end()
                 ? -1
                 : kDepartment + static_cast<int>(found - departments.begin());
    }
    return kEveryone;
  };
  int best = -1;
  Capacity found;
  for (const auto& rule : rules) {
    const int position = rank(rule);
    if (position < 0 || (best >= 0 && position > best)) continue;
    const auto own =
        rule.is_null("capacity") ? std::nullopt : std::optional(rule.integer("capacity"));
    if (best < 0 || position < best) {
      best = position;
      found = {own, rule.integer("excludes_won") != 0};
    } else if (own && (!found.limit || *own < *found.limit)) {
      found = {own, rule.integer("excludes_won") != 0};
    }
  }
  return found;
}

}  // namespace kehai::modules
