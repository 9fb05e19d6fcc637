// Teams when records are merged (domain 5.8): owners and members of the others become members of
// the one that stays; undoing takes that back.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

// For an object with members.
void add_team_merge_rules(platform::Registrar& registrar, const std::string& object);

}  // namespace kehai::modules
