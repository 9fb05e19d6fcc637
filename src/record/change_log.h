// What one large change did to single columns of many rows, kept so that it can be taken back: a
// merge of customers re-points a hundred thousand contacts with a few statements.
//
// A step sets one column of the rows that match to one value; all of these rows held the same value
// before, so that a step is taken back by its ids alone. Rows never pass through the program's
// memory, except page by page for the audit. Stateless; used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "db/database.h"
#include "db/table.h"
#include "record/record.h"
#include "record/schema.h"

namespace kehai::record {

struct Step {
  std::int64_t log = 0;  // whose change
  std::int64_t number = 0;
};

struct ColumnChange {
  std::string table;
  std::string column;
  Value from;
  Value to;
  bool is_object = true;    // rows have versions, which count on and are watched
  bool soft_delete = true;  // rows have deleted_at
};

std::vector<db::TableDefinition> change_log_tables();

// Sets the column where it holds `from` and `more` holds; returns how many rows. `within` (number
// of an earlier step, 0 = none) narrows to the rows of that step.
std::int64_t set_logged(db::Writer& writer, const Step& step, const ColumnChange& change,
                        const std::vector<db::Condition>& more = {}, std::int64_t within = 0);
// Sets the rows of the step back to `from`; versions count on.
void set_back(db::Writer& writer, const Step& step, const ColumnChange& change);

// The values of a multi-valued reference: `from` becomes `to`, once in each record. Records in
// `except` stay as they are.
std::int64_t replace_value_logged(db::Writer& writer, const Step& step,
                                  const ObjectDefinition& object, const FieldDefinition& field,
                                  RecordId from, RecordId to, RecordId except);
void replace_value_back(db::Writer& writer, const Step& step, const ObjectDefinition& object,
                        const FieldDefinition& field);

// A record that changed in another way, with the version that it has now.
void log_record(db::Writer& writer, const Step& step, std::string_view object, RecordId id,
                std::int64_t version);

bool is_logged(db::Reader& reader, std::int64_t log, std::string_view object, RecordId id);

// Records of `object` that are not as the log left them: gone, in the recycle bin, or changed by
// somebody. Those that the merge itself took away (table `stubs`) are not looked at.
std::int64_t count_changed_since(db::Reader& reader, std::int64_t log, std::string_view object,
                                 std::string_view stubs);

// Pages of id and version of a step.
void each_logged(
    db::Reader& reader, const Step& step,
    const std::function<void(const std::vector<std::pair<RecordId, std::int64_t>>&)>& page);

// Live rows of `object` that refer to one of the records through this field.
std::int64_t count_referrers(db::Reader& reader, const ObjectSchema& object,
                             const FieldDefinition& field, const std::vector<RecordId>& ids);

// Values of `column` that several live rows share whose `reference` is `id`.
Values repeated_values(db::Reader& reader, const ObjectSchema& object, std::string_view reference,
                       RecordId id, std::string_view column);

void forget_log(db::Writer& writer, std::int64_t log);

}  // namespace kehai::record
