// How a dispute ends: decided by who may, or withdrawn by who raised it.
#pragma once

#include "modules/pool/holding.h"
#include "record/registry.h"

namespace kehai::modules {

// Input of the action "decide".
std::vector<record::FieldDefinition> decision_fields();
// Keeps the owner, hands the record to the claimant (with room in his capacity), or lets the
// claimant into the team with a share. Throws Conflict "arbitration.decided", "pool.capacity",
// field errors.
void decide(record::ActionContext& context, const Holding& holding);
void withdraw(record::ActionContext& context);

}  // namespace kehai::modules
