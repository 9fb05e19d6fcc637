// Checks and rewriting of SQL text that both back ends share. Each runs once per statement text,
// not per call (but check_parameters). Pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace kehai::db {

// Throws Internal "database.transaction_control" when the statement begins, ends or names a
// transaction: only the port may do that.
void refuse_transaction_control(std::string_view sql);

// `?` becomes $1, $2, …; question marks inside quotes and comments stay.
struct NumberedSql {
  std::string sql;
  int parameter_count = 0;
};
NumberedSql number_placeholders(std::string_view sql);

// What a statement has to do with the tables of a transaction, as far as its text tells: enough to
// know what must be written before it runs, and what it makes out of date.
class StatementFacts {
 public:
  using Word = std::uint64_t;  // of a name in lower case
  static Word word(std::string_view name);

  explicit StatementFacts(std::string_view sql);

  // Whether the name stands in the text, outside literals: a table, a column, an alias.
  bool names(Word word) const;
  // A SELECT.
  bool reads_only() const { return reads_only_; }
  // A SELECT … FOR UPDATE: what others have committed meanwhile is seen behind it.
  bool locks_rows() const { return locks_rows_; }
  // The table that it inserts into, updates or deletes from; 0 when that cannot be told.
  Word changed_table() const { return changed_table_; }

 private:
  std::vector<Word> words_;  // sorted
  bool reads_only_ = false;
  bool locks_rows_ = false;
  Word changed_table_ = 0;
};

// Throws Invalid "database.invalid_text" when a text holds a NUL byte or is not UTF-8:
// PostgreSQL cannot store such text, so neither database takes it.
void check_parameters(std::span<const base::Value> parameters);

bool is_valid_text(std::string_view text);

}  // namespace kehai::db
