#include "record/migrator.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/random.h"
#include "db/dialect.h"
#include "record/audit.h"
#include "record/fields/field_kit.h"
#include "record/indexes.h"
#include "record/schema.h"
#include "record/totals.h"

namespace kehai::record {

namespace {

const db::Table kMeta("schema_meta");
const db::Table kColumns("schema_column");

using Columns = std::map<std::string, std::set<std::string>>;

struct ColumnSpec {
  std::string name;
  bool is_text;
};

std::vector<ColumnSpec> columns_of(const ObjectDefinition& object) {
  std::vector<ColumnSpec> columns;
  for (const auto& field : object.fields) {
    if (!field.is_stored()) continue;
    columns.push_back({field.name, field_kit(field.type).is_text(field)});
    if (field.sort_key) columns.push_back({field.name + "__sort", true});
    if (field.fold) columns.push_back({field.name + "__fold", true});
  }
  return columns;
}

// Columns, the id, what is included; nulls lowest in every place.
std::string index_sql(const ObjectDefinition& object, const Index& index,
                      const db::Dialect& dialect, std::string_view where) {
  std::string list;
  const auto add = [&](const std::string& column) {
    list += list.empty() ? "" : ", ";
    list += db::quote_identifier(column);
    if (dialect.is_postgres()) list += " NULLS FIRST";
  };
  for (const auto& column : index.columns) add(column);
  add("id");
  for (const auto& column : index.include) add(column);
  // SQLite looks at the row for a column that only the index's own condition names.
  if (!where.empty() && !dialect.is_postgres() && index.columns.front() != "deleted_at")
    add("deleted_at");
  std::string sql = "CREATE INDEX IF NOT EXISTS " + db::quote_identifier(index.name) + " ON " +
                    db::quote_identifier(object.name) + " (" + list + ")";
  if (!where.empty()) sql += " WHERE " + std::string(where);
  return sql;
}

// What a row has in one access branch decides the others: without an owner it lies in a pool.
// PostgreSQL takes columns for independent and would sort a pool of which it expects few rows.
std::string statistics_sql(const ObjectDefinition& object) {
  std::string list;
  for (const auto& column : object.branch_columns)
    list += (list.empty() ? "" : ", ") + db::quote_identifier(column);
  return "CREATE STATISTICS IF NOT EXISTS " + db::quote_identifier("st_" + object.name) +
         " (mcv) ON " + list + " FROM " + db::quote_identifier(object.name);
}

// Indexes, and on PostgreSQL what it needs to choose among them.
std::vector<std::string> index_statements(const ObjectDefinition& object,
                                          const db::Dialect& dialect) {
  std::vector<std::string> statements;
  const std::string_view live = object.configuration ? "" : "\"deleted_at\" IS NULL";
  for (const auto& index : indexes_of(object))
    statements.push_back(index_sql(object, index, dialect, live));
  if (!object.configuration) {
    const Index deleted{"ix_" + object.name + "__deleted_at__id", {"deleted_at"}, {}};
    statements.push_back(index_sql(object, deleted, dialect, "\"deleted_at\" IS NOT NULL"));
  }
  if (dialect.is_postgres() && object.branch_columns.size() > 1)
    statements.push_back(statistics_sql(object));
  return statements;
}

std::string create_object_sql(const ObjectDefinition& object, const db::Dialect& dialect) {
  std::string sql = "CREATE TABLE " + db::quote_identifier(object.name) + " (";
  bool first = true;
  for (const auto& column : columns_of(object)) {
    if (!first) sql += ", ";
    first = false;
    sql += db::quote_identifier(column.name) + " ";
    sql += column.is_text ? dialect.text_type() : dialect.integer_type();
    if (column.name == "id") sql += " PRIMARY KEY";
  }
  sql += ")";
  sql += dialect.table_suffix();
  return sql;
}

std::vector<db::TableDefinition> engine_tables() {
  db::TableDefinition meta{
      "schema_meta", {{"key", true, true}, {"value", true, false}}, {"key"}, {}, false};
  db::TableDefinition columns{"schema_column",
                              {{"object", true, true}, {"name", true, true}},
                              {"object", "name"},
                              {},
                              false};
  db::TableDefinition unique{
      "unique_key",
      {{"field", true, true}, {"key", true, true}, {"record_id", false, true}},
      {"field", "key"},
      {{"ix_unique_key_record", {"record_id", "field"}, false, "", ""}},
      false};
  return {meta, columns, unique, audit_table(), outbox_table()};
}

void create_table(db::Writer& writer, const db::TableDefinition& table) {
  writer.execute(db::create_table_sql(table, writer.dialect()));
  for (const auto& index : table.indexes)
    writer.execute(db::create_index_sql(table.name, index, writer.dialect()));
}

// Everything that decides the tables, as one text: equal hash = nothing to do.
std::string fingerprint(const std::vector<ObjectDefinition>& objects,
                        const std::vector<db::TableDefinition>& tables,
                        const db::Dialect& dialect) {
  std::string text = std::to_string(kSchemaVersion);
  for (const auto& object : objects) {
    text += create_object_sql(object, dialect);
    for (const auto& statement : index_statements(object, dialect)) text += statement;
    // Totals of a computed column are made anew with it.
    for (const auto& field : object.fields)
      text += (field.multiple ? field.name : "") + field.formula;
  }
  for (const auto& table : tables) {
    text += db::create_table_sql(table, dialect);
    for (const auto& index : table.indexes)
      text += db::create_index_sql(table.name, index, dialect);
  }
  for (const auto& table : totals_tables(objects)) {
    text += db::create_table_sql(table, dialect);
    for (const auto& index : table.indexes)
      text += db::create_index_sql(table.name, index, dialect);
  }
  return base::sha256_hex(text);
}

void apply_object(db::Writer& writer, const ObjectDefinition& object, const Columns& existing) {
  const auto found = existing.find(object.name);
  if (found == existing.end()) writer.execute(create_object_sql(object, writer.dialect()));
  for (const auto& column : columns_of(object)) {
    if (found != existing.end() && found->second.contains(column.name)) continue;
    if (found != existing.end()) {
      writer.execute("ALTER TABLE " + db::quote_identifier(object.name) + " ADD COLUMN " +
                     db::quote_identifier(column.name) + " " +
                     std::string(column.is_text ? writer.dialect().text_type()
                                                : writer.dialect().integer_type()));
    }
    kColumns.insert_if_absent(writer, {{"object", object.name}, {"name", column.name}});
  }
  for (const auto& field : object.fields) {
    if (field.multiple) create_table(writer, values_table(object, field));
  }
  for (const auto& statement : index_statements(object, writer.dialect()))
    writer.execute(statement);
}

// Indexes that an earlier program made and this one has no use for: each costs every write.
void drop_unwanted_indexes(db::Writer& writer, const std::vector<ObjectDefinition>& objects) {
  std::set<std::string> wanted;
  std::string names;
  for (const auto& object : objects) {
    for (const auto& index : indexes_of(object)) {
      wanted.insert(index.name);
      names += index.name + "\n";
    }
  }
  const auto rows =
      kMeta.select(writer, {{"value"}, {{"key", db::Compare::Equal, "indexes"}}, {}, 0, false});
  std::istringstream before(rows.empty() ? "" : rows[0][0].text_or(""));
  for (std::string name; std::getline(before, name);) {
    if (!wanted.contains(name))
      writer.execute("DROP INDEX IF EXISTS " + db::quote_identifier(name));
  }
  kMeta.upsert(writer, {"key"}, {{"key", "indexes"}, {"value", names}});
}

// Made anew whenever tables change: an older program that wrote meanwhile kept no totals. They are
// filled before the first request (prepare_totals).
void make_totals_tables(db::Writer& writer, const std::vector<ObjectDefinition>& objects) {
  std::string names;
  const auto rows =
      kMeta.select(writer, {{"value"}, {{"key", db::Compare::Equal, "totals"}}, {}, 0, false});
  std::istringstream before(rows.empty() ? "" : rows[0][0].text_or(""));
  for (std::string name; std::getline(before, name);)
    writer.execute("DROP TABLE IF EXISTS " + db::quote_identifier(name));
  for (const auto& table : totals_tables(objects)) {
    writer.execute("DROP TABLE IF EXISTS " + db::quote_identifier(table.name));
    create_table(writer, table);
    names += table.name + "\n";
  }
  kMeta.upsert(writer, {"key"}, {{"key", "totals"}, {"value", names}});
}

struct Found {
  std::string fingerprint;
  std::int64_t version = 0;
};

Found read_meta(db::Database& database) {
  Found found;
  try {
    database.read([&](db::Reader& reader) {
      kMeta.select_each(reader, {{"key", "value"}, {}, {}, 0, false}, [&](const db::Row& row) {
        if (row.get_text(0) == "fingerprint") found.fingerprint = row.get_text(1);
        if (row.get_text(0) == "schema_version")
          found.version = std::stoll(std::string(row.get_text(1)));
      });
    });
  } catch (const base::Error& error) {
    // A new database has no such table yet; anything else must not be mistaken for that.
    if (error.kind() != base::ErrorKind::Internal) throw;
  }
  return found;
}

std::vector<db::TableDefinition> with_engine_tables(
    const std::vector<db::TableDefinition>& tables) {
  auto all = engine_tables();
  all.insert(all.end(), tables.begin(), tables.end());
  return all;
}

}  // namespace

db::TableDefinition values_table(const ObjectDefinition& object, const FieldDefinition& field) {
  db::TableDefinition table;
  table.name = multi_table(object, field);
  table.columns = {{"record_id", false, true},
                   {"position", false, true},
                   {"value", field_kit(field.type).is_text(field), true}};
  table.primary_key = {"record_id", "position"};
  table.indexes = {{"ix_" + table.name, {"value", "record_id"}, false, "", ""}};
  return table;
}

db::TableDefinition outbox_table() {
  return {"outbox_event",
          {{"id", false, true},
           {"consumer", true, true},
           {"object", true, true},
           {"record_id", false, true},
           {"kind", true, true},
           {"version", false, true},
           {"at", false, true}},
          {"id"},
          {{"ix_outbox_event_consumer", {"consumer", "id"}, false, "", ""}},
          false};
}

db::TableDefinition object_table(const ObjectDefinition& object) {
  db::TableDefinition table;
  table.name = object.name;
  for (const auto& column : columns_of(object))
    table.columns.push_back({column.name, column.is_text, column.name == "id"});
  table.primary_key = {"id"};
  return table;
}

std::vector<db::TableDefinition> all_tables(const std::vector<ObjectDefinition>& objects,
                                            const std::vector<db::TableDefinition>& tables) {
  auto all = with_engine_tables(tables);
  for (const auto& object : objects) {
    all.push_back(object_table(object));
    for (const auto& field : object.fields) {
      if (field.multiple) all.push_back(values_table(object, field));
    }
  }
  return all;
}

void drop_indexes(db::Database& database, const std::vector<ObjectDefinition>& objects,
                  const std::vector<std::string>& names,
                  const std::vector<db::TableDefinition>& tables) {
  database.migrate([&](db::Writer& writer) {
    const auto drop = [&](const std::string& name) {
      writer.execute("DROP INDEX IF EXISTS " + db::quote_identifier(name));
    };
    kMeta.upsert(writer, {"key"}, {{"key", "fingerprint"}, {"value", ""}});
    for (const auto& object : objects) {
      if (std::find(names.begin(), names.end(), object.name) == names.end()) continue;
      for (const auto& index : indexes_of(object)) drop(index.name);
    }
    for (const auto& table : tables) {
      for (const auto& index : table.indexes) drop(index.name);
    }
  });
}

bool is_current(db::Database& database, const std::vector<ObjectDefinition>& objects,
                const std::vector<db::TableDefinition>& tables) {
  return read_meta(database).fingerprint ==
         fingerprint(objects, with_engine_tables(tables), database.dialect());
}

bool migrate(db::Database& database, const std::vector<ObjectDefinition>& objects,
             const std::vector<db::TableDefinition>& tables,
             const std::function<void()>& before_change, const Steps& steps) {
  const auto fixed_tables = with_engine_tables(tables);
  const Found found = read_meta(database);
  if (found.version > kSchemaVersion) {
    throw base::Error(
        base::ErrorKind::Unavailable, "database.newer_schema",
        {{"found", std::to_string(found.version)}, {"supported", std::to_string(kSchemaVersion)}});
  }
  const std::string wanted = fingerprint(objects, fixed_tables, database.dialect());
  if (found.fingerprint == wanted) return false;
  if (found.version > 0 && before_change) before_change();
  database.migrate([&](db::Writer& writer) {
    writer.lock("schema", "");
    for (const auto& table : fixed_tables) create_table(writer, table);
    Columns existing;
    kColumns.select_each(writer, {{"object", "name"}, {}, {}, 0, false}, [&](const db::Row& row) {
      existing[std::string(row.get_text(0))].insert(std::string(row.get_text(1)));
    });
    for (std::size_t i = 0; i < objects.size(); ++i) {
      apply_object(writer, objects[i], existing);
      if (steps) steps(static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(objects.size()));
    }
    drop_unwanted_indexes(writer, objects);
    make_totals_tables(writer, objects);
    kMeta.upsert(writer, {"key"},
                 {{"key", "schema_version"}, {"value", std::to_string(kSchemaVersion)}});
    kMeta.upsert(writer, {"key"}, {{"key", "fingerprint"}, {"value", wanted}});
  });
  return true;
}

}  // namespace kehai::record
