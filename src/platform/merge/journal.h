// The before-image of a merge, step by step, so that its undo reads it backwards; and the stubs:
// where merged records went. Inside platform/merge only, except stub lookups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "db/table.h"
#include "record/change_log.h"
#include "record/tx.h"

namespace kehai::platform {

std::vector<db::TableDefinition> merge_tables();

base::Json to_json(const record::Value& value);
record::Value to_value(const base::Json& json);
// All stored values by field; values of several as lists.
base::JsonObject image_of(const record::Record& record);
// Fields that the object no longer has are left out.
record::Record record_of(const record::ObjectDefinition& object, const base::JsonObject& image);

class Journal {
 public:
  Journal(record::Tx& tx, std::int64_t merge) : tx_(tx), merge_(merge) {}
  std::int64_t merge() const { return merge_; }
  std::int64_t last() const { return last_; }
  // The number of the new step; what it changed is logged under it.
  record::Step add(std::string_view kind, std::string_view object, record::RecordId id,
                   const base::JsonObject& data);

 private:
  record::Tx& tx_;
  std::int64_t merge_;
  std::int64_t last_ = 0;
};

struct JournalStep {
  record::Step step;
  std::string kind;    // column, values, record, rows, added, master
  std::string object;  // or fixed table
  record::RecordId record_id = 0;
  base::JsonObject data;
};
// The last step first.
std::vector<JournalStep> read_journal(db::Reader& reader, std::int64_t merge);

// Before a transaction that writes history for so many rows: the ids of the history are leased at
// once, so that the transaction need not begin anew for each block of them. Outside any closure.
void make_room(record::Engine& engine, std::int64_t rows);

base::JsonObject column_json(const record::ColumnChange& change);
record::ColumnChange column_of(const JournalStep& step);

}  // namespace kehai::platform
