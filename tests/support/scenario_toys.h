// A module of the tests only: toy_ticket with a field of every type and actions of every kind,
// toy_customer above it, toy_level as configuration. Proves that engine and interface know no
// business object.
#pragma once

#include <map>
#include <string>

#include "platform/access/access.h"
#include "platform/registrar.h"

namespace kehai::scenario {

void register_toys(platform::Registrar& registrar);

// Rights of a built-in role on the toys: manager (department and below), sales (own), viewer (all,
// reads only, phone numbers masked). What is only for managers is hidden from sales and viewer.
std::map<std::string, platform::ObjectRights> toy_rights(const std::string& role);

}  // namespace kehai::scenario
