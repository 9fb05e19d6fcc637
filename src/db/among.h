// Rows of which one column holds one of many values: few statements whatever the number of values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/database.h"
#include "db/table.h"

namespace kehai::db {

struct AmongSelection {
  std::string table;
  std::vector<std::string> columns;
  std::vector<Condition> where;  // for all of them
  std::string column;
  bool is_text = false;  // that column
};

// Calls `each` for the rows, in no order; a value that is given twice counts once.
void select_among(Reader& reader, const AmongSelection& selection, std::span<const Value> values,
                  const RowFunction& each);

// Deletes the rows whose `column` holds one of these numbers.
void erase_among(Writer& writer, const std::string& table, const std::string& column,
                 std::span<const Value> values);

}  // namespace kehai::db
