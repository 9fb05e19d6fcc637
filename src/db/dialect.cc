#include "db/dialect.h"

#include "base/error.h"

namespace kehai::db {
namespace {

class SqliteDialect final : public Dialect {
 public:
  bool is_postgres() const override { return false; }
  std::string_view integer_type() const override { return "INTEGER"; }
  std::string_view text_type() const override { return "TEXT"; }
  std::string_view position_function() const override { return "instr"; }
  std::string_view order_ascending() const override { return ""; }
  std::string_view order_descending() const override { return " DESC"; }
  std::string_view table_suffix() const override { return " STRICT"; }
  std::string_view skip_locked() const override { return ""; }
  std::string sum_expression(std::string_view expression) const override {
    return "sum(" + std::string(expression) + ")";
  }
};

class PostgresDialect final : public Dialect {
 public:
  bool is_postgres() const override { return true; }
  std::string_view integer_type() const override { return "BIGINT"; }
  std::string_view text_type() const override { return "TEXT COLLATE \"C\""; }
  std::string_view position_function() const override { return "strpos"; }
  std::string_view order_ascending() const override { return " NULLS FIRST"; }
  std::string_view order_descending() const override { return " DESC NULLS LAST"; }
  std::string_view table_suffix() const override { return ""; }
  std::string_view skip_locked() const override { return " FOR UPDATE SKIP LOCKED"; }
  std::string sum_expression(std::string_view expression) const override {
    return "CAST(sum(" + std::string(expression) + ") AS BIGINT)";
  }
};

bool is_identifier(std::string_view name) {
  if (name.empty() || name.size() > 63 || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    if (c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')) return false;
  }
  return true;
}

}  // namespace

const Dialect& sqlite_dialect() {
  static const SqliteDialect dialect;
  return dialect;
}

const Dialect& postgres_dialect() {
  static const PostgresDialect dialect;
  return dialect;
}

std::string quote_identifier(std::string_view name) {
  if (!is_identifier(name)) {
    throw base::Error(base::ErrorKind::Internal, "database.bad_identifier", {}, std::string(name));
  }
  return "\"" + std::string(name) + "\"";
}

}  // namespace kehai::db
