// The SQL functions kehai_* that compiled expressions use on SQLite, where PostgreSQL has numeric:
// exact arithmetic that answers null instead of turning into floating point. They are pure and
// never part of the schema.
#pragma once

struct sqlite3;

namespace kehai::db::sqlite {

// Registers on one connection. Throws Internal "database.sql_error".
void register_functions(sqlite3* handle);

}  // namespace kehai::db::sqlite
