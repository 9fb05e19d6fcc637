#include "platform/merge/journal.h"

#include "record/engine.h"

namespace kehai::platform {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using record::ColumnChange;
using record::Record;
using record::Value;
using record::Values;

namespace {

const db::Table kSteps("merge_step");

}  // namespace

std::vector<db::TableDefinition> merge_tables() {
  auto tables = record::change_log_tables();
  tables.push_back({"record_merge",
                    {{"id", false, true},
                     {"object", true, true},
                     {"master_id", false, true},
                     {"actor_id", false, true},
                     {"at", false, true},
                     {"undone_at", false, false},
                     {"undone_by", false, false},
                     {"summary", true, true}},
                    {"id"},
                    {{"ix_record_merge_master", {"master_id", "at"}, false, "", ""},
                     {"ix_record_merge_at", {"at"}, false, "", ""}},
                    false});
  tables.push_back({"merged_record",
                    {{"record_id", false, true},
                     {"object", true, true},
                     {"master_id", false, true},
                     {"merge_id", false, true},
                     {"title", true, true},
                     {"code", true, true},
                     {"at", false, true}},
                    {"record_id"},
                    {{"ix_merged_record_master", {"master_id"}, false, "", ""},
                     {"ix_merged_record_merge", {"merge_id"}, false, "", ""}},
                    false});
  tables.push_back({"merge_step",
                    {{"merge_id", false, true},
                     {"step", false, true},
                     {"kind", true, true},
                     {"object", true, true},
                     {"record_id", false, true},
                     {"data", true, true}},
                    {"merge_id", "step"},
                    {},
                    false});
  return tables;
}

Json to_json(const Value& value) {
  if (value.is_int()) return value.as_int();
  if (value.is_text()) return Json(value.as_text());
  return nullptr;
}

Value to_value(const Json& json) {
  if (json.is_int64()) return Value(json.get_int64());
  if (json.is_string()) return Value(std::string_view(json.get_string()));
  return {};
}

JsonObject image_of(const Record& record) {
  JsonObject out;
  for (const auto& field : record.definition().fields) {
    if (!field.multiple) {
      out[field.name] = to_json(record.get(field.name));
      continue;
    }
    JsonArray values;
    for (const auto& value : record.many(field.name)) values.push_back(to_json(value));
    out[field.name] = std::move(values);
  }
  return out;
}

Record record_of(const record::ObjectDefinition& object, const JsonObject& image) {
  Record record(object);
  for (const auto& member : image) {
    const auto* field = object.field(std::string_view(member.key()));
    if (field == nullptr) continue;
    if (!field->multiple) {
      record.set(field->name, to_value(member.value()));
      continue;
    }
    Values values;
    for (const auto& value : member.value().as_array()) values.push_back(to_value(value));
    record.set_many(field->name, std::move(values));
  }
  return record;
}

record::Step Journal::add(std::string_view kind, std::string_view object, record::RecordId id,
                          const JsonObject& data) {
  ++last_;
  kSteps.insert(tx_.writer(), {{"merge_id", merge_},
                               {"step", last_},
                               {"kind", kind},
                               {"object", object},
                               {"record_id", id},
                               {"data", boost::json::serialize(data)}});
  return {merge_, last_};
}

std::vector<JournalStep> read_journal(db::Reader& reader, std::int64_t merge) {
  std::vector<JournalStep> out;
  kSteps.select_each(reader,
                     {{"step", "kind", "object", "record_id", "data"},
                      {{"merge_id", db::Compare::Equal, merge}},
                      {{"step", true}},
                      0,
                      false},
                     [&](const db::Row& row) {
                       out.push_back({{merge, row.get_int(0)},
                                      std::string(row.get_text(1)),
                                      std::string(row.get_text(2)),
                                      row.get_int(3),
                                      base::parse_json(row.get_text(4)).as_object()});
                     });
  return out;
}

void make_room(record::Engine& engine, std::int64_t rows) {
  constexpr std::int64_t kBlock = std::int64_t{1} << record::kIdBits;
  if (rows < kBlock) return;
  // What is left of the last block is given up: a lease counts only when nothing is left.
  for (;;) {
    try {
      engine.allocator().next_id("audit_entry");
    } catch (const record::BlockExhausted& exhausted) {
      engine.allocator().lease(exhausted, rows / kBlock + 2);
      return;
    }
  }
}

JsonObject column_json(const ColumnChange& change) {
  JsonObject data;
  data["column"] = change.column;
  data["from"] = to_json(change.from);
  data["to"] = to_json(change.to);
  data["is_object"] = change.is_object;
  return data;
}

ColumnChange column_of(const JournalStep& step) {
  return {step.object, base::json_text(step.data, "column"), to_value(step.data.at("from")),
          to_value(step.data.at("to")), base::json_bool(step.data, "is_object", true)};
}

}  // namespace kehai::platform
