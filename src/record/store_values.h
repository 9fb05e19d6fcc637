// The values of multi-valued fields of some records: the statement that finds them and, once it
// has run, what it found. Used by one thread; stays where it is, as its question views it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/database.h"
#include "record/definition.h"
#include "record/record.h"

namespace kehai::record {

// Gets the number of the field among those asked for, the record and one of its values.
using ValueFunction = std::function<void(std::size_t, RecordId, Value)>;

class ValueRows {
 public:
  // At least one field of `object`; borrows nothing.
  ValueRows(const ObjectDefinition& object, const std::vector<const FieldDefinition*>& fields,
            const std::vector<RecordId>& ids);
  ValueRows(const ValueRows&) = delete;
  ValueRows& operator=(const ValueRows&) = delete;

  db::Question question() const { return {sql_, parameters_, each_row_}; }
  // What was found, by field, record and position; once.
  void each(const ValueFunction& take);

 private:
  struct Found {
    std::int64_t field;
    RecordId id;
    std::int64_t position;
    Value value;
  };

  void add(const db::Row& row);

  std::string sql_;
  Values parameters_;
  std::vector<Found> found_;  // in the order in which the tables are read
  db::RowFunction each_row_;
};

}  // namespace kehai::record
