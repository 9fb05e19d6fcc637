// Audit rows: who changed what, with the values before and after.
#pragma once

#include <string>
#include <string_view>

#include "db/table.h"
#include "record/change_log.h"
#include "record/registry.h"

namespace kehai::record {

db::TableDefinition audit_table();

std::string_view operation_name(Operation operation);

// The audited fields that changed, as a JSON object of [before, after]; empty for what only goes
// away or comes back.
std::string audit_changes(const Change& change);

// One entry "updated" in the history of every row of a step (change_log.h), in pages; nothing where
// the object or the field is not audited.
void audit_step(Tx& tx, const Step& step, const ObjectDefinition& object, std::string_view field,
                const Value& before, const Value& after);

}  // namespace kehai::record
