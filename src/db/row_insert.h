// How whole rows of one table are inserted: many with few statements. The texts are made once and
// shared by all transactions. Immutable.
#pragma once

#include <array>
#include <string>

#include "db/statement_text.h"
#include "db/table.h"

namespace kehai::db {

class RowInsert {
 public:
  // `in_order`: rows go in by the order of their values, where neighbours lie in the same pages.
  explicit RowInsert(const TableDefinition& table, bool in_order = false);

  const std::string& table() const { return table_; }
  StatementFacts::Word table_word() const { return table_word_; }
  std::size_t columns() const { return columns_; }
  bool in_order() const { return in_order_; }

  // SQLite: a parameter per value. Few numbers of rows, so that few statements exist; the greatest
  // that `rows` reaches, at least 1.
  struct List {
    std::size_t rows = 0;
    std::string sql;
  };
  const List& list_for(std::size_t rows) const;
  // PostgreSQL: a parameter per column, whatever the number of rows.
  const std::string& arrays() const { return arrays_; }

 private:
  std::string table_;
  StatementFacts::Word table_word_;
  std::size_t columns_;
  bool in_order_;
  std::array<List, 4> lists_;  // most rows first
  std::string arrays_;
};

}  // namespace kehai::db
