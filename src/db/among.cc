#include "db/among.h"

#include <algorithm>
#include <functional>

#include "db/bulk.h"
#include "db/conditions.h"
#include "db/dialect.h"

namespace kehai::db {

namespace {

// Places of one statement on SQLite: as many as there are values, rounded up to a power of two, so
// that few statements exist.
constexpr std::size_t kMostPlaces = 256;

std::string places_for(std::span<const Value> values, Values& parameters) {
  std::size_t count = 1;
  while (count < values.size()) count *= 2;
  std::string places;
  for (std::size_t i = 0; i < count; ++i) {
    places += i == 0 ? "?" : ", ?";
    parameters.push_back(values[std::min(i, values.size() - 1)]);
  }
  return places;
}

// In order, and each once: neighbours lie in the same pages.
Values in_order(std::span<const Value> given, bool is_text) {
  Values all(given.begin(), given.end());
  std::sort(all.begin(), all.end(), [is_text](const Value& a, const Value& b) {
    return is_text ? a.as_text() < b.as_text() : a.as_int() < b.as_int();
  });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// PostgreSQL: all of them are one parameter.
Value array_of(const Values& values) {
  std::vector<Values> rows;
  rows.reserve(values.size());
  for (const Value& value : values) rows.push_back({value});
  return array_literal(rows, 0);
}

// SQLite: calls statement(condition, parameters) for some of them at a time.
void in_parts(const std::string& column, std::span<const Value> values,
              const std::function<void(const std::string&, Values)>& statement) {
  while (!values.empty()) {
    const auto some = values.first(std::min(values.size(), kMostPlaces));
    Values parameters;
    const std::string places = places_for(some, parameters);
    statement(quote_identifier(column) + " IN (" + places + ")", std::move(parameters));
    values = values.subspan(some.size());
  }
}

}  // namespace

void select_among(Reader& reader, const AmongSelection& selection, std::span<const Value> values,
                  const RowFunction& each) {
  if (values.empty()) return;
  std::string head = "SELECT ";
  for (std::size_t i = 0; i < selection.columns.size(); ++i)
    head += (i == 0 ? "" : ", ") + quote_identifier(selection.columns[i]);
  std::string from = " FROM " + quote_identifier(selection.table);
  Values fixed;
  append_conditions(from, selection.where, fixed);
  from += selection.where.empty() ? " WHERE " : " AND ";
  const Values all = in_order(values, selection.is_text);
  if (!reader.dialect().is_postgres()) {
    in_parts(selection.column, all, [&](const std::string& condition, Values parameters) {
      parameters.insert(parameters.begin(), fixed.begin(), fixed.end());
      reader.query(head + from + condition, parameters, each);
    });
    return;
  }
  // Each value asks the index by itself. Of `column = ANY(…)` beside other conditions PostgreSQL
  // may use the others alone, and keeps the plan that it made when the table was empty.
  fixed.insert(fixed.begin(), array_of(all));
  reader.query("SELECT found.* FROM unnest(" + std::string(array_place(selection.is_text)) +
                   ") AS given(value) CROSS JOIN LATERAL (" + head + from +
                   quote_identifier(selection.column) + " = given.value OFFSET 0) AS found",
               fixed, each);
}

void erase_among(Writer& writer, const std::string& table, const std::string& column,
                 std::span<const Value> values) {
  if (values.empty()) return;
  const std::string head = "DELETE FROM " + quote_identifier(table) + " WHERE ";
  const Values all = in_order(values, false);
  if (writer.dialect().is_postgres()) {
    writer.execute(
        head + quote_identifier(column) + " = ANY(" + std::string(array_place(false)) + ")",
        Values{array_of(all)});
    return;
  }
  in_parts(column, all, [&](const std::string& condition, const Values& given) {
    writer.execute(head + condition, given);
  });
}

}  // namespace kehai::db
