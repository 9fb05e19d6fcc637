// Fixed tables of the engine and the platform (sessions, audit, outbox …): declared as data, so
// that no folder above db/ writes SQL. Values are parameters, names come from the declaration.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/database.h"

namespace kehai::db {

struct Column {
  std::string name;
  bool is_text = false;
  bool not_null = false;
};

struct TableIndex {
  std::string name;
  std::vector<std::string> columns;
  bool unique = false;
  std::string where_null;      // partial: … WHERE column IS NULL
  std::string where_not_null;  // partial: … WHERE column IS NOT NULL
};

struct TableDefinition {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::string> primary_key;
  std::vector<TableIndex> indexes;
  // A row id of its own (SQLite rowid / PostgreSQL identity) named "row_id"; for append-only logs
  // and queues.
  bool row_id = false;
};

enum class Compare { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, IsNull, IsNotNull };

struct Condition {
  std::string column;
  Compare compare = Compare::Equal;
  Value value;
};

struct Assignment {
  std::string column;
  Value value;
};

struct Selection {
  std::vector<std::string> columns;
  std::vector<Condition> where;
  std::vector<std::pair<std::string, bool>> order;  // column, descending
  int limit = 0;                                    // 0 = all
  bool skip_locked = false;                         // FOR UPDATE SKIP LOCKED on PostgreSQL
};

std::string create_table_sql(const TableDefinition& table, const Dialect& dialect);
std::string create_index_sql(const std::string& table, const TableIndex& index,
                             const Dialect& dialect);

// Stateless statement builder of one table.
class Table {
 public:
  explicit Table(std::string name) : name_(std::move(name)) {}
  void insert(Writer& writer, const std::vector<Assignment>& values) const;
  // False when the key was there already.
  bool insert_if_absent(Writer& writer, const std::vector<Assignment>& values) const;
  // Inserts, or sets `values` other than the key columns when the key is there.
  void upsert(Writer& writer, const std::vector<std::string>& key,
              const std::vector<Assignment>& values) const;
  std::int64_t update(Writer& writer, const std::vector<Assignment>& values,
                      const std::vector<Condition>& where) const;
  // Adds to an integer column and returns whether a row matched.
  std::int64_t add(Writer& writer, const std::string& column, std::int64_t amount,
                   const std::vector<Condition>& where) const;
  std::int64_t erase(Writer& writer, const std::vector<Condition>& where) const;
  std::vector<Values> select(Reader& reader, const Selection& selection) const;
  // The same through Reader::query_remembered().
  std::vector<Values> select_remembered(Reader& reader, const Selection& selection) const;
  void select_each(Reader& reader, const Selection& selection, const RowFunction& each) const;
  std::int64_t count(Reader& reader, const std::vector<Condition>& where) const;

 private:
  std::string select_sql(const Reader& reader, const Selection& selection,
                         Values& parameters) const;
  std::string name_;
};

}  // namespace kehai::db
