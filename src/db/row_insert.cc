#include "db/row_insert.h"

#include <algorithm>

#include "db/bulk.h"
#include "db/dialect.h"

namespace kehai::db {

namespace {

constexpr std::array<std::size_t, 4> kListSizes = {50, 12, 4, 1};
constexpr std::size_t kParametersPerStatement = 4000;

}  // namespace

RowInsert::RowInsert(const TableDefinition& table, bool in_order)
    : table_(table.name),
      table_word_(StatementFacts::word(table.name)),
      columns_(table.columns.size()),
      in_order_(in_order) {
  std::string names;
  std::string places;
  std::string arrays;
  for (const auto& column : table.columns) {
    const char* separator = names.empty() ? "" : ", ";
    names += separator + quote_identifier(column.name);
    places += separator + std::string("?");
    arrays += separator + std::string(array_place(column.is_text));
  }
  const std::string target = "INTO " + quote_identifier(table.name) + " (" + names + ") ";
  for (std::size_t i = 0; i < kListSizes.size(); ++i) {
    auto& list = lists_[i];
    list.rows = kListSizes[i] * columns_ <= kParametersPerStatement ? kListSizes[i] : 1;
    // A failure ends the transaction or its savepoint anyway. Without these words SQLite keeps what
    // a statement of many rows would need to undo itself alone, which costs more with every
    // statement of the transaction.
    list.sql = (list.rows > 1 ? "INSERT OR FAIL " : "INSERT ") + target + "VALUES ";
    for (std::size_t row = 0; row < list.rows; ++row)
      list.sql += (row == 0 ? "(" : ", (") + places + ")";
  }
  arrays_ = "INSERT " + target + "SELECT * FROM unnest(" + arrays + ")";
}

const RowInsert::List& RowInsert::list_for(std::size_t rows) const {
  return *std::find_if(lists_.begin(), lists_.end() - 1,
                       [&](const List& list) { return list.rows <= rows; });
}

}  // namespace kehai::db
