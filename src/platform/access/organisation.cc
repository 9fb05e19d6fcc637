#include "platform/access/organisation.h"

#include <algorithm>
#include <set>

#include "platform/access/role_rights.h"

namespace kehai::platform {

namespace {

const db::Table kUser("user");
const db::Table kUserRoles("user__role_ids");
const db::Table kDepartment("department");
const db::Table kRole("role");

// Everything reachable from `start`; survives cycles, which the guards refuse but a restored file
// might hold.
std::vector<std::int64_t> reach(
    const std::unordered_map<std::int64_t, std::vector<std::int64_t>>& edges, std::int64_t start) {
  std::set<std::int64_t> seen{start};
  std::vector<std::int64_t> open{start};
  while (!open.empty()) {
    const auto found = edges.find(open.back());
    open.pop_back();
    if (found == edges.end()) continue;
    for (const std::int64_t next : found->second) {
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  return {seen.begin(), seen.end()};
}

}  // namespace

std::vector<std::int64_t> Organisation::departments_below(std::int64_t department_id) const {
  if (department_id == 0) return {};
  return reach(child_departments, department_id);
}

std::vector<std::int64_t> Organisation::subordinates(std::int64_t user_id) const {
  auto out = reach(direct_subordinates, user_id);
  std::erase(out, user_id);
  return out;
}

std::vector<std::int64_t> Organisation::users_in(
    const std::vector<std::int64_t>& departments) const {
  const std::set<std::int64_t> wanted(departments.begin(), departments.end());
  std::vector<std::int64_t> out;
  for (const auto& [id, user] : users) {
    if (user.department_id != 0 && wanted.contains(user.department_id)) out.push_back(id);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::shared_ptr<const Organisation> load_organisation(db::Reader& reader, std::int64_t epoch) {
  auto organisation = std::make_shared<Organisation>();
  organisation->epoch = epoch;
  kDepartment.select_each(reader, {{"id", "parent_id"}, {}, {}, 0, false}, [&](const db::Row& row) {
    if (!row.is_null(1)) organisation->child_departments[row.get_int(1)].push_back(row.get_int(0));
  });
  kUser.select_each(
      reader,
      {{"id", "name", "language", "department_id", "superior_id", "status"}, {}, {}, 0, false},
      [&](const db::Row& row) {
        Organisation::User user;
        user.name = row.get_text(1);
        user.language = base::parse_language(row.get_text(2));
        user.department_id = row.get_int(3);
        user.superior_id = row.get_int(4);
        user.active = row.get_text(5) == "active";
        if (user.superior_id != 0)
          organisation->direct_subordinates[user.superior_id].push_back(row.get_int(0));
        organisation->users.emplace(row.get_int(0), std::move(user));
      });
  kUserRoles.select_each(reader, {{"record_id", "value"}, {}, {}, 0, false},
                         [&](const db::Row& row) {
                           const auto user = organisation->users.find(row.get_int(0));
                           if (user != organisation->users.end())
                             user->second.role_ids.push_back(row.get_int(1));
                         });
  kRole.select_each(reader, {{"id", "name"}, {}, {}, 0, false}, [&](const db::Row& row) {
    organisation->roles[row.get_int(0)].name = row.get_text(1);
  });
  for (auto& [role_id, rights] : read_all_role_rights(reader)) {
    const auto role = organisation->roles.find(role_id);
    if (role != organisation->roles.end()) role->second.rights = std::move(rights);
  }
  return organisation;
}

}  // namespace kehai::platform
