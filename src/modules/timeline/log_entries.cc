#include "modules/timeline/log_entries.h"

#include <algorithm>
#include <optional>

#include "record/field_reader.h"
#include "record/fields/field_kit.h"
#include "record/render.h"

namespace kehai::modules {

using record::FieldDefinition;

namespace {

record::Value stored_value(const base::Json& json) {
  if (json.is_int64()) return record::Value(json.get_int64());
  if (json.is_string()) return record::Value(std::string_view(json.get_string()));
  return {};
}

}  // namespace

void LogWriter::want_names(Names& names) const {
  for (const auto& entry : log_.entries) {
    names.want("user", entry.actor_id);
    for (const auto& member : entry.changes) {
      const auto* field = object_.definition().field(std::string_view(member.key()));
      if (field == nullptr || !member.value().is_array()) continue;
      const bool file = field->type == record::FieldType::File;
      if (!file && !field->is_reference()) continue;
      const auto want = [&](const base::Json& id) {
        if (!id.is_int64()) return;
        file ? names.want_file(id.get_int64()) : names.want(field->target, id.get_int64());
      };
      for (const auto& side : member.value().get_array()) {
        want(side);
        if (const auto* list = side.if_array()) std::for_each(list->begin(), list->end(), want);
      }
    }
  }
}

std::string LogWriter::show_one(const FieldDefinition& field, const base::Json& json) const {
  const auto value = stored_value(json);
  if (value.is_null()) return "";
  if (field.is_reference()) return names_.name(field.target, value.int_or(0));
  if (engine_.access().is_masked(actor_, object_.definition(), field))
    return record::masked_text(field, value);
  if (field.type == record::FieldType::File) return record::file_name(value, names_.files());
  const record::TextContext context{actor_.language, &engine_.zone()};
  return record::field_kit(field.type).show(value, field, context);
}

std::string LogWriter::show(const FieldDefinition& field, const base::Json& json) const {
  const auto* list = json.if_array();
  if (list == nullptr) return show_one(field, json);
  std::string out;
  for (const auto& element : *list) out += (out.empty() ? "" : "、") + show_one(field, element);
  return out;
}

void LogWriter::begin(base::JsonWriter& writer, std::string_view kind,
                      const AuditEntry& entry) const {
  writer.begin_object().key("kind").text(kind).key("at").text(base::format_instant(entry.at));
  write_person(writer, names_, entry.actor_id);
  writer.key("via").text(entry.via);
  if (entry.record_id == id_) return;
  for (const auto& merged : merged_) {
    if (merged.id == entry.record_id) writer.key("of").text(title_of(merged.title, merged.code));
  }
}

// Of a record that is merged: its title, as far as the person may read titles.
std::string LogWriter::title_of(const std::string& title, const std::string& code) const {
  const auto* field = object_.definition().field(object_.definition().title_field);
  const bool shown = field != nullptr && shows(*field) &&
                     !engine_.access().is_masked(actor_, object_.definition(), *field);
  return shown ? title : code.empty() ? record::kVeil : code;
}

// What was merged into the record, and whether that can still be taken back.
void LogWriter::write_merge(base::JsonWriter& writer, const AuditEntry& entry) const {
  begin(writer, "merge", entry);
  const auto merge = base::json_int(entry.changes, "merge_id");
  std::optional<platform::MergeState> state;
  engine_.database().read(
      [&](db::Reader& reader) { state = platform::merge_state(reader, merge); });
  writer.key("label").text(action_label(entry)).key("merge_id").integer(merge);
  writer.key("merged").begin_array();
  if (const auto* list = entry.changes.if_contains("merged"); list != nullptr) {
    for (const auto& item : list->as_array())
      writer.text(title_of(base::json_text(item.as_object(), "title"), ""));
  }
  const std::int64_t until = state ? state->at + platform::kUndoMergeDays * 86'400'000LL : entry.at;
  const bool open = state && !state->undone && engine_.clock().now() <= until &&
                    entry.record_id == id_ &&
                    engine_.access().may(actor_, object_.definition(), "merge");
  writer.end_array().key("undone").boolean(state && state->undone);
  writer.key("undoable_until");
  open ? writer.text(base::format_instant(until)) : writer.null();
}

void LogWriter::write_move(base::JsonWriter& writer, const FieldDefinition& field,
                           const base::JsonArray& sides, const AuditEntry& entry) const {
  writer.key("from").text(show(field, sides[0])).key("to").text(show(field, sides[1]));
  writer.key("reason").text(reason_label(reason_of(field, sides[1], entry.at)));
}

std::string LogWriter::reason_of(const FieldDefinition& field, const base::Json& to,
                                 std::int64_t at) const {
  if (field.name == "owner_id") {
    const auto reason = log_.owner_reasons.find(at);
    return reason == log_.owner_reasons.end() ? "" : reason->second;
  }
  const auto reason = log_.stage_reasons.find({at, to.is_int64() ? to.get_int64() : 0});
  return reason == log_.stage_reasons.end() ? "" : reason->second;
}

// Texts may name the person whom it is about.
std::string LogWriter::action_label(const AuditEntry& entry) const {
  const std::string& action = entry.action;
  const std::string key = "timeline.action." + action;
  if (engine_.texts().has(actor_.language, key)) {
    return engine_.texts().text(actor_.language, key,
                                {{"name", base::json_text(entry.changes, "name")}});
  }
  const auto* known = engine_.registry().action(object_.definition().name, action);
  return known == nullptr ? action : known->labels.in(actor_.language);
}

// Reasons out of a list are kept as its values, which in the record stand in a field of their
// own; a note may follow on a line of its own.
std::string LogWriter::reason_label(const std::string& stored) const {
  const std::size_t end = std::min(stored.find('\n'), stored.size());
  std::string text = stored.substr(0, end);
  for (const auto& field : object_.definition().fields) {
    if (!field.name.ends_with("_reason")) continue;
    if (const auto* option = field.option(text)) {
      text = option->labels.in(actor_.language);
      break;
    }
  }
  if (end == stored.size()) return text;
  return text + (actor_.language == base::Language::English ? ": " : "：") + stored.substr(end + 1);
}

void LogWriter::write(const AuditEntry& entry, std::vector<Entry>& out) const {
  const auto add = [&](auto write) {
    Entry made{entry.at, entry.id, {}};
    base::JsonWriter writer(made.json);
    write(writer);
    writer.end_object();
    out.push_back(std::move(made));
  };
  if (entry.action == "created") {
    add([&](base::JsonWriter& writer) { begin(writer, "create", entry); });
    return;
  }
  // The entry of the merge itself says it.
  if (entry.action == "merged_away" && entry.record_id != id_) return;
  if (entry.action == "merged") {
    add([&](base::JsonWriter& writer) { write_merge(writer, entry); });
    return;
  }
  if (entry.action != "updated") {
    add([&](base::JsonWriter& writer) {
      begin(writer, "action", entry);
      writer.key("action").text(entry.action).key("label").text(action_label(entry));
      if (const auto* reason = entry.changes.if_contains("reason");
          reason != nullptr && reason->is_string()) {
        writer.key("reason").text(reason_label(std::string(reason->get_string())));
      }
    });
    return;
  }
  std::vector<std::pair<const FieldDefinition*, const base::JsonArray*>> plain;
  for (const auto& member : entry.changes) {
    const auto* field = object_.definition().field(std::string_view(member.key()));
    const auto* sides = member.value().if_array();
    if (field == nullptr || sides == nullptr || sides->size() != 2 || !shows(*field)) continue;
    if (field->name == "owner_id" || field->name == "stage_id") {
      add([&](base::JsonWriter& writer) {
        begin(writer, field->name == "owner_id" ? "owner" : "stage", entry);
        write_move(writer, *field, *sides, entry);
      });
    } else {
      plain.emplace_back(field, sides);
    }
  }
  if (plain.empty()) return;
  add([&](base::JsonWriter& writer) {
    begin(writer, "change", entry);
    writer.key("changes").begin_array();
    for (const auto& [field, sides] : plain) {
      writer.begin_object()
          .key("field")
          .text(field->name)
          .key("label")
          .text(field->labels.in(actor_.language));
      writer.key("before")
          .text(show(*field, (*sides)[0]))
          .key("after")
          .text(show(*field, (*sides)[1]))
          .end_object();
    }
    writer.end_array();
  });
}

bool LogWriter::shows(const FieldDefinition& field) const {
  return engine_.access().field_access(actor_, object_.definition(), field) !=
             record::FieldAccess::Hidden &&
         std::find(hidden_.begin(), hidden_.end(), field.name) == hidden_.end();
}

}  // namespace kehai::modules
