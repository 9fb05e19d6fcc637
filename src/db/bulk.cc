#include "db/bulk.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "db/dialect.h"
#include "db/row_insert.h"

namespace kehai::db {

namespace {

constexpr int kPage = 2000;
constexpr std::size_t kRowsPerArray = 1000;
constexpr std::size_t kRowsPerStatement = 50;
constexpr std::size_t kParametersPerStatement = 4000;

std::string names(const std::vector<std::string>& columns) {
  std::string list;
  for (const auto& column : columns) {
    if (!list.empty()) list += ", ";
    list += quote_identifier(column);
  }
  return list;
}

std::vector<std::string> column_names(const TableDefinition& table) {
  std::vector<std::string> out;
  for (const auto& column : table.columns) out.push_back(column.name);
  return out;
}

std::string places(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += i == 0 ? "?" : ", ?";
  return list;
}

// The key stands behind the columns of each row, so that the next page can begin behind it.
class PagedRow final : public Row {
 public:
  PagedRow(const Row& row, int columns) : row_(row), columns_(columns) {}
  int column_count() const override { return columns_; }
  bool is_null(int column) const override { return row_.is_null(column); }
  std::int64_t get_int(int column) const override { return row_.get_int(column); }
  std::string_view get_text(int column) const override { return row_.get_text(column); }
  ValueView view(int column) const override { return row_.view(column); }

 private:
  const Row& row_;
  int columns_;
};

void read_pages(Reader& reader, const TableDefinition& table, const std::string& select,
                const RowFunction& each) {
  const std::vector<std::string> key =
      table.row_id ? std::vector<std::string>{"row_id"} : table.primary_key;
  if (key.empty())
    throw base::Error(base::ErrorKind::Internal, "internal", {}, "no key: " + table.name);
  const std::string key_names = names(key);
  const std::string head = select + ", " + key_names + " FROM " + quote_identifier(table.name);
  const std::string tail = " ORDER BY " + key_names + " LIMIT " + std::to_string(kPage);
  const std::string next =
      head + " WHERE (" + key_names + ") > (" + places(key.size()) + ")" + tail;
  const int columns = static_cast<int>(table.columns.size());
  Values last;
  int rows = kPage;
  while (rows == kPage) {
    rows = 0;
    const Values behind = last;
    reader.query(behind.empty() ? head + tail : next, behind, [&](const Row& row) {
      each(PagedRow(row, columns));
      if (++rows < kPage) return;
      last.clear();
      for (int i = 0; i < static_cast<int>(key.size()); ++i) last.push_back(row.get(columns + i));
    });
  }
}

// Several times faster than a list of rows with a parameter per value.
void insert_arrays(Writer& writer, const TableDefinition& table, std::span<const Values> rows) {
  const RowInsert insert(table);
  while (!rows.empty()) {
    const auto some = rows.first(std::min(rows.size(), kRowsPerArray));
    Values parameters;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      parameters.emplace_back(array_literal(some, i));
    writer.execute(insert.arrays(), parameters);
    rows = rows.subspan(some.size());
  }
}

}  // namespace

void read_table(Reader& reader, const TableDefinition& table, const RowFunction& each) {
  const std::string select = "SELECT " + names(column_names(table));
  if (reader.dialect().is_postgres()) {
    read_pages(reader, table, select, each);
  } else {
    reader.query(select + " FROM " + quote_identifier(table.name), {}, each);
  }
}

std::string array_literal(std::span<const Values> rows, std::size_t column) {
  std::string out = "{";
  for (const auto& row : rows) {
    if (out.size() > 1) out += ',';
    const Value& value = row[column];
    if (value.is_null()) {
      out += "NULL";
    } else if (value.is_int()) {
      out += std::to_string(value.as_int());
    } else {
      out += '"';
      for (const char c : value.as_text()) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    }
  }
  return out + "}";
}

std::string_view array_place(bool is_text) {
  return is_text ? "?::TEXT::TEXT[]" : "?::TEXT::BIGINT[]";
}

void insert_rows(Writer& writer, const TableDefinition& table, std::span<const Values> rows) {
  if (rows.empty()) return;
  if (writer.dialect().is_postgres()) {
    insert_arrays(writer, table, rows);
    return;
  }
  const std::size_t columns = table.columns.size();
  const std::size_t most =
      std::clamp<std::size_t>(kParametersPerStatement / columns, 1, kRowsPerStatement);
  const std::string head = "INSERT INTO " + quote_identifier(table.name) + " (" +
                           names(column_names(table)) + ") VALUES ";
  const std::string row_places = "(" + places(columns) + ")";
  std::string full = head;
  for (std::size_t i = 0; i < most; ++i) full += (i == 0 ? "" : ", ") + row_places;
  Values parameters;
  while (rows.size() >= most) {
    parameters.clear();
    for (std::size_t i = 0; i < most; ++i)
      parameters.insert(parameters.end(), rows[i].begin(), rows[i].end());
    writer.execute(full, parameters);
    rows = rows.subspan(most);
  }
  // One shape for what is left: statements are cached by text.
  for (const auto& row : rows) writer.execute(head + row_places, row);
}

void refresh_statistics(Database& database) {
  if (database.is_postgres()) database.migrate([](Writer& writer) { writer.execute("ANALYZE"); });
}

void erase_rows(Writer& writer, const TableDefinition& table) {
  writer.execute("DELETE FROM " + quote_identifier(table.name));
}

bool has_table(Reader& reader, const std::string& name) {
  const Values parameters{Value(name)};
  return reader.exists(
      reader.dialect().is_postgres()
          ? "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?"
          : "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
      parameters);
}

TableDefinition as_it_stands(Reader& reader, const TableDefinition& table) {
  const Values parameters{Value(table.name)};
  std::set<std::string> present;
  reader.query(
      reader.dialect().is_postgres()
          ? "SELECT column_name::TEXT FROM information_schema.columns WHERE table_schema = "
            "current_schema() AND table_name = ?"
          : "SELECT name FROM pragma_table_info(?)",
      parameters, [&](const Row& row) { present.emplace(row.get_text(0)); });
  TableDefinition out = table;
  std::erase_if(out.columns, [&](const Column& column) { return !present.contains(column.name); });
  return out;
}

}  // namespace kehai::db
