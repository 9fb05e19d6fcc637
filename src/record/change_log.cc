#include "record/change_log.h"

#include "base/error.h"
#include "db/dialect.h"
#include "record/store.h"

namespace kehai::record {

using db::quote_identifier;

namespace {

constexpr int kPage = 2000;
constexpr std::string_view kRowsOfStep =
    "(SELECT \"record_id\" FROM \"changed_row\" WHERE \"log\" = ? AND \"step\" = ?)";

std::string text(std::string_view value) {
  return std::string(value);
}

// " WHERE a = ? AND b IS NULL"; steps ask for nothing else.
void append_where(std::string& sql, const std::vector<db::Condition>& where, Values& parameters) {
  for (std::size_t i = 0; i < where.size(); ++i) {
    sql += (i == 0 ? " WHERE " : " AND ") + quote_identifier(where[i].column);
    switch (where[i].compare) {
      case db::Compare::Equal:
        sql += " = ?";
        parameters.push_back(where[i].value);
        break;
      case db::Compare::NotEqual:
        sql += " <> ?";
        parameters.push_back(where[i].value);
        break;
      case db::Compare::IsNull:
        sql += " IS NULL";
        break;
      case db::Compare::IsNotNull:
        sql += " IS NOT NULL";
        break;
      default:
        throw base::Error(base::ErrorKind::Internal, "internal", {}, "change_log: condition");
    }
  }
}

void add(Values& parameters, const Step& step) {
  parameters.emplace_back(step.log);
  parameters.emplace_back(step.number);
}

// Keeps which rows the step changes, with the version that they will have.
void keep_rows(db::Writer& writer, const Step& step, const ColumnChange& change,
               const std::vector<db::Condition>& where, std::int64_t within) {
  Values parameters;
  add(parameters, step);
  parameters.emplace_back(change.is_object ? change.table : std::string());
  std::string sql =
      "INSERT INTO \"changed_row\" (\"log\", \"step\", \"object\", \"record_id\", \"version\") "
      "SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT), \"id\", ";
  sql += change.is_object ? "\"version\" + 1" : "0";
  sql += " FROM " + quote_identifier(change.table);
  append_where(sql, where, parameters);
  if (within != 0) {
    sql += text(" AND \"id\" IN ") + text(kRowsOfStep);
    add(parameters, {step.log, within});
  }
  writer.execute(sql, parameters);
}

std::int64_t set_rows(db::Writer& writer, const Step& step, const ColumnChange& change,
                      const Value& value) {
  Values parameters{value};
  std::string sql = "UPDATE " + quote_identifier(change.table) + " SET " +
                    quote_identifier(change.column) + " = ?";
  if (change.is_object) sql += ", \"version\" = \"version\" + 1";
  sql += text(" WHERE \"id\" IN ") + text(kRowsOfStep);
  add(parameters, step);
  return writer.execute(sql, parameters);
}

}  // namespace

std::vector<db::TableDefinition> change_log_tables() {
  return {{"changed_row",
           {{"log", false, true},
            {"step", false, true},
            {"object", true, true},
            {"record_id", false, true},
            {"version", false, true}},
           {"log", "step", "record_id"},
           {{"ix_changed_row_record", {"log", "object", "record_id"}, false, "", ""}},
           false},
          {"changed_value",
           {{"log", false, true},
            {"step", false, true},
            {"record_id", false, true},
            {"position", false, true},
            {"value", false, false}},
           {"log", "step", "record_id", "position"},
           {},
           false}};
}

std::int64_t set_logged(db::Writer& writer, const Step& step, const ColumnChange& change,
                        const std::vector<db::Condition>& more, std::int64_t within) {
  std::vector<db::Condition> where = more;
  where.insert(where.begin(), change.from.is_null()
                                  ? db::Condition{change.column, db::Compare::IsNull, {}}
                                  : db::Condition{change.column, db::Compare::Equal, change.from});
  if (change.soft_delete) {
    // One index serves the living, another those in the recycle bin.
    for (const auto compare : {db::Compare::IsNull, db::Compare::IsNotNull}) {
      auto half = where;
      half.push_back({"deleted_at", compare, {}});
      keep_rows(writer, step, change, half, within);
    }
  } else {
    keep_rows(writer, step, change, where, within);
  }
  return set_rows(writer, step, change, change.to);
}

void set_back(db::Writer& writer, const Step& step, const ColumnChange& change) {
  set_rows(writer, step, change, change.from);
}

std::int64_t replace_value_logged(db::Writer& writer, const Step& step,
                                  const ObjectDefinition& object, const FieldDefinition& field,
                                  RecordId from, RecordId to, RecordId except) {
  const std::string values = quote_identifier(multi_table(object, field));
  const std::string table = quote_identifier(object.name);
  const std::string holders =
      "(SELECT \"record_id\" FROM " + values + " WHERE \"value\" = ? AND \"record_id\" <> ?)";
  Values parameters;
  add(parameters, step);
  parameters.emplace_back(object.name);
  parameters.emplace_back(from);
  parameters.emplace_back(except);
  writer.execute(
      "INSERT INTO \"changed_row\" (\"log\", \"step\", \"object\", \"record_id\", \"version\") "
      "SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT), \"id\", \"version\" + 1 "
      "FROM " +
          table + " WHERE \"id\" IN " + holders,
      parameters);
  parameters.clear();
  add(parameters, step);
  add(parameters, step);
  writer.execute(
      "INSERT INTO \"changed_value\" (\"log\", \"step\", \"record_id\", \"position\", \"value\") "
      "SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), \"record_id\", \"position\", \"value\" FROM " +
          values + " WHERE \"record_id\" IN " + text(kRowsOfStep),
      parameters);
  parameters.clear();
  add(parameters, step);
  const std::int64_t rows = writer.execute(
      "UPDATE " + table + " SET \"version\" = \"version\" + 1 WHERE \"id\" IN " + text(kRowsOfStep),
      parameters);
  // Who holds both keeps the one.
  parameters = {Value(from)};
  add(parameters, step);
  parameters.emplace_back(to);
  writer.execute("DELETE FROM " + values + " WHERE \"value\" = ? AND \"record_id\" IN " +
                     text(kRowsOfStep) + " AND \"record_id\" IN (SELECT \"record_id\" FROM " +
                     values + " WHERE \"value\" = ?)",
                 parameters);
  parameters = {Value(to), Value(from)};
  add(parameters, step);
  writer.execute("UPDATE " + values +
                     " SET \"value\" = ? WHERE \"value\" = ? AND \"record_id\" IN " +
                     text(kRowsOfStep),
                 parameters);
  return rows;
}

void replace_value_back(db::Writer& writer, const Step& step, const ObjectDefinition& object,
                        const FieldDefinition& field) {
  const std::string values = quote_identifier(multi_table(object, field));
  Values parameters;
  add(parameters, step);
  writer.execute("DELETE FROM " + values + " WHERE \"record_id\" IN " + text(kRowsOfStep),
                 parameters);
  writer.execute("INSERT INTO " + values +
                     " (\"record_id\", \"position\", \"value\") SELECT \"record_id\", "
                     "\"position\", \"value\" FROM \"changed_value\" WHERE \"log\" = ? AND "
                     "\"step\" = ?",
                 parameters);
  writer.execute("UPDATE " + quote_identifier(object.name) +
                     " SET \"version\" = \"version\" + 1 WHERE \"id\" IN " + text(kRowsOfStep),
                 parameters);
}

void log_record(db::Writer& writer, const Step& step, std::string_view object, RecordId id,
                std::int64_t version) {
  db::Table("changed_row")
      .insert(writer, {{"log", step.log},
                       {"step", step.number},
                       {"object", object},
                       {"record_id", id},
                       {"version", version}});
}

bool is_logged(db::Reader& reader, std::int64_t log, std::string_view object, RecordId id) {
  return !db::Table("changed_row")
              .select(reader, {{"step"},
                               {{"log", db::Compare::Equal, log},
                                {"object", db::Compare::Equal, object},
                                {"record_id", db::Compare::Equal, id}},
                               {},
                               1,
                               false})
              .empty();
}

std::int64_t count_changed_since(db::Reader& reader, std::int64_t log, std::string_view object,
                                 std::string_view stubs) {
  const Values parameters{Value(log), Value(object), Value(log)};
  return reader
      .scalar(
          "SELECT COUNT(*) FROM (SELECT \"record_id\", MAX(\"version\") AS \"version\" FROM "
          "\"changed_row\" WHERE \"log\" = ? AND \"object\" = ? GROUP BY \"record_id\") c WHERE "
          "NOT EXISTS (SELECT 1 FROM " +
              quote_identifier(object) +
              " t WHERE t.\"id\" = c.\"record_id\" AND t.\"version\" = c.\"version\") AND NOT "
              "EXISTS (SELECT 1 FROM " +
              quote_identifier(stubs) +
              " s WHERE s.\"record_id\" = c.\"record_id\" AND s.\"merge_id\" = ?)",
          parameters)
      .int_or(0);
}

void each_logged(
    db::Reader& reader, const Step& step,
    const std::function<void(const std::vector<std::pair<RecordId, std::int64_t>>&)>& page) {
  const db::Table table("changed_row");
  RecordId last = 0;
  std::vector<std::pair<RecordId, std::int64_t>> rows;
  do {
    rows.clear();
    table.select_each(
        reader,
        {{"record_id", "version"},
         {{"log", db::Compare::Equal, step.log},
          {"step", db::Compare::Equal, step.number},
          {"record_id", db::Compare::Greater, last}},
         {{"record_id", false}},
         kPage,
         false},
        [&](const db::Row& row) { rows.emplace_back(row.get_int(0), row.get_int(1)); });
    if (rows.empty()) return;
    last = rows.back().first;
    page(rows);
  } while (rows.size() == kPage);
}

std::int64_t count_referrers(db::Reader& reader, const ObjectSchema& object,
                             const FieldDefinition& field, const std::vector<RecordId>& ids) {
  Values parameters;
  const std::string places = padded_places(ids, parameters);
  std::string sql =
      "SELECT COUNT(*) FROM " + quote_identifier(object.definition().name) + " WHERE ";
  if (field.multiple) {
    sql += "\"id\" IN (SELECT \"record_id\" FROM " +
           quote_identifier(multi_table(object.definition(), field)) + " WHERE \"value\" IN (" +
           places + "))";
  } else {
    sql += quote_identifier(field.name) + " IN (" + places + ")";
  }
  if (object.soft_delete()) sql += " AND \"deleted_at\" IS NULL";
  return reader.scalar(sql, parameters).int_or(0);
}

Values repeated_values(db::Reader& reader, const ObjectSchema& object, std::string_view reference,
                       RecordId id, std::string_view column) {
  const std::string name = quote_identifier(column);
  Values out;
  const Values parameters{Value(id)};
  reader.query("SELECT " + name + " FROM " + quote_identifier(object.definition().name) +
                   " WHERE " + quote_identifier(reference) +
                   " = ? AND \"deleted_at\" IS NULL AND " + name + " IS NOT NULL GROUP BY " + name +
                   " HAVING COUNT(*) > 1 ORDER BY " + name,
               parameters, [&](const db::Row& row) { out.push_back(row.get(0)); });
  return out;
}

void forget_log(db::Writer& writer, std::int64_t log) {
  for (const auto* table : {"changed_row", "changed_value"})
    db::Table(table).erase(writer, {{"log", db::Compare::Equal, log}});
}

}  // namespace kehai::record
