// Rows of records: the statements behind Tx and Engine. Knows tables and columns, no access and no
// hooks.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "db/database.h"
#include "query/ast.h"
#include "record/record.h"
#include "record/schema.h"
#include "record/store_values.h"

namespace kehai::record {

// "t0"."id", "t0"."code", … of the stored fields, in that order.
std::string select_list(const ObjectSchema& schema, const std::vector<std::size_t>& fields,
                        std::string_view alias);

// The multi-valued fields that `select` names, all when it is empty.
std::vector<const FieldDefinition*> multi_fields(const ObjectDefinition& object,
                                                 const std::vector<query::SelectItem>& select = {});

// The record in a row of these fields.
Record record_of(const ObjectSchema& schema, const std::vector<std::size_t>& fields,
                 const db::Row& row);

// What is wanted of some records: rows of stored fields, and values of multi-valued ones.
struct Wanted {
  const std::vector<std::size_t>& columns;
  db::RowFunction row;
  std::vector<const FieldDefinition*> lists = {};
  ValueFunction value = {};  // by list, record and position, after the rows
};

class Store {
 public:
  // Loads with multi-valued fields. `lock` takes the row lock on PostgreSQL.
  std::optional<Record> load(db::Reader& reader, const ObjectSchema& schema, RecordId id,
                             bool lock) const;
  // What is wanted of the records with these ids, in no particular order.
  void each_row(db::Reader& reader, const ObjectSchema& schema, const std::vector<RecordId>& ids,
                const Wanted& wanted) const;
  // Records by id, in no particular order, without multi-valued fields.
  std::vector<Record> load_many(db::Reader& reader, const ObjectSchema& schema,
                                const std::vector<RecordId>& ids) const;
  // The row goes in later (Writer::insert_later).
  void insert(db::Writer& writer, const ObjectSchema& schema, const Record& record) const;
  // What insert() writes into the object's own table, with the derived columns; the order is
  // object_table()'s (migrator.h).
  static Values row_of(const ObjectSchema& schema, const Record& record);
  // Writes the fields in `changed` where id and version match; false when the version was another
  // one.
  bool update(db::Writer& writer, const ObjectSchema& schema, const Record& record,
              const std::vector<std::size_t>& changed, std::int64_t expected_version) const;
  void erase(db::Writer& writer, const ObjectSchema& schema, RecordId id) const;
  // Values of multi-valued fields of many records in one statement: calls each(number of the field
  // among `fields`, record_id, value) by field, record and position.
  void multi_values(db::Reader& reader, const ObjectDefinition& object,
                    const std::vector<const FieldDefinition*>& fields,
                    const std::vector<RecordId>& ids, const ValueFunction& each) const;
  // Puts the multi-valued fields that `select` names, all when it is empty, into records of one
  // kind.
  void load_values(db::Reader& reader, const std::vector<Record*>& records,
                   const std::vector<query::SelectItem>& select = {}) const;
  // Number of live referrers through one field, at most `limit`.
  std::int64_t count_referrers(db::Reader& reader, const ObjectSchema& referrer,
                               const FieldDefinition& field, RecordId id, int limit) const;
  // Live referrers, or those that went to the recycle bin at exactly `deleted_at`.
  std::vector<RecordId> referrers(db::Reader& reader, const ObjectSchema& referrer,
                                  const FieldDefinition& field, RecordId id,
                                  const Value& deleted_at = {}) const;
  // Sets one column of all rows whose reference `field` is `id`: derived columns only, no audit, no
  // version. A column that the object's totals look at is set with Tx::set_derived.
  void set_column(db::Writer& writer, std::string_view object, std::string_view field, RecordId id,
                  std::string_view column, const Value& value) const;
  // Claims `key` of a unique field for a record; false when another record has it.
  bool claim_unique(db::Writer& writer, const std::string& field, const std::string& key,
                    RecordId id) const;
  void release_unique(db::Writer& writer, const std::string& field, RecordId id) const;

 private:
  void insert_multi(db::Writer& writer, const ObjectSchema& schema, std::size_t field, RecordId id,
                    const Values& values) const;
};

// "?, ?, …" padded to 1, 2, 4, 8 … places; the last value repeats, so that few statement shapes
// exist.
std::string padded_places(const std::vector<RecordId>& ids, base::Values& parameters);

}  // namespace kehai::record
