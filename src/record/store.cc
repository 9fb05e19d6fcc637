#include "record/store.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text/fold.h"
#include "db/dialect.h"
#include "record/fields/field_kit.h"
#include "record/store_text.h"

namespace kehai::record {

using db::quote_identifier;

std::string select_list(const ObjectSchema& schema, const std::vector<std::size_t>& fields,
                        std::string_view alias) {
  std::string sql;
  for (const std::size_t index : fields) {
    if (!sql.empty()) sql += ", ";
    sql += alias;
    sql += '.';
    sql += quote_identifier(schema.definition().fields[index].name);
  }
  return sql;
}

std::string select_by_id_text(const ObjectSchema& schema) {
  return "SELECT " + select_list(schema, schema.stored_fields(), "t0") + " FROM " +
         quote_identifier(schema.definition().name) + " t0 WHERE t0.\"id\" ";
}

std::string padded_places(const std::vector<RecordId>& ids, base::Values& parameters) {
  std::size_t places = 1;
  while (places < ids.size()) places *= 2;
  std::string sql;
  for (std::size_t i = 0; i < places; ++i) {
    sql += i == 0 ? "?" : ", ?";
    parameters.emplace_back(ids.empty() ? RecordId{-1} : ids[i < ids.size() ? i : ids.size() - 1]);
  }
  return sql;
}

std::vector<const FieldDefinition*> multi_fields(const ObjectDefinition& object,
                                                 const std::vector<query::SelectItem>& select) {
  const auto is_wanted = [&](const FieldDefinition& field) {
    return select.empty() || std::any_of(select.begin(), select.end(), [&](const auto& item) {
             return item.path.front() == "*" || item.path.front() == field.name;
           });
  };
  std::vector<const FieldDefinition*> fields;
  for (const auto& field : object.fields) {
    if (field.multiple && is_wanted(field)) fields.push_back(&field);
  }
  return fields;
}

Record record_of(const ObjectSchema& schema, const std::vector<std::size_t>& fields,
                 const db::Row& row) {
  Record record(schema.definition());
  for (std::size_t i = 0; i < fields.size(); ++i)
    record.at(fields[i]) = row.get(static_cast<int>(i));
  return record;
}

namespace {

Value sort_key_of(const Value& value) {
  return value.is_text() ? Value(text::sort_key(value.as_text())) : Value();
}

Value fold_of(const Value& value) {
  return value.is_text() ? Value(text::fold(value.as_text())) : Value();
}

// Adds `column = value` pairs of one field: itself, its sort key and its folded form.
void append_columns(const FieldDefinition& field, const Value& value,
                    std::vector<std::string>& columns, Values& parameters) {
  columns.push_back(field.name);
  parameters.push_back(value);
  if (field.sort_key) {
    columns.push_back(field.name + "__sort");
    parameters.push_back(sort_key_of(value));
  }
  if (field.fold) {
    columns.push_back(field.name + "__fold");
    parameters.push_back(fold_of(value));
  }
}

// Configuration is asked for with every record that refers to it: a transaction remembers it.
void ask(db::Reader& reader, const ObjectDefinition& object, const db::Question& question) {
  if (object.configuration) {
    reader.query_remembered(question.sql, question.parameters, question.each);
  } else {
    reader.query(question.sql, question.parameters, question.each);
  }
}

void put_values(ValueRows& values, const std::vector<const FieldDefinition*>& fields,
                const std::vector<Record*>& records) {
  std::unordered_map<RecordId, Record*> by_id;
  for (Record* record : records) by_id[record->id()] = record;
  std::vector<std::unordered_map<RecordId, Values>> lists(fields.size());
  values.each([&](std::size_t field, RecordId id, Value value) {
    lists[field][id].push_back(std::move(value));
  });
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (auto& [id, list] : lists[i]) by_id.at(id)->set_many(fields[i]->name, std::move(list));
  }
}

}  // namespace

std::optional<Record> Store::load(db::Reader& reader, const ObjectSchema& schema, RecordId id,
                                  bool lock) const {
  std::optional<Record> record;
  const Values parameters{Value(id)};
  const db::RowFunction each = [&](const db::Row& row) {
    record = record_of(schema, schema.stored_fields(), row);
  };
  const bool locks_row = lock && reader.dialect().is_postgres();
  const std::string sql = schema.select_by_id() + (locks_row ? "= ? FOR UPDATE" : "= ?");
  const auto fields = multi_fields(schema.definition());
  if (schema.definition().configuration && !lock) {
    ask(reader, schema.definition(), {sql, parameters, each});
    if (record) load_values(reader, {&*record});
  } else if (fields.empty()) {
    reader.query(sql, parameters, each);
  } else {
    ValueRows values(schema.definition(), fields, std::vector{id});
    reader.query_all(std::array{db::Question{sql, parameters, each}, values.question()});
    if (record) put_values(values, fields, {&*record});
  }
  return record;
}

void Store::each_row(db::Reader& reader, const ObjectSchema& schema,
                     const std::vector<RecordId>& ids, const Wanted& wanted) const {
  if (ids.empty()) return;
  Values parameters;
  const std::string places = padded_places(ids, parameters);
  const std::string sql = "SELECT " + select_list(schema, wanted.columns, "t0") + " FROM " +
                          quote_identifier(schema.definition().name) + " t0 WHERE t0.\"id\" IN (" +
                          places + ")";
  if (wanted.lists.empty()) {
    reader.query(sql, parameters, wanted.row);
    return;
  }
  ValueRows values(schema.definition(), wanted.lists, ids);
  reader.query_all(std::array{db::Question{sql, parameters, wanted.row}, values.question()});
  values.each(wanted.value);
}

std::vector<Record> Store::load_many(db::Reader& reader, const ObjectSchema& schema,
                                     const std::vector<RecordId>& ids) const {
  std::vector<Record> records;
  if (ids.empty()) return records;
  Values parameters;
  const std::string places = padded_places(ids, parameters);
  const std::string sql = schema.select_by_id() + "IN (" + places + ")";
  const db::RowFunction each = [&](const db::Row& row) {
    records.push_back(record_of(schema, schema.stored_fields(), row));
  };
  ask(reader, schema.definition(), {sql, parameters, each});
  return records;
}

void Store::multi_values(db::Reader& reader, const ObjectDefinition& object,
                         const std::vector<const FieldDefinition*>& fields,
                         const std::vector<RecordId>& ids, const ValueFunction& each) const {
  if (ids.empty() || fields.empty()) return;
  ValueRows values(object, fields, ids);
  ask(reader, object, values.question());
  values.each(each);
}

void Store::load_values(db::Reader& reader, const std::vector<Record*>& records,
                        const std::vector<query::SelectItem>& select) const {
  if (records.empty()) return;
  const auto& object = records.front()->definition();
  const auto fields = multi_fields(object, select);
  if (fields.empty()) return;
  std::vector<RecordId> ids;
  for (const Record* record : records) ids.push_back(record->id());
  ValueRows values(object, fields, ids);
  ask(reader, object, values.question());
  put_values(values, fields, records);
}

void Store::insert_multi(db::Writer& writer, const ObjectSchema& schema, std::size_t field,
                         RecordId id, const Values& values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    writer.insert_later(schema.value_insert(field),
                        {Value(id), Value(static_cast<std::int64_t>(i)), values[i]});
  }
}

Values Store::row_of(const ObjectSchema& schema, const Record& record) {
  Values values;
  values.reserve(schema.row_insert()->columns());
  for (const std::size_t index : schema.stored_fields()) {
    const auto& field = schema.definition().fields[index];
    const auto& value = record.at(index);
    values.push_back(value);
    if (field.sort_key) values.push_back(sort_key_of(value));
    if (field.fold) values.push_back(fold_of(value));
  }
  return values;
}

void Store::insert(db::Writer& writer, const ObjectSchema& schema, const Record& record) const {
  writer.insert_later(schema.row_insert(), row_of(schema, record));
  for (const auto& [index, values] : record.all_many())
    insert_multi(writer, schema, index, record.id(), values);
}

bool Store::update(db::Writer& writer, const ObjectSchema& schema, const Record& record,
                   const std::vector<std::size_t>& changed, std::int64_t expected_version) const {
  const auto& object = schema.definition();
  std::vector<std::string> columns;
  Values parameters;
  for (const std::size_t index : changed) {
    if (!object.fields[index].multiple)
      append_columns(object.fields[index], record.at(index), columns, parameters);
  }
  std::string assignments;
  for (const auto& column : columns) {
    assignments += assignments.empty() ? "" : ", ";
    assignments += quote_identifier(column) + " = ?";
  }
  parameters.emplace_back(record.id());
  parameters.emplace_back(expected_version);
  if (writer.execute("UPDATE " + quote_identifier(object.name) + " SET " + assignments +
                         " WHERE \"id\" = ? AND \"version\" = ?",
                     parameters) == 0) {
    return false;
  }
  for (const std::size_t index : changed) {
    const auto& field = object.fields[index];
    if (!field.multiple) continue;
    const Values key{Value(record.id())};
    writer.execute(
        "DELETE FROM " + quote_identifier(multi_table(object, field)) + " WHERE \"record_id\" = ?",
        key);
    insert_multi(writer, schema, index, record.id(), record.many_at(index));
  }
  return true;
}

void Store::erase(db::Writer& writer, const ObjectSchema& schema, RecordId id) const {
  const auto& object = schema.definition();
  const Values key{Value(id)};
  for (const auto& field : object.fields) {
    if (!field.multiple) continue;
    writer.execute(
        "DELETE FROM " + quote_identifier(multi_table(object, field)) + " WHERE \"record_id\" = ?",
        key);
  }
  writer.execute("DELETE FROM " + quote_identifier(object.name) + " WHERE \"id\" = ?", key);
}

std::int64_t Store::count_referrers(db::Reader& reader, const ObjectSchema& referrer,
                                    const FieldDefinition& field, RecordId id, int limit) const {
  std::string sql = "SELECT COUNT(*) FROM (SELECT 1 FROM " +
                    quote_identifier(referrer.definition().name) + " WHERE " +
                    quote_identifier(field.name) + " = ?";
  if (referrer.soft_delete()) sql += " AND \"deleted_at\" IS NULL";
  sql += " LIMIT " + std::to_string(limit) + ") found";
  const Values parameters{Value(id)};
  return reader.scalar(sql, parameters).int_or(0);
}

std::vector<RecordId> Store::referrers(db::Reader& reader, const ObjectSchema& referrer,
                                       const FieldDefinition& field, RecordId id,
                                       const Value& deleted_at) const {
  std::string sql = "SELECT \"id\" FROM " + quote_identifier(referrer.definition().name) +
                    " WHERE " + quote_identifier(field.name) + " = ?";
  Values parameters{Value(id)};
  if (referrer.soft_delete()) {
    sql += deleted_at.is_null() ? " AND \"deleted_at\" IS NULL" : " AND \"deleted_at\" = ?";
    if (!deleted_at.is_null()) parameters.push_back(deleted_at);
  }
  std::vector<RecordId> ids;
  reader.query(sql, parameters, [&](const db::Row& row) { ids.push_back(row.get_int(0)); });
  return ids;
}

namespace {

// One statement for live rows and one for those in the recycle bin: an index serves one of the two,
// and a statement about both would read the whole table.
void update_live_and_deleted(db::Writer& writer, const std::string& update,
                             const Values& parameters) {
  writer.execute(update + " AND \"deleted_at\" IS NULL", parameters);
  writer.execute(update + " AND \"deleted_at\" IS NOT NULL", parameters);
}

}  // namespace

void Store::set_column(db::Writer& writer, std::string_view object, std::string_view field,
                       RecordId id, std::string_view column, const Value& value) const {
  const Values parameters{value, Value(id)};
  const std::string update = "UPDATE " + quote_identifier(object) + " SET " +
                             quote_identifier(column) + " = ? WHERE " + quote_identifier(field) +
                             " = ?";
  if (field == "id") {
    writer.execute(update, parameters);
  } else {
    update_live_and_deleted(writer, update, parameters);
  }
}

bool Store::claim_unique(db::Writer& writer, const std::string& field, const std::string& key,
                         RecordId id) const {
  const Values parameters{Value(field), Value(key), Value(id)};
  return writer.execute(
             "INSERT INTO \"unique_key\" (\"field\", \"key\", \"record_id\") VALUES (?, ?, ?) ON "
             "CONFLICT DO NOTHING",
             parameters) > 0;
}

void Store::release_unique(db::Writer& writer, const std::string& field, RecordId id) const {
  const Values parameters{Value(field), Value(id)};
  writer.execute("DELETE FROM \"unique_key\" WHERE \"field\" = ? AND \"record_id\" = ?",
                 parameters);
}

}  // namespace kehai::record
