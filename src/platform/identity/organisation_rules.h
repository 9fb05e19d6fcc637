// What must always hold for users, departments and roles, as hooks of the record engine: no cycles,
// an administrator always remains, nobody gives themselves rights, the scope of records follows
// their owner, and who may no longer sign in is out at once.
#pragma once

#include "platform/registrar.h"

namespace kehai::platform {

void add_organisation_rules(Registrar& registrar);

// That every owned record lies in its owner's department.
std::vector<record::Invariant> organisation_invariants(
    const std::vector<record::ObjectDefinition>& objects);

}  // namespace kehai::platform
