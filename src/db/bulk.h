// Whole tables in and out, for backups, restores and bulk loads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "db/database.h"
#include "db/table.h"

namespace kehai::db {

// Every row, values in the order of table.columns; a table's own row id is not among them. Pages by
// primary key on PostgreSQL, so that no result is held whole; the order of rows is no promise.
void read_table(Reader& reader, const TableDefinition& table, const RowFunction& each);

// Many rows with few statements; every row has as many values as table.columns.
void insert_rows(Writer& writer, const TableDefinition& table, std::span<const Values> rows);

// After a bulk load: what the planner needs to know about the new rows. SQLite plans without
// statistics.
void refresh_statistics(Database& database);

// One column of rows as PostgreSQL reads it from a text: {1,2,NULL} or {"a","b"}.
std::string array_literal(std::span<const Values> rows, std::size_t column);
// The place of such a column in a statement.
std::string_view array_place(bool is_text);

void erase_rows(Writer& writer, const TableDefinition& table);
bool has_table(Reader& reader, const std::string& name);
// The table with those of its columns that the database has; none of them when it has no such
// table. A database that an older program made lacks some.
TableDefinition as_it_stands(Reader& reader, const TableDefinition& table);

// The same as Database::copy_to for an embedded database that another process serves.
void copy_sqlite(const std::string& from, const std::string& to);
// An embedded database that another process may be serving, to read and to check. Throws Error
// Unavailable "database.cannot_open" {reason}.
std::unique_ptr<Database> read_sqlite(const std::string& file);

}  // namespace kehai::db
