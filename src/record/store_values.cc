#include "record/store_values.h"

#include <algorithm>
#include <tuple>

#include "db/dialect.h"
#include "record/fields/field_kit.h"
#include "record/store.h"

namespace kehai::record {

using db::quote_identifier;

namespace {

// The values of one field: its number, record, position, and the value as a number or as text.
std::string select_values(const ObjectDefinition& object, const FieldDefinition& field,
                          std::size_t number, const std::string& ids) {
  const bool is_text = field_kit(field.type).is_text(field);
  return "SELECT " + std::to_string(number) + ", \"record_id\", \"position\", " +
         (is_text ? "CAST(NULL AS BIGINT), \"value\"" : "\"value\", CAST(NULL AS TEXT)") +
         " FROM " + quote_identifier(multi_table(object, field)) + " WHERE \"record_id\" IN (" +
         ids + ")";
}

}  // namespace

ValueRows::ValueRows(const ObjectDefinition& object,
                     const std::vector<const FieldDefinition*>& fields,
                     const std::vector<RecordId>& ids)
    : each_row_([this](const db::Row& row) { add(row); }) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) sql_ += " UNION ALL ";
    sql_ += select_values(object, *fields[i], i, padded_places(ids, parameters_));
  }
}

void ValueRows::add(const db::Row& row) {
  found_.push_back(
      {row.get_int(0), row.get_int(1), row.get_int(2), row.is_null(3) ? row.get(4) : row.get(3)});
}

void ValueRows::each(const ValueFunction& take) {
  std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
    return std::tie(a.field, a.id, a.position) < std::tie(b.field, b.id, b.position);
  });
  for (auto& one : found_) take(static_cast<std::size_t>(one.field), one.id, std::move(one.value));
}

}  // namespace kehai::record
