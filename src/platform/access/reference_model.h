// The permission rules once more, as short and slow as possible, to hold the policy against.
// Written from the rule book, not from the policy: plain loops over roles, one record at a time, no
// branches, no sets of ids.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "platform/access/access.h"

namespace kehai::platform::model {

struct User {
  std::int64_t id = 0, department = 0, superior = 0;
  bool active = true;
  std::vector<std::int64_t> roles;
};
struct Role {
  bool is_admin = false;
  std::map<std::string, ObjectRights> rights;
};
struct Company {
  std::map<std::int64_t, std::int64_t> parent_department;
  std::map<std::int64_t, User> users;
  std::map<std::int64_t, Role> roles;
  std::map<std::int64_t, std::vector<std::int64_t>> pool_members;  // by pool: users
};
// What the record's columns say, 0 = null.
struct Membership {
  bool edits = false, is_over = false;
};
struct Record {
  std::int64_t owner = 0, parent_owner = 0, pool = 0;
  std::map<std::int64_t, Membership> members;         // by user
  std::map<std::int64_t, Membership> parent_members;  // of what it hangs on
};
enum class Kind { Owned, OwnedChild, Child, Configuration };

inline bool lists(const ObjectRights& rights, const std::string& right) {
  return std::find(rights.actions.begin(), rights.actions.end(), right) != rights.actions.end();
}

inline bool is_above(const Company& company, std::int64_t boss, std::int64_t user) {
  for (std::int64_t at = company.users.at(user).superior; at != 0;
       at = company.users.at(at).superior) {
    if (at == boss) return true;
  }
  return false;
}

inline bool is_within(const Company& company, std::int64_t department, std::int64_t outer) {
  for (std::int64_t at = department; at != 0; at = company.parent_department.at(at)) {
    if (at == outer) return true;
  }
  return false;
}

// Whether `me` reaches what belongs to `owner` under one role's scope.
inline bool reaches(const Company& company, const User& me, std::int64_t owner,
                    const ObjectRights& rights) {
  if (rights.scope == Scope::All) return true;
  if (owner == 0 || rights.scope == Scope::None) return false;
  if (owner == me.id) return true;
  const std::int64_t department = company.users.at(owner).department;
  switch (rights.scope) {
    case Scope::Subordinates:
      return is_above(company, me.id, owner);
    case Scope::Department:
      return department != 0 && department == me.department;
    case Scope::DepartmentBelow:
      return me.department != 0 && is_within(company, department, me.department);
    case Scope::Departments:
      return department != 0 && std::find(rights.departments.begin(), rights.departments.end(),
                                          department) != rights.departments.end();
    default:
      return false;
  }
}

inline bool allowed(const Company& company, const User& me, const std::string& object, Kind kind,
                    const std::string& right, const Record& record) {
  if (!me.active) return false;
  bool granted = false;
  for (const std::int64_t id : me.roles) {
    const Role& role = company.roles.at(id);
    if (role.is_admin) return true;
    if (kind == Kind::Configuration && right == "read") granted = true;
    const auto found = role.rights.find(object);
    if (found == role.rights.end()) continue;
    const ObjectRights& rights = found->second;
    if (kind == Kind::Configuration) {
      granted = granted || lists(rights, right) || lists(rights, "configure");
      continue;
    }
    if (!lists(rights, right)) continue;
    // Members read, export and, when they may, change their record, and read what hangs on it.
    if (const auto mine = record.members.find(me.id);
        mine != record.members.end() && !mine->second.is_over) {
      if (right == "read" || right == "export" || (right == "edit" && mine->second.edits))
        return true;
    }
    if (const auto mine = record.parent_members.find(me.id);
        mine != record.parent_members.end() && !mine->second.is_over && right == "read") {
      return true;
    }
    if (reaches(company, me, kind == Kind::Child ? record.parent_owner : record.owner, rights))
      return true;
    // Who owns the customer reads what hangs on it; a superior reads what hangs on a subordinate's
    // customer.
    if (kind == Kind::OwnedChild && right == "read" && record.parent_owner != 0 &&
        rights.scope != Scope::None) {
      if (record.parent_owner == me.id) return true;
      if (rights.scope == Scope::Subordinates && is_above(company, me.id, record.parent_owner))
        return true;
    }
    if (record.pool != 0 && (right == "read" || right == "claim")) {
      const auto& members = company.pool_members.at(record.pool);
      if (std::find(members.begin(), members.end(), me.id) != members.end()) return true;
    }
  }
  return granted || (kind == Kind::Configuration && right == "read");
}

// Hidden, read or edit, and whether masked; of a field that the rules of some roles name.
inline FieldRule field_rule(const Company& company, const User& me, const std::string& object,
                            bool configuration, const std::string& field) {
  bool shown = false, clear = false, editable = false,
       any_reader = configuration && me.roles.empty();
  const auto rule_of = [&](const ObjectRights& rights) {
    const auto found = rights.fields.find(field);
    return found == rights.fields.end() ? FieldRule{} : found->second;
  };
  const auto changes = [](const ObjectRights& rights) {
    return lists(rights, "edit") || lists(rights, "create") || lists(rights, "import") ||
           lists(rights, "configure");
  };
  if (any_reader) shown = clear = true;
  for (const bool only_changing : {false, true}) {
    if (only_changing && any_reader)
      break;  // roles that only create count for reading when nobody reads
    for (const std::int64_t id : me.roles) {
      const Role& role = company.roles.at(id);
      if (role.is_admin) return {record::FieldAccess::Edit, false};
      const auto found = role.rights.find(object);
      const bool silent = found == role.rights.end();
      const bool reads = configuration || (!silent && lists(found->second, "read"));
      if (!reads && !(only_changing && !silent && changes(found->second))) continue;
      any_reader = true;
      const FieldRule rule = silent ? FieldRule{} : rule_of(found->second);
      shown = shown || rule.access != record::FieldAccess::Hidden;
      clear = clear || (rule.access != record::FieldAccess::Hidden && !rule.mask);
    }
  }
  for (const std::int64_t id : me.roles) {
    const auto& rights = company.roles.at(id).rights;
    const auto found = rights.find(object);
    if (found == rights.end() || !changes(found->second)) continue;
    editable = editable || rule_of(found->second).access == record::FieldAccess::Edit;
  }
  if (!shown) return {record::FieldAccess::Hidden, true};
  return {editable ? record::FieldAccess::Edit : record::FieldAccess::Read, !clear};
}

}  // namespace kehai::platform::model
