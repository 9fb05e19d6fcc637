// The access policy: function right × row scope × field rule from roles, departments and module branch providers.
//
// Rules (design §5): deny by default; a person's roles add up (union of actions, widest scope per object; a field is hidden only if
// every role hides it). Row scopes compile to indexable branches: own → owner_id; own + subordinates → owner_id in the
// chain of superiors; department(s) → scope_department_id; parent owner → parent_owner_id; pools etc. by branch
// providers. Configuration objects are readable by everyone signed in (names of users, departments, stages …) and writable
// with "configure"; system admin has all configuration and, in the built-in role `admin`, all data.
// Snapshots of a user's rights are cached per access_epoch; the epoch is re-read at most every 500 ms and bumped in the same
// transaction as any change of users, departments, roles, pools' members. Safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "platform/registrar.h"
#include "record/access.h"

namespace kehai::platform {

enum class Scope { None, Own, Subordinates, Department, DepartmentBelow, Departments, All };

struct FieldRule {
  record::FieldAccess access = record::FieldAccess::Edit;
  bool mask = false;
};

struct ObjectRights {
  std::vector<std::string> actions;
  Scope scope = Scope::None;
  std::vector<std::int64_t> departments;  // Scope::Departments
  std::map<std::string, FieldRule> fields;
};

class Access : public record::AccessPolicy, public record::Directory {
 public:
  // ---- Used by identity to build actors
  // Fills actor.rights for actor.user_id at the current epoch.
  virtual void attach_rights(record::Actor& actor) = 0;
  virtual std::int64_t epoch() = 0;
  // Call inside the transaction that changes users, roles, departments or memberships.
  virtual void bump_epoch(db::Writer& writer) = 0;
  // Departments of the user: own, and own with all below.
  virtual std::vector<std::int64_t> departments_below(std::int64_t department_id) = 0;
  virtual std::vector<std::int64_t> subordinates(std::int64_t user_id) = 0;

  // ---- Settings: rights of one role by object
  virtual std::map<std::string, ObjectRights> role_rights(std::int64_t role_id) = 0;
  virtual void set_role_rights(const record::Actor& actor, std::int64_t role_id,
                               const std::map<std::string, ObjectRights>& rights) = 0;
};

std::unique_ptr<Access> make_access(db::Database& database, const record::Registry& registry, base::Clock& clock);
void register_access(Registrar& registrar);

}  // namespace kehai::platform
