// What people may say about a new record and what follows from the business instead. Shared by all
// modules.
#pragma once

#include "record/registry.h"
#include "record/tx.h"

namespace kehai::modules {

// A file of somebody who may bring in what was decided long ago (platform::kImportHistory).
bool brings_history(const record::WriteOptions& options);

// What a person says about a record that comes into being now (form, API, conversion, a file
// without the right to bring in history); not taken over from elsewhere or made by the program.
bool is_by_hand(const record::Tx& tx, const record::WriteOptions& options);

// An owner other than oneself and `expected` (the owner of the parent, 0 = none) needs the right to
// assign or, except for files, which tell nobody, to transfer, and must be at work. Throws field
// errors "holding.may_not_assign", "holding.owner_not_active" on owner_id.
void check_named_owner(record::Tx& tx, const record::Change& change, std::int64_t expected = 0);

// Throws the field error "holding.owner_not_active" unless the person exists and is at work.
void check_active_owner(record::Tx& tx, std::int64_t user);

}  // namespace kehai::modules
