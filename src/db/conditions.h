// The WHERE part of a statement; inside db/ only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/table.h"

namespace kehai::db {

// " AND " between the conditions, `begin` before the first. `alias` stands before every column, its
// dot included.
void append_conditions(std::string& sql, const std::vector<Condition>& conditions,
                       Values& parameters, std::string_view begin = " WHERE ",
                       std::string_view alias = "");

}  // namespace kehai::db
