// The rights of roles as rows: role_right(role_id, object) and role_field_rule(role_id, object,
// field). Rights of objects that do not exist are kept and take effect when they do.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "db/database.h"
#include "db/table.h"
#include "platform/access/access.h"
#include "record/registry.h"

namespace kehai::platform {

using RightsByObject = std::map<std::string, ObjectRights>;

std::vector<db::TableDefinition> role_right_tables();

std::map<std::int64_t, RightsByObject> read_all_role_rights(db::Reader& reader);
RightsByObject read_role_rights(db::Reader& reader, std::int64_t role_id);
// Replaces everything the role has.
void write_role_rights(db::Writer& writer, std::int64_t role_id, const RightsByObject& rights);
// One object only; what is there is replaced.
void write_object_rights(db::Writer& writer, std::int64_t role_id, const std::string& object,
                         const ObjectRights& rights);
void erase_role_rights(db::Writer& writer, std::int64_t role_id);

// What is wrong with the input; fields are named "lead", "lead.actions", "lead.fields.mobile".
std::vector<base::FieldError> check_role_rights(const RightsByObject& rights,
                                                const record::Registry& registry);
// For the audit: {"lead":{"actions":[…],"scope":"own",…}}.
base::JsonObject role_rights_json(const RightsByObject& rights);

}  // namespace kehai::platform
