#include "record/audit.h"

#include "base/json.h"

namespace kehai::record {

namespace {

void append_value(base::JsonWriter& writer, const Record* record, const FieldDefinition& field) {
  if (record == nullptr) {
    writer.null();
  } else if (!field.multiple) {
    writer.value(record->get(field.name));
  } else {
    writer.begin_array();
    for (const auto& value : record->many(field.name)) writer.value(value);
    writer.end_array();
  }
}

}  // namespace

db::TableDefinition audit_table() {
  return {"audit_entry",
          {{"id", false, true},
           {"object", true, true},
           {"record_id", false, true},
           {"action", true, true},
           {"version", false, true},
           {"actor_id", false, true},
           {"at", false, true},
           {"via", true, true},
           {"request_id", true, false},
           {"changes", true, false}},
          {"id"},
          {{"ix_audit_entry_record", {"record_id", "at", "id"}, false, "", ""},
           {"ix_audit_entry_at", {"at", "id"}, false, "", ""}},
          false};
}

std::string_view operation_name(Operation operation) {
  switch (operation) {
    case Operation::Create:
      return "created";
    case Operation::Update:
      return "updated";
    case Operation::Delete:
      return "deleted";
    case Operation::Restore:
      return "restored";
  }
  return "";
}

std::string audit_changes(const Change& change) {
  std::string changes;
  base::JsonWriter writer(changes);
  writer.begin_object();
  if (change.operation == Operation::Create || change.operation == Operation::Update) {
    for (const auto& field : change.object.fields) {
      if (!field.audited || !change.changed(field.name)) continue;
      writer.key(field.name).begin_array();
      append_value(writer, change.before, field);
      append_value(writer, change.after, field);
      writer.end_array();
    }
  }
  writer.end_object();
  return changes;
}

}  // namespace kehai::record
