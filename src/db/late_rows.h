// Rows that a transaction inserts later (Writer::insert_later), and what it remembers of what it
// has read (Reader::query_remembered): the bookkeeping behind both databases' transactions. Knows
// neither SQL nor connections; used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/database.h"
#include "db/row_insert.h"
#include "db/statement_text.h"

namespace kehai::db {

// Rows of one table, in the order of add() or, with RowInsert::in_order(), in that of their values.
struct RowsToInsert {
  std::shared_ptr<const RowInsert> insert;
  std::vector<Values> rows;
};

class LateRows {
 public:
  void add(const std::shared_ptr<const RowInsert>& insert, Values row);
  bool empty() const { return waiting_.empty(); }
  // What must be written before such a statement runs.
  std::vector<RowsToInsert> take_for(const StatementFacts& statement);
  std::vector<RowsToInsert> take_all();
  void forget() { waiting_.clear(); }

 private:
  std::vector<RowsToInsert> waiting_;
};

class RememberedRows {
 public:
  using Found = std::shared_ptr<const std::vector<Values>>;
  Found find(const std::shared_ptr<const StatementFacts>& statement,
             std::span<const Value> parameters) const;
  Found keep(const std::shared_ptr<const StatementFacts>& statement,
             std::span<const Value> parameters, std::vector<Values> rows);
  // After a statement that changes a table, or one of which nobody knows what it changes (0).
  void forget(StatementFacts::Word changed_table);
  void forget_all() { rows_.clear(); }
  bool empty() const { return rows_.empty(); }

 private:
  struct Entry {
    std::shared_ptr<const StatementFacts> statement;  // also keeps its address, part of the key
    Found rows;
  };
  std::unordered_map<std::string, Entry> rows_;
};

// Rows out of memory.
void each_row(const std::vector<Values>& rows, const RowFunction& each);

}  // namespace kehai::db
