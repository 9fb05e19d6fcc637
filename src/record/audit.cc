#include "record/audit.h"

#include "base/json.h"
#include "db/bulk.h"
#include "record/engine.h"

namespace kehai::record {

namespace {

void append_value(base::JsonWriter& writer, const Record* record, std::size_t field) {
  if (record == nullptr) {
    writer.null();
  } else if (!record->definition().fields[field].multiple) {
    writer.value(record->at(field));
  } else {
    writer.begin_array();
    for (const auto& value : record->many_at(field)) writer.value(value);
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
    for (std::size_t i = 0; i < change.object.fields.size(); ++i) {
      const auto& field = change.object.fields[i];
      if (!field.audited || !change.changed_at(i)) continue;
      writer.key(field.name).begin_array();
      append_value(writer, change.before, i);
      append_value(writer, change.after, i);
      writer.end_array();
    }
  }
  writer.end_object();
  return changes;
}

void audit_step(Tx& tx, const Step& step, const ObjectDefinition& object, std::string_view field,
                const Value& before, const Value& after) {
  const auto* definition = object.field(field);
  if (!object.audited || definition == nullptr || !definition->audited) return;
  std::string changes;
  base::JsonWriter writer(changes);
  writer.begin_object().key(field).begin_array().value(before).value(after).end_array();
  writer.end_object();
  const auto table = audit_table();
  each_logged(tx.writer(), step, [&](const auto& page) {
    std::vector<Values> rows;
    rows.reserve(page.size());
    for (const auto& [id, version] : page) {
      rows.push_back({Value(tx.engine().allocator().next_id("audit_entry")), Value(object.name),
                      Value(id), Value(operation_name(Operation::Update)), Value(version),
                      Value(tx.actor().user_id), Value(tx.now()), Value(tx.actor().via),
                      Value(tx.actor().request_id), Value(changes)});
    }
    db::insert_rows(tx.writer(), table, rows);
  });
}

}  // namespace kehai::record
