// One record in memory and the values that a caller wants to write.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "record/definition.h"

namespace kehai::record {

using base::Value;
using base::Values;
using RecordId = std::int64_t;

// Values by field of one definition, which must outlive the record (the schema snapshot keeps it
// alive). Not thread-safe; a plain value.
class Record {
 public:
  explicit Record(const ObjectDefinition& definition)
      : definition_(&definition), values_(definition.fields.size()) {}

  const ObjectDefinition& definition() const { return *definition_; }
  // Unknown names throw Internal: a module's typo must not pass silently.
  const Value& get(std::string_view field) const;
  void set(std::string_view field, Value value);
  const Values& many(std::string_view field) const;
  void set_many(std::string_view field, Values values);

  const Value& at(std::size_t index) const { return values_[index]; }
  Value& at(std::size_t index) { return values_[index]; }
  const Values& many_at(std::size_t index) const;
  const std::map<std::size_t, Values>& all_many() const { return many_; }

  RecordId id() const { return get("id").int_or(0); }
  std::int64_t version() const { return get("version").int_or(0); }
  std::string text(std::string_view field) const { return get(field).text_or(""); }
  std::int64_t integer(std::string_view field) const { return get(field).int_or(0); }
  bool is_null(std::string_view field) const { return get(field).is_null(); }

 private:
  std::size_t index(std::string_view field) const;
  const ObjectDefinition* definition_;
  Values values_;
  std::map<std::size_t, Values> many_;
};

// Fields to write, in storage units. Absent = unchanged (update) or default (create).
struct Draft {
  std::map<std::string, Value, std::less<>> values;
  std::map<std::string, Values, std::less<>> many;

  Draft& set(std::string field, Value value) {
    values[std::move(field)] = std::move(value);
    return *this;
  }
};

}  // namespace kehai::record
