// Conversion of a lead to an account, contact and opportunity, and its undoing.
#pragma once

#include "modules/pool/holding.h"
#include "platform/dedupe/dedupe.h"
#include "record/registry.h"

namespace kehai::modules {

// `dedupe` outlives the action; it says when an existing account is used.
record::Action convert_action(const platform::Dedupe& dedupe);
// CRM admin, within seven days, while the created records have no others attached.
record::Action undo_convert_action(std::shared_ptr<Holding> holding);

}  // namespace kehai::modules
