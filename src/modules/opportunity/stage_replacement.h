// Removing a stage that deals stand in or stood in: they go on in another one of its kind.
#pragma once

#include "record/registry.h"
#include "record/tx.h"

namespace kehai::modules {

// stages/{id}/replace {replacement_id}: moves all deals with a row of history each, in one
// transaction. A stage that the history names stays as a record without a pipeline, so that the
// history keeps its name; others are erased.
record::Action replace_stage_action();

// Where a deal of a replaced stage belongs now; null when its stage is one in use.
std::optional<record::Record> replacement_of(record::Tx& tx, std::int64_t stage_id);

}  // namespace kehai::modules
