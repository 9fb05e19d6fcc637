// What must hold for the rows of every object, made from the definitions: rights and links follow
// from them.
#pragma once

#include <string>
#include <vector>

#include "record/registry.h"

namespace kehai::record {

// Ids, references, copies of owners, unique keys, codes, values of multi-valued fields.
std::vector<Invariant> invariants_of(const std::vector<ObjectDefinition>& objects);

// What migrate() makes and the database does not have: "table lead", "index ix_lead_…".
std::vector<std::string> missing_parts(db::Reader& reader,
                                       const std::vector<ObjectDefinition>& objects,
                                       const std::vector<db::TableDefinition>& tables);

}  // namespace kehai::record
