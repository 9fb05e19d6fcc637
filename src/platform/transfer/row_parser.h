// Cells of one row → values of one record, with everything that is wrong collected.
//
// Lenient in writing, never guessing: amounts with signs and groups, dates in any usual form,
// labels in any language, references by name; a telephone number that a spreadsheet has damaged
// stays an error. Used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/dedupe/dedupe.h"
#include "platform/transfer/import_plan.h"
#include "platform/transfer/reference_resolver.h"

namespace kehai::platform {

struct ParsedCompanion;

// A record that a reference names and that is not there yet.
struct MissingRecord {
  const record::FieldDefinition* field = nullptr;
  std::string column;
  std::string name;
};

struct ParsedRow {
  std::int64_t number = 0;
  bool blank = false;       // nothing in the mapped columns
  record::Draft draft;      // with defaults
  record::Draft from_file;  // without them: what identifies the record
  std::string external_id;
  std::string key;  // text of the update's key column
  std::vector<CellError> errors;
  std::vector<std::uint64_t> keys;           // exact duplicate keys, hashed
  std::vector<std::uint64_t> blocking_keys;  // those of them that two rows can never share
  std::uint64_t fingerprint = 0;             // of the mapped cells as written
  std::vector<MissingRecord> missing;        // to be made before this one
  std::vector<ParsedCompanion> companions;   // whose cells are not all empty
};

struct ParsedCompanion {
  const CompanionPlan* companion = nullptr;
  ParsedRow row;
};

class RowParser {
 public:
  RowParser(record::Engine& engine, const Dedupe& dedupe, const ImportPlan& plan,
            ReferenceResolver& resolver, base::Language language);

  ParsedRow parse(const std::vector<Cell>& cells, std::int64_t number);

 private:
  struct Pending;
  void parse_column(const PlannedColumn& column, const Cell& cell, ParsedRow& row,
                    std::vector<Pending>& pending);
  void parse_value(const PlannedColumn& column, const Cell& cell, ParsedRow& row);
  void parse_many(const PlannedColumn& column, const std::string& text, ParsedRow& row);
  void resolve(const Pending& pending, ParsedRow& row);
  void combine(const std::vector<std::pair<const PlannedColumn*, std::string>>& pieces,
               ParsedRow& row);
  void parse_companions(const std::vector<Cell>& cells, ParsedRow& row);
  void set(const record::FieldDefinition& field, record::Value value, ParsedRow& row);
  std::string meant(const PlannedColumn& column, const std::string& text) const;

  record::Engine& engine_;
  const Dedupe& dedupe_;
  const ImportPlan& plan_;
  ReferenceResolver& resolver_;
  base::Language language_;
  std::vector<RowParser> companions_;  // one for each of the plan's
};

// One cell as a stored value of a field that is no reference; the error names the rule.
std::optional<base::FieldError> parse_cell(const record::FieldDefinition& field, const Cell& cell,
                                           const base::TimeZone& zone, base::Language language,
                                           base::Value& out);

std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0);

}  // namespace kehai::platform
