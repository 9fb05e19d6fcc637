// Conversion of a lead to an account, contact and opportunity, and its undoing.
#pragma once

#include "modules/pool/holding.h"
#include "record/registry.h"

namespace kehai::modules {

record::Action convert_action();
// CRM admin, within seven days, while the created records have no others attached.
record::Action undo_convert_action(std::shared_ptr<Holding> holding);

}  // namespace kehai::modules
