#include "db/table.h"

#include "db/conditions.h"
#include "db/dialect.h"

namespace kehai::db {

namespace {

std::string_view compare_sql(Compare compare) {
  switch (compare) {
    case Compare::Equal:
      return " = ?";
    case Compare::NotEqual:
      return " <> ?";
    case Compare::Less:
      return " < ?";
    case Compare::LessEqual:
      return " <= ?";
    case Compare::Greater:
      return " > ?";
    case Compare::GreaterEqual:
      return " >= ?";
    case Compare::IsNull:
      return " IS NULL";
    case Compare::IsNotNull:
      return " IS NOT NULL";
  }
  return "";
}

void append_list(std::string& sql, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += quote_identifier(names[i]);
  }
}

std::string insert_sql(const std::string& table, const std::vector<Assignment>& values,
                       Values& parameters) {
  std::string sql = "INSERT INTO " + quote_identifier(table) + " (";
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) {
      sql += ", ";
      places += ", ";
    }
    sql += quote_identifier(values[i].column);
    places += '?';
    parameters.push_back(values[i].value);
  }
  return sql + ") VALUES (" + places + ")";
}

}  // namespace

void append_conditions(std::string& sql, const std::vector<Condition>& conditions,
                       Values& parameters, std::string_view begin, std::string_view alias) {
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    sql += i == 0 ? begin : " AND ";
    sql += alias;
    sql += quote_identifier(conditions[i].column);
    sql += compare_sql(conditions[i].compare);
    if (conditions[i].compare < Compare::IsNull) parameters.push_back(conditions[i].value);
  }
}

std::string create_table_sql(const TableDefinition& table, const Dialect& dialect) {
  std::string sql = "CREATE TABLE IF NOT EXISTS " + quote_identifier(table.name) + " (";
  bool first = true;
  if (table.row_id) {
    sql += dialect.is_postgres() ? "row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
                                 : "row_id INTEGER PRIMARY KEY AUTOINCREMENT";
    first = false;
  }
  for (const auto& column : table.columns) {
    if (!first) sql += ", ";
    first = false;
    sql += quote_identifier(column.name);
    sql += ' ';
    sql += column.is_text ? dialect.text_type() : dialect.integer_type();
    if (column.not_null) sql += " NOT NULL";
  }
  if (!table.primary_key.empty()) {
    sql += ", PRIMARY KEY (";
    append_list(sql, table.primary_key);
    sql += ')';
  }
  sql += ')';
  sql += dialect.table_suffix();
  return sql;
}

std::string create_index_sql(const std::string& table, const TableIndex& index, const Dialect&) {
  std::string sql =
      index.unique ? "CREATE UNIQUE INDEX IF NOT EXISTS " : "CREATE INDEX IF NOT EXISTS ";
  sql += quote_identifier(index.name) + " ON " + quote_identifier(table) + " (";
  append_list(sql, index.columns);
  sql += ')';
  if (!index.where_null.empty()) sql += " WHERE " + quote_identifier(index.where_null) + " IS NULL";
  if (!index.where_not_null.empty())
    sql += " WHERE " + quote_identifier(index.where_not_null) + " IS NOT NULL";
  return sql;
}

void Table::insert(Writer& writer, const std::vector<Assignment>& values) const {
  Values parameters;
  const std::string sql = insert_sql(name_, values, parameters);
  writer.execute(sql, parameters);
}

bool Table::insert_if_absent(Writer& writer, const std::vector<Assignment>& values) const {
  Values parameters;
  const std::string sql = insert_sql(name_, values, parameters) + " ON CONFLICT DO NOTHING";
  return writer.execute(sql, parameters) > 0;
}

void Table::upsert(Writer& writer, const std::vector<std::string>& key,
                   const std::vector<Assignment>& values) const {
  Values parameters;
  std::string sql = insert_sql(name_, values, parameters) + " ON CONFLICT (";
  append_list(sql, key);
  sql += ") DO UPDATE SET ";
  bool first = true;
  for (const auto& value : values) {
    bool is_key = false;
    for (const auto& column : key) is_key = is_key || column == value.column;
    if (is_key) continue;
    if (!first) sql += ", ";
    first = false;
    sql += quote_identifier(value.column) + " = excluded." + quote_identifier(value.column);
  }
  writer.execute(sql, parameters);
}

std::int64_t Table::update(Writer& writer, const std::vector<Assignment>& values,
                           const std::vector<Condition>& where) const {
  Values parameters;
  std::string sql = "UPDATE " + quote_identifier(name_) + " SET ";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += quote_identifier(values[i].column) + " = ?";
    parameters.push_back(values[i].value);
  }
  append_conditions(sql, where, parameters);
  return writer.execute(sql, parameters);
}

std::int64_t Table::add(Writer& writer, const std::string& column, std::int64_t amount,
                        const std::vector<Condition>& where) const {
  Values parameters{Value(amount)};
  const std::string name = quote_identifier(column);
  std::string sql = "UPDATE " + quote_identifier(name_) + " SET " + name + " = " + name + " + ?";
  append_conditions(sql, where, parameters);
  return writer.execute(sql, parameters);
}

std::int64_t Table::erase(Writer& writer, const std::vector<Condition>& where) const {
  Values parameters;
  std::string sql = "DELETE FROM " + quote_identifier(name_);
  append_conditions(sql, where, parameters);
  return writer.execute(sql, parameters);
}

std::string Table::select_sql(const Reader& reader, const Selection& selection,
                              Values& parameters) const {
  std::string sql = "SELECT ";
  append_list(sql, selection.columns);
  sql += " FROM " + quote_identifier(name_);
  append_conditions(sql, selection.where, parameters);
  for (std::size_t i = 0; i < selection.order.size(); ++i) {
    sql += i == 0 ? " ORDER BY " : ", ";
    sql += quote_identifier(selection.order[i].first);
    // As the indexes of fixed tables are: where nulls stand is PostgreSQL's own affair there.
    if (selection.order[i].second) sql += " DESC";
  }
  if (selection.limit > 0) sql += " LIMIT " + std::to_string(selection.limit);
  if (selection.skip_locked && reader.dialect().is_postgres()) sql += " FOR UPDATE SKIP LOCKED";
  return sql;
}

void Table::select_each(Reader& reader, const Selection& selection, const RowFunction& each) const {
  Values parameters;
  const std::string sql = select_sql(reader, selection, parameters);
  reader.query(sql, parameters, each);
}

namespace {

RowFunction collecting(std::vector<Values>& out) {
  return [&out](const Row& row) {
    Values& values = out.emplace_back();
    values.reserve(static_cast<std::size_t>(row.column_count()));
    for (int i = 0; i < row.column_count(); ++i) values.push_back(row.get(i));
  };
}

}  // namespace

std::vector<Values> Table::select(Reader& reader, const Selection& selection) const {
  std::vector<Values> out;
  select_each(reader, selection, collecting(out));
  return out;
}

std::vector<Values> Table::select_remembered(Reader& reader, const Selection& selection) const {
  std::vector<Values> out;
  Values parameters;
  const std::string sql = select_sql(reader, selection, parameters);
  reader.query_remembered(sql, parameters, collecting(out));
  return out;
}

std::int64_t Table::count(Reader& reader, const std::vector<Condition>& where) const {
  Values parameters;
  std::string sql = "SELECT COUNT(*) FROM " + quote_identifier(name_);
  append_conditions(sql, where, parameters);
  return reader.scalar(sql, parameters).int_or(0);
}

}  // namespace kehai::db
