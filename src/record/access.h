// Who asks, and the port through which the engine learns what that person may do.
//
// platform/access implements the policy from roles, departments and pools. The engine consults it
// at every door: lists, related lists, counts, search, export, single records, actions, writes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/language.h"
#include "base/value.h"
#include "query/checker.h"
#include "record/definition.h"

namespace kehai::db {
class Reader;
}

namespace kehai::record {

class Record;

// A value; cheap to copy. `rights` is the policy's own snapshot for this user at one access epoch.
struct Actor {
  std::int64_t user_id = 0;  // 0 = the system itself
  std::string name;
  base::Language language = base::Language::SimplifiedChinese;
  std::string via = "api";  // api, import, job, rule, command_line: kept in the audit
  std::string request_id;
  bool system = false;     // passes every check; never set for a request
  bool read_only = false;  // a read-only token
  std::shared_ptr<const void> rights;
};

// The program itself at work; `via` says in which way ("job", "command_line", …) and is kept in the
// audit.
Actor system_actor(std::string via);

// Reads, edits and other rights are strings ("read", "create", "edit", "delete", "import",
// "export", "configure", and the names of actions), so that modules can add their own.
enum class FieldAccess { Hidden, Read, Edit };

// One indexable way to see records: column IN values. Each has its own keyset order in a list.
struct Branch {
  std::string column;
  std::vector<std::int64_t> values;
  // Fields that rows seen only through this branch do not show; a query that uses one of them
  // leaves the branch out.
  std::vector<std::string> hidden_fields;
  // Not 0: the values are the records of which this person is a member, few of them, and are one
  // way in together.
  std::int64_t member_id = 0;

  bool has(std::int64_t value) const;
};

struct RowScope {
  bool all = false;
  std::vector<Branch> branches;  // empty and not all = nothing

  // Whether some rows show less than others.
  bool hides_fields() const;
};

// Named values of an expression that code, not a person, wrote: find_all("lead", "account_id eq
// @a", {{"a", id_value(7)}}).
using ExpressionParameters = std::map<std::string, query::AliasValue>;
query::AliasValue id_value(std::int64_t id);
query::AliasValue text_value(std::string text);

// What @me, @my_department and @my_departments stand for.
struct Identity {
  std::int64_t user_id = 0;
  std::int64_t department_id = 0;
  base::Values department_ids;  // with all below
  std::vector<std::int64_t> role_ids;
};

// What it says of fields depends on the actor's snapshot of rights alone: the engine keeps that for
// as long as the snapshot is the same.
class AccessPolicy {
 public:
  virtual ~AccessPolicy() = default;
  virtual bool may(const Actor& actor, const ObjectDefinition& object,
                   std::string_view right) const = 0;
  // Rows for which the actor has this right ("read", "edit", "delete", or an action's right).
  virtual RowScope scope(const Actor& actor, const ObjectDefinition& object,
                         std::string_view right) const = 0;
  virtual FieldAccess field_access(const Actor& actor, const ObjectDefinition& object,
                                   const FieldDefinition& field) const = 0;
  virtual bool is_masked(const Actor& actor, const ObjectDefinition& object,
                         const FieldDefinition& field) const = 0;
  virtual Identity identity(const Actor& actor) const = 0;
};

// Who owns what in the organisation; the engine keeps scope columns right with it.
class Directory {
 public:
  virtual ~Directory() = default;
  // Current department of a user, 0 when none or unknown.
  virtual std::int64_t department_of(db::Reader& reader, std::int64_t user_id) const = 0;
};

// What a record hides that is admitted by these branches only: the fields that all of them hide,
// and what is computed from one of those.
std::vector<std::string> hidden_by(const ObjectDefinition& object,
                                   const std::vector<const Branch*>& ways);

// Whether the scope admits the record; when it does only through hiding branches, `hidden` receives
// the fields that all of them hide.
bool admits(const RowScope& scope, const Record& record,
            std::vector<std::string>* hidden = nullptr);

}  // namespace kehai::record
