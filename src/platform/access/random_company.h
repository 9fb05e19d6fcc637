// Random companies for the permission tests: departments, users, roles with rights, pools.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "platform/access/reference_model.h"

namespace kehai::platform::model {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(base::make_seeded_random(seed)) {}
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(bound)));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<std::int64_t>(from.size())))];
  }

 private:
  std::unique_ptr<base::Random> random_;
};

inline const std::vector<std::string>& rights_of_objects() {
  static const std::vector<std::string> rights{"read",  "edit",   "create",   "delete",
                                               "claim", "export", "configure"};
  return rights;
}

inline ObjectRights random_rights(Dice& dice, const std::vector<std::int64_t>& departments,
                                  const std::vector<std::string>& fields) {
  ObjectRights rights;
  rights.scope = static_cast<Scope>(dice.below(7));
  for (const auto& right : rights_of_objects()) {
    if (!dice.one_in(right == "read" ? 4 : 2)) rights.actions.push_back(right);
  }
  if (rights.scope == Scope::Departments) {
    for (int i = 0; i < 2; ++i) rights.departments.push_back(dice.pick(departments));
  }
  for (const auto& field : fields) {
    if (!dice.one_in(3)) continue;
    rights.fields[field] = {static_cast<record::FieldAccess>(dice.below(3)), dice.one_in(3)};
  }
  return rights;
}

struct Shape {
  std::int64_t departments = 7, users = 14, roles = 6, pools = 3;
};

// Ids begin at `first`, so that companies do not share any.
inline Company random_company(Dice& dice, const Shape& shape, std::int64_t first,
                              const std::map<std::string, std::vector<std::string>>& objects) {
  Company company;
  std::vector<std::int64_t> departments, users, roles;
  for (std::int64_t i = 0; i < shape.departments; ++i) {
    const std::int64_t id = first + i;
    company.parent_department[id] =
        departments.empty() || dice.one_in(4) ? 0 : dice.pick(departments);
    departments.push_back(id);
  }
  for (std::int64_t i = 0; i < shape.roles; ++i) {
    const std::int64_t id = first + 1000 + i;
    auto& role = company.roles[id];
    role.is_admin = i == 0;
    for (const auto& [object, fields] : objects) {
      if (!role.is_admin && !dice.one_in(4))
        role.rights[object] = random_rights(dice, departments, fields);
    }
    roles.push_back(id);
  }
  for (std::int64_t i = 0; i < shape.users; ++i) {
    User user;
    user.id = first + 2000 + i;
    user.department = dice.one_in(8) ? 0 : dice.pick(departments);
    user.superior = users.empty() || dice.one_in(4) ? 0 : dice.pick(users);
    user.active = !dice.one_in(10);
    for (const std::int64_t role : roles) {
      if (dice.one_in(company.roles[role].is_admin ? 12 : 3)) user.roles.push_back(role);
    }
    company.users[user.id] = user;
    users.push_back(user.id);
  }
  for (std::int64_t i = 0; i < shape.pools; ++i) {
    auto& members = company.pool_members[first + 3000 + i];
    for (const std::int64_t user : users) {
      if (dice.one_in(4)) members.push_back(user);
    }
  }
  return company;
}

}  // namespace kehai::platform::model
