// Brings the database's tables in line with the definitions: creates tables, columns and indexes,
// never drops.
//
// What exists is kept in the tables schema_meta and schema_column, so that a start without changes
// is one read. Resumable: everything happens in one transaction of the schema lane.
#pragma once

#include <functional>
#include <vector>

#include "db/database.h"
#include "db/table.h"
#include "record/definition.h"

namespace kehai::record {

// Version of the fixed part of the schema; raise it when a migration step is added.
inline constexpr std::int64_t kSchemaVersion = 1;

// Hears of long work on many rows: `done` of `total` steps, which may take minutes each.
using Steps = std::function<void(std::int64_t done, std::int64_t total)>;

// Throws Unavailable "database.newer_schema" {found, supported} when a newer program wrote the
// database. Returns true when anything was changed; `before_change` runs first when an existing
// database is about to change, `steps` after each object.
bool migrate(db::Database& database, const std::vector<ObjectDefinition>& objects,
             const std::vector<db::TableDefinition>& tables,
             const std::function<void()>& before_change, const Steps& steps = {});

// The columns of an object's own table, derived ones included.
db::TableDefinition object_table(const ObjectDefinition& object);
// Of the child table of a multi-valued field.
db::TableDefinition values_table(const ObjectDefinition& object, const FieldDefinition& field);
// What waits for the durable consumers.
db::TableDefinition outbox_table();

// Every table that migrate() makes: for backups. Not the search index, which is made from the
// records.
std::vector<db::TableDefinition> all_tables(const std::vector<ObjectDefinition>& objects,
                                            const std::vector<db::TableDefinition>& tables);

// Before a bulk load: drops the indexes of the named objects and of fixed tables. The next
// migrate() makes them again, also after a crash in between.
void drop_indexes(db::Database& database, const std::vector<ObjectDefinition>& objects,
                  const std::vector<std::string>& names,
                  const std::vector<db::TableDefinition>& tables);

// Whether the database has exactly the tables that this program makes; false for an empty one.
bool is_current(db::Database& database, const std::vector<ObjectDefinition>& objects,
                const std::vector<db::TableDefinition>& tables);

}  // namespace kehai::record
