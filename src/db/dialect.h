// What differs between the two SQL dialects. Only db/ and query/compile_* emit SQL; the record
// engine's store builds its statements through these names.
#pragma once

#include <string>
#include <string_view>

namespace kehai::db {

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual bool is_postgres() const = 0;
  // Column types of the storage value: BIGINT/INTEGER and TEXT COLLATE "C"/TEXT.
  virtual std::string_view integer_type() const = 0;
  virtual std::string_view text_type() const = 0;
  // 1-based code-point position of needle in haystack, 0 when absent: instr(a,b) / strpos(a,b).
  virtual std::string_view position_function() const = 0;
  // "NULLS FIRST" semantics are the same on both for ascending order: nulls lowest.
  // SQLite does that by itself; PostgreSQL needs the words.
  virtual std::string_view order_ascending() const = 0;   // "" / " NULLS FIRST"
  virtual std::string_view order_descending() const = 0;  // " DESC" / " DESC NULLS LAST"
  // Ends "CREATE TABLE (…)": " STRICT" on SQLite.
  virtual std::string_view table_suffix() const = 0;
  // Ends a SELECT that claims rows of a queue: "" / " FOR UPDATE SKIP LOCKED".
  virtual std::string_view skip_locked() const = 0;
  // A sum that comes back as 64-bit integer: sum(x) / CAST(sum(x) AS BIGINT). A sum that does not
  // fit throws Error Invalid "query.overflow" on both.
  virtual std::string sum_expression(std::string_view expression) const = 0;
};

const Dialect& sqlite_dialect();
const Dialect& postgres_dialect();

// A double-quoted identifier. Accepts only [a-z_][a-z0-9_]{0,62}; anything else throws Internal.
std::string quote_identifier(std::string_view name);

}  // namespace kehai::db
