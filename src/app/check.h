// Is a database sound? Its files or its server, its tables and indexes, and every rule that the
// engine, the platform and the modules promise for the rows.
#pragma once

#include <string>
#include <vector>

#include "db/database.h"

namespace kehai::app {

// One sentence for each finding; empty when sound. Only reads, each rule in a snapshot of its own;
// memory does not grow with the tables. Tells its progress on standard error. Throws Error
// Unavailable "data.no_database" when no company lives there.
std::vector<std::string> check_database(db::Database& database);

}  // namespace kehai::app
