#include "db/database.h"

namespace kehai::db {

std::vector<Values> Reader::rows(std::string_view sql, std::span<const Value> parameters) {
  std::vector<Values> result;
  query(sql, parameters, [&result](const Row& row) {
    Values& values = result.emplace_back();
    const int count = row.column_count();
    values.reserve(static_cast<std::size_t>(count));
    for (int column = 0; column < count; ++column) values.push_back(row.get(column));
  });
  return result;
}

void Reader::query_all(std::span<const Question> questions) {
  for (const auto& question : questions) query(question.sql, question.parameters, question.each);
}

Value Reader::scalar(std::string_view sql, std::span<const Value> parameters) {
  Value result;
  bool first = true;
  query(sql, parameters, [&](const Row& row) {
    if (first && row.column_count() > 0) result = row.get(0);
    first = false;
  });
  return result;
}

bool Reader::exists(std::string_view sql, std::span<const Value> parameters) {
  bool found = false;
  query(sql, parameters, [&found](const Row&) { found = true; });
  return found;
}

}  // namespace kehai::db
