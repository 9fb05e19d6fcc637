// The roles that every installation has, with the rights they start with (built_in_roles.json).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "platform/access/access.h"
#include "record/engine.h"

namespace kehai::platform {

struct BuiltInRole {
  std::string name;
  base::Labels labels;
  base::Labels descriptions;
  std::map<std::string, ObjectRights> rights;
};

// Parsed anew on each call; the program keeps the result where it needs it.
std::vector<BuiltInRole> built_in_roles();

// Creates missing built-in roles and gives each role each object's default rights once: what an
// administrator changed or took away stays so, and objects of a later version arrive with sensible
// rights.
void seed_built_in_roles(record::Engine& engine);

}  // namespace kehai::platform
