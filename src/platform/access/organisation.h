// Departments, users, roles and their rights as one immutable snapshot, loaded once per access
// epoch.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/language.h"
#include "db/database.h"
#include "platform/access/access.h"

namespace kehai::platform {

struct Organisation {
  struct User {
    std::string name;
    base::Language language = base::Language::SimplifiedChinese;
    std::int64_t department_id = 0;
    std::int64_t superior_id = 0;
    bool active = false;
    std::vector<std::int64_t> role_ids;
  };
  struct Role {
    std::string name;
    std::map<std::string, ObjectRights> rights;  // by object
  };

  std::int64_t epoch = 0;
  std::unordered_map<std::int64_t, User> users;
  std::unordered_map<std::int64_t, Role> roles;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> child_departments;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> direct_subordinates;

  // The department and all below it, sorted; empty for 0.
  std::vector<std::int64_t> departments_below(std::int64_t department_id) const;
  // Everyone below the user in the chain of superiors, without the user, sorted.
  std::vector<std::int64_t> subordinates(std::int64_t user_id) const;
  // Sorted.
  std::vector<std::int64_t> users_in(const std::vector<std::int64_t>& departments) const;
};

std::shared_ptr<const Organisation> load_organisation(db::Reader& reader, std::int64_t epoch);

}  // namespace kehai::platform
