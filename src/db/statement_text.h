// Checks and rewriting of SQL text that both back ends share. Each runs once per statement text,
// not per call (but check_parameters). Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

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

// Throws Invalid "database.invalid_text" when a text holds a NUL byte or is not UTF-8:
// PostgreSQL cannot store such text, so neither database takes it.
void check_parameters(std::span<const base::Value> parameters);

bool is_valid_text(std::string_view text);

}  // namespace kehai::db
