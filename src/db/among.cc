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

// Calls statement(condition, parameters): a condition for all the values on PostgreSQL, for some of
// them at a time on SQLite.
void in_parts(const Reader& reader, const std::string& column, bool is_text,
              std::span<const Value> given,
              const std::function<void(const std::string&, Values)>& statement) {
  // In order, and each once: neighbours lie in the same pages.
  Values all(given.begin(), given.end());
  std::sort(all.begin(), all.end(), [is_text](const Value& a, const Value& b) {
    return is_text ? a.as_text() < b.as_text() : a.as_int() < b.as_int();
  });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::span<const Value> values(all);
  const std::string name = quote_identifier(column);
  if (reader.dialect().is_postgres()) {
    std::vector<Values> rows;
    rows.reserve(values.size());
    for (const Value& value : values) rows.push_back({value});
    statement(name + (is_text ? " = ANY(?::TEXT::TEXT[])" : " = ANY(?::TEXT::BIGINT[])"),
              {array_literal(rows, 0)});
    return;
  }
  while (!values.empty()) {
    const auto some = values.first(std::min(values.size(), kMostPlaces));
    Values parameters;
    const std::string places = places_for(some, parameters);
    statement(name + " IN (" + places + ")", std::move(parameters));
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
  head += " FROM " + quote_identifier(selection.table);
  Values fixed;
  append_conditions(head, selection.where, fixed);
  head += selection.where.empty() ? " WHERE " : " AND ";
  in_parts(reader, selection.column, selection.is_text, values,
           [&](const std::string& condition, Values parameters) {
             parameters.insert(parameters.begin(), fixed.begin(), fixed.end());
             reader.query(head + condition, parameters, each);
           });
}

void erase_among(Writer& writer, const std::string& table, const std::string& column,
                 std::span<const Value> values) {
  if (values.empty()) return;
  const std::string head = "DELETE FROM " + quote_identifier(table) + " WHERE ";
  in_parts(writer, column, false, values, [&](const std::string& condition, const Values& given) {
    writer.execute(head + condition, given);
  });
}

}  // namespace kehai::db
