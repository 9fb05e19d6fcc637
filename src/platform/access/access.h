// The access policy: function right × row scope × field rule from roles, departments and modules'
// branch providers.
//
// Rules (all of them; what is not granted here is denied):
//  - A person has a right on an object when one of their roles lists it. Each right reaches the
//  rows of the scopes of
//    exactly those roles that list it: "edit own" and "read all" from two roles do not add up to
//    "edit all".
//  - Row scopes compile to indexable branches: own → owner_id = me; own and subordinates → owner_id
//  in the chain of
//    superiors; department(s) → scope_department_id (own records always included). Children without
//    an owner follow parent_owner_id; children with one are besides readable by the parent's owner.
//    Pools and the like come from branch providers, which apply only where a role grants the right.
//    None: nothing but the providers' branches. Providers are asked every time, also inside
//    transactions: they answer from memory.
//  - Objects that take their rights from another one ("rights_from") are read and added to by
//  whoever reads the other object's record, and deleted by who made them; no role grants them.
//  - A member of a record reads and exports it, with access "edit" changes it, and reads what hangs
//  on it, where a role grants the right at all; nobody becomes able to delete, hand over or move it
//  by that. A membership that is over reaches nothing. See memberships.h.
//  - A field is hidden only if every role that grants reading hides it, editable if one role that
//  grants changing
//    allows it, masked unless one role that shows it shows it unmasked.
//  - Configuration objects are readable by everyone signed in (names of users, departments, stages
//  …); every other right on
//    them follows from "configure". Their rows have no scope.
//  - The built-in role `admin` has every right on every object and sees all. A read-only token
//  reads and exports.
//  - A system actor passes; an actor without rights attached (unknown, deactivated) is refused
//  everything.
//
// Snapshots of a person's rights are cached per access epoch. The epoch is re-read at most every
// 500 ms, and must be bumped in the transaction that changes users, departments, roles or
// memberships. Safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "platform/registrar.h"
#include "record/access.h"

namespace kehai::record {
class Engine;
}

namespace kehai::platform {

enum class Scope { None, Own, Subordinates, Department, DepartmentBelow, Departments, All };
// "none", "own", "subordinates", "department", "department_below", "departments", "all".
std::string_view scope_name(Scope scope);
std::optional<Scope> parse_scope(std::string_view name);
// "hidden", "read", "edit".
std::string_view field_access_name(record::FieldAccess access);
std::optional<record::FieldAccess> parse_field_access(std::string_view name);

struct FieldRule {
  record::FieldAccess access = record::FieldAccess::Edit;
  bool mask = false;

  friend bool operator==(const FieldRule&, const FieldRule&) = default;
};

struct ObjectRights {
  std::vector<std::string> actions;
  Scope scope = Scope::None;
  std::vector<std::int64_t> departments;  // Scope::Departments
  std::map<std::string, FieldRule> fields;

  friend bool operator==(const ObjectRights&, const ObjectRights&) = default;
};

inline constexpr std::string_view kAdminRole = "admin";

class Access : public record::AccessPolicy, public record::Directory {
 public:
  // The engine whose transactions and audit the setters use; borrowed. make_identity() calls it.
  virtual void bind(record::Engine& engine) = 0;

  // ---- Building actors. Not inside a transaction: rights may have to be loaded.
  // Fills rights, name and language for actor.user_id at the current epoch; clears rights when
  // there is no such active user.
  virtual void attach_rights(record::Actor& actor) = 0;
  // The same inside a transaction, for somebody else than its actor: rights as they were last
  // loaded, or read here.
  virtual record::Actor reader_inside(db::Reader& reader, std::int64_t user_id) = 0;
  // Changes with everything that decides what somebody sees: rights and memberships.
  virtual std::int64_t epoch() = 0;
  // Changes with users, departments, roles and their rights.
  virtual std::int64_t organisation_epoch() = 0;
  // Call inside the transaction that changes users, roles, departments or memberships.
  virtual void bump_epoch(db::Writer& writer) = 0;
  // The same for members of single records.
  virtual void bump_members(db::Writer& writer) = 0;

  // ---- Questions about an actor with rights attached; safe inside transactions
  virtual bool is_admin(const record::Actor& actor) const = 0;
  // Right "configure" on an object or on an area without records ("setting", "picklist").
  virtual bool may_configure(const record::Actor& actor, std::string_view area) const = 0;
  // Sorted ids of the actor's roles.
  virtual std::vector<std::int64_t> role_ids(const record::Actor& actor) const = 0;

  // ---- The organisation at the current epoch. Not inside a transaction.
  // The department and all below it.
  virtual std::vector<std::int64_t> departments_below(std::int64_t department_id) = 0;
  // Everyone below the user in the chain of superiors.
  virtual std::vector<std::int64_t> subordinates(std::int64_t user_id) = 0;

  // ---- Settings: rights of one role by object
  virtual std::map<std::string, ObjectRights> role_rights(std::int64_t role_id) = 0;
  // Replaces them. Administrators only; the built-in role `admin` cannot be changed (Conflict
  // "role.admin_fixed").
  virtual void set_role_rights(const record::Actor& actor, std::int64_t role_id,
                               const std::map<std::string, ObjectRights>& rights) = 0;
};

std::unique_ptr<Access> make_access(db::Database& database, const record::Registry& registry,
                                    base::Clock& clock);
void register_access(Registrar& registrar);
// The policy that the engine was made with. For hooks and actions of the platform and the modules.
Access& access_of(record::Engine& engine);

}  // namespace kehai::platform
