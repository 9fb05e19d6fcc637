// What each column of a file becomes, checked against the object and the person's rights.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/import_types.h"
#include "record/engine.h"

namespace kehai::platform {

struct PlannedColumn {
  std::size_t index = 0;
  std::string name;
  const record::FieldDefinition* field =
      nullptr;  // null: the key of the other system, or id or code of the record
  bool is_external_id = false;
  bool is_key = false;  // only finds the record ("id", "code", or the update's key)
};

struct CompanionPlan;

struct ImportPlan {
  std::shared_ptr<const record::Schema> schema;  // keeps the definitions alive
  const record::ObjectSchema* object = nullptr;
  ImportSettings settings;
  std::vector<PlannedColumn> columns;
  record::Draft defaults;
  bool keeps_authorship = false;
  std::set<const record::FieldDefinition*> creates;  // references that make what is missing
  std::vector<CompanionPlan> companions;             // records that each row brings along

  const record::ObjectDefinition& definition() const { return object->definition(); }
};

struct CompanionPlan {
  const record::FieldDefinition* link = nullptr;  // points to the imported record
  ImportPlan plan;
};

// Fields that a file may fill: editable ones, owner and pool once at creation; with the right
// kImportHistory also states once at creation, and who created the record when.
bool is_importable(const record::AccessPolicy& policy, const record::Actor& actor,
                   const record::ObjectDefinition& object, const record::FieldDefinition& field,
                   bool update);
// Several columns may fill these together: province, city, district; street and city.
bool takes_several_columns(const record::FieldDefinition& field);

// Header cells made unique: blanks become "#3", repetitions "name (2)".
std::vector<std::string> column_names(const TableInfo& info, std::size_t width);

// Throws field errors: "mapping" (import.unknown_column {column}, import.unknown_field {field},
// import.mapped_twice {field}, import.needs_history {field}), required fields without column and
// default (import.column_missing), "key", "create_missing", and what is wrong with defaults. Fields
// of companions have their object before them.
ImportPlan make_plan(record::Engine& engine, const record::Actor& actor, const std::string& object,
                     const ImportSettings& settings, const std::vector<std::string>& columns,
                     bool complete);

}  // namespace kehai::platform
