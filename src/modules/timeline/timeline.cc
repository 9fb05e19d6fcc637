#include "modules/timeline/timeline.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "db/table.h"
#include "platform/merge/merge.h"
#include "query/parser.h"
#include "record/field_reader.h"
#include "record/fields/field_kit.h"
#include "record/files.h"
#include "record/render.h"

namespace kehai::modules {

using record::FieldDefinition;
using record::Record;
using record::RecordId;
using record::TypedRow;

namespace {

const db::Table kAudit("audit_entry");
const db::Table kOwnership("ownership");
constexpr std::int64_t kEditable = 86'400'000;
constexpr base::Instant kEndOfTime =
    253'402'300'799'000;  // the last instant that can be written down
constexpr int kMostBatches = 20;
struct AuditEntry {
  std::int64_t record_id = 0;
  std::int64_t id = 0;
  std::string action;
  std::int64_t actor_id = 0;
  std::int64_t at = 0;
  std::string via;
  base::JsonObject changes;
};

struct Entry {
  std::int64_t at = 0;
  std::int64_t id = 0;
  std::string json;
};

// A place in the order of time, then id: what comes next is older.
struct Cursor {
  std::int64_t at = INT64_MAX;
  std::int64_t id = INT64_MAX;
  bool is_before(Cursor other) const { return at != other.at ? at < other.at : id < other.id; }
};

record::Value stored_value(const base::Json& json) {
  if (json.is_int64()) return record::Value(json.get_int64());
  if (json.is_string()) return record::Value(std::string_view(json.get_string()));
  return {};
}

// Names of users, stages, accounts … that appear in one page, looked up once per object.
class Names {
 public:
  Names(record::Engine& engine, const record::Actor& actor) : engine_(engine), actor_(actor) {}
  void want(const std::string& object, std::int64_t id) {
    if (id != 0) wanted_[object].insert(id);
  }
  void load() {
    for (const auto& [object, ids] : wanted_) {
      known_[object] = engine_.titles(actor_, object, {ids.begin(), ids.end()});
    }
    if (wanted_files_.empty()) return;
    engine_.database().read([&](db::Reader& reader) {
      files_ = record::file_infos(reader, {wanted_files_.begin(), wanted_files_.end()});
    });
  }
  // A file, also one that is gone: its name stays.
  void want_file(std::int64_t id) { wanted_files_.insert(id); }
  const record::FileInfos& files() const { return files_; }
  std::string name(const std::string& object, std::int64_t id) const {
    if (id == 0) return "";
    const auto found = known_.find(object);
    if (found == known_.end()) return record::kVeil;
    const auto title = found->second.find(id);
    return title == found->second.end() ? record::kVeil : title->second;
  }

 private:
  record::Engine& engine_;
  const record::Actor& actor_;
  std::map<std::string, std::set<std::int64_t>> wanted_;
  std::map<std::string, std::map<std::int64_t, std::string>> known_;
  std::set<std::int64_t> wanted_files_;
  record::FileInfos files_;
};

void write_person(base::JsonWriter& writer, const Names& names, std::int64_t user) {
  writer.key("by");
  if (user == 0) {
    writer.null();
  } else {
    writer.begin_object()
        .key("id")
        .integer(user)
        .key("name")
        .text(names.name("user", user))
        .end_object();
  }
}

class Page {
 public:
  Page(record::Engine& engine, const record::Actor& actor, const record::ObjectSchema& object,
       RecordId id, std::vector<std::string> hidden)
      : engine_(engine),
        actor_(actor),
        object_(object),
        id_(id),
        hidden_(std::move(hidden)),
        names_(engine, actor) {
    engine_.database().read(
        [&](db::Reader& reader) { merged_ = platform::merged_into(reader, id_); });
  }

  // Reads on before `cursor` and appends what the person sees of it, newest first; moves the cursor
  // to where reading goes on. False when there is nothing more. Entries that show nothing make a
  // batch shorter than `limit`.
  bool read(Cursor& cursor, int limit, std::vector<Entry>& out) {
    load_audit(cursor, limit);
    load_activities(cursor, limit);
    load_stage_reasons(cursor, limit);
    collect_names();
    names_.load();
    // A source that has more is known only down to its last row: below it, the others wait.
    std::optional<Cursor> horizon;
    const auto ends_at = [&](std::size_t size, Cursor last) {
      if (size == static_cast<std::size_t>(limit) && (!horizon || horizon->is_before(last)))
        horizon = last;
    };
    if (!audit_.empty()) ends_at(audit_.size(), {audit_.back().at, audit_.back().id});
    if (!activities_.empty()) {
      const auto& last = activities_.back().record;
      ends_at(activities_.size(), {last.integer("happened_at"), last.id()});
    }
    std::vector<Entry> batch;
    for (const auto& entry : audit_) add_audit(entry, batch);
    for (const auto& activity : activities_) batch.push_back(activity_entry(activity));
    if (horizon) {
      std::erase_if(batch, [&](const Entry& entry) {
        return Cursor{entry.at, entry.id}.is_before(*horizon);
      });
      cursor = *horizon;
    }
    std::stable_sort(batch.begin(), batch.end(), [](const Entry& a, const Entry& b) {
      return Cursor{b.at, b.id}.is_before({a.at, a.id});
    });
    out.insert(out.end(), std::make_move_iterator(batch.begin()),
               std::make_move_iterator(batch.end()));
    return horizon.has_value();
  }

 private:
  void load_audit(Cursor cursor, int limit) {
    engine_.database().read([&](db::Reader& reader) {
      audit_.clear();
      reasons_.clear();
      load_audit_of(reader, id_, cursor, limit);
      // The history of what was merged into the record is its own.
      for (const auto& merged : merged_) load_audit_of(reader, merged.id, cursor, limit);
      std::stable_sort(audit_.begin(), audit_.end(), [](const AuditEntry& a, const AuditEntry& b) {
        return Cursor{b.at, b.id}.is_before({a.at, a.id});
      });
      if (audit_.size() > static_cast<std::size_t>(limit))
        audit_.resize(static_cast<std::size_t>(limit));
      kOwnership.select_each(
          reader,
          {{"from_at", "reason"},
           {{"record_id", db::Compare::Equal, id_}, {"from_at", db::Compare::LessEqual, cursor.at}},
           {{"from_at", true}},
           limit,
           false},
          [&](const db::Row& row) { reasons_[row.get_int(0)] = std::string(row.get_text(1)); });
    });
  }

  void load_audit_of(db::Reader& reader, RecordId id, Cursor cursor, int limit) {
    int rest = limit;
    const auto take = [&](std::vector<db::Condition> conditions) {
      if (rest <= 0) return;
      conditions.insert(conditions.begin(), {"record_id", db::Compare::Equal, id});
      kAudit.select_each(reader,
                         {{"id", "action", "actor_id", "at", "via", "changes"},
                          conditions,
                          {{"at", true}, {"id", true}},
                          rest,
                          false},
                         [&](const db::Row& row) {
                           AuditEntry entry{id,
                                            row.get_int(0),
                                            std::string(row.get_text(1)),
                                            row.get_int(2),
                                            row.get_int(3),
                                            std::string(row.get_text(4)),
                                            {}};
                           if (!row.is_null(5))
                             entry.changes = base::parse_json(row.get_text(5)).as_object();
                           audit_.push_back(std::move(entry));
                           --rest;
                         });
    };
    // First what happened in the same instant, however much that is.
    take({{"at", db::Compare::Equal, cursor.at}, {"id", db::Compare::Less, cursor.id}});
    take({{"at", db::Compare::Less, cursor.at}});
  }

  void load_activities(Cursor cursor, int limit) {
    activities_.clear();
    const std::string reference = object_.definition().name + "_id";
    const auto schema = engine_.schema();
    const auto* activity = schema->find("activity");
    if (activity == nullptr || activity->definition().field(reference) == nullptr ||
        !engine_.access().may(actor_, activity->definition(), "read")) {
      return;
    }
    const record::FieldReader fields(engine_.access(), actor_, activity->definition());
    if (!fields.shows_all({reference, "happened_at"})) return;
    record::ListRequest request;
    request.fixed = {{reference, record::Value(id_)}};
    request.options.top = limit;
    request.default_order = "happened_at desc, id desc";
    const std::string at = base::format_instant(std::min(cursor.at, kEndOfTime));
    request.options.filter =
        query::parse_expression("happened_at lt " + at + " or (happened_at eq " + at +
                                " and id lt " + std::to_string(cursor.id) + ")");
    engine_.list_typed(actor_, "activity", request,
                       [&](const TypedRow& row) { activities_.push_back(row); });
  }

  // Why a deal moved is kept in its stage history.
  void load_stage_reasons(Cursor cursor, int limit) {
    stage_reasons_.clear();
    const auto schema = engine_.schema();
    const auto* moves = schema->find("stage_change");
    if (object_.definition().name != "opportunity" || moves == nullptr ||
        !engine_.access().may(actor_, moves->definition(), "read")) {
      return;
    }
    const record::FieldReader fields(engine_.access(), actor_, moves->definition());
    if (!fields.shows_all({"reason", "to_stage_id", "created_at"})) return;
    record::ListRequest request;
    request.fixed = {{"opportunity_id", record::Value(id_)}};
    request.options.top = limit;
    request.default_order = "created_at desc";
    request.options.filter = query::parse_expression(
        "created_at le " + base::format_instant(std::min(cursor.at, kEndOfTime)));
    engine_.list_typed(actor_, "stage_change", request, [&](const TypedRow& row) {
      stage_reasons_[{row.record.integer("created_at"), row.record.integer("to_stage_id")}] =
          row.record.text("reason");
    });
  }

  bool shows(const FieldDefinition& field) const {
    return engine_.access().field_access(actor_, object_.definition(), field) !=
               record::FieldAccess::Hidden &&
           std::find(hidden_.begin(), hidden_.end(), field.name) == hidden_.end();
  }

  void collect_names() {
    for (const auto& entry : audit_) {
      names_.want("user", entry.actor_id);
      for (const auto& member : entry.changes) {
        const auto* field = object_.definition().field(std::string_view(member.key()));
        if (field == nullptr || !member.value().is_array()) continue;
        const bool file = field->type == record::FieldType::File;
        if (!file && !field->is_reference()) continue;
        const auto want = [&](const base::Json& id) {
          if (!id.is_int64()) return;
          file ? names_.want_file(id.get_int64()) : names_.want(field->target, id.get_int64());
        };
        for (const auto& side : member.value().get_array()) {
          want(side);
          if (const auto* list = side.if_array()) std::for_each(list->begin(), list->end(), want);
        }
      }
    }
    for (const auto& activity : activities_) {
      names_.want("user", activity.record.integer("created_by"));
      for (const auto& file : activity.record.many("attachments")) names_.want_file(file.as_int());
    }
  }

  std::string show_one(const FieldDefinition& field, const base::Json& json) const {
    const auto value = stored_value(json);
    if (value.is_null()) return "";
    if (field.is_reference()) return names_.name(field.target, value.int_or(0));
    if (engine_.access().is_masked(actor_, object_.definition(), field))
      return record::masked_text(field, value);
    if (field.type == record::FieldType::File) return record::file_name(value, names_.files());
    const record::TextContext context{actor_.language, &engine_.zone()};
    return record::field_kit(field.type).show(value, field, context);
  }

  std::string show(const FieldDefinition& field, const base::Json& json) const {
    const auto* list = json.if_array();
    if (list == nullptr) return show_one(field, json);
    std::string out;
    for (const auto& element : *list) out += (out.empty() ? "" : "、") + show_one(field, element);
    return out;
  }

  void begin(base::JsonWriter& writer, std::string_view kind, const AuditEntry& entry) const {
    writer.begin_object().key("kind").text(kind).key("at").text(base::format_instant(entry.at));
    write_person(writer, names_, entry.actor_id);
    writer.key("via").text(entry.via);
    if (entry.record_id == id_) return;
    for (const auto& merged : merged_) {
      if (merged.id == entry.record_id) writer.key("of").text(title_of(merged.title, merged.code));
    }
  }

  // Of a record that is merged: its title, as far as the person may read titles.
  std::string title_of(const std::string& title, const std::string& code) const {
    const auto* field = object_.definition().field(object_.definition().title_field);
    const bool shown = field != nullptr && shows(*field) &&
                       !engine_.access().is_masked(actor_, object_.definition(), *field);
    return shown ? title : code.empty() ? record::kVeil : code;
  }

  // What was merged into the record, and whether that can still be taken back.
  void write_merge(base::JsonWriter& writer, const AuditEntry& entry) const {
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
    const std::int64_t until =
        state ? state->at + platform::kUndoMergeDays * 86'400'000LL : entry.at;
    const bool open = state && !state->undone && engine_.clock().now() <= until &&
                      entry.record_id == id_ &&
                      engine_.access().may(actor_, object_.definition(), "merge");
    writer.end_array().key("undone").boolean(state && state->undone);
    writer.key("undoable_until");
    open ? writer.text(base::format_instant(until)) : writer.null();
  }

  void write_move(base::JsonWriter& writer, const FieldDefinition& field,
                  const base::JsonArray& sides, const AuditEntry& entry) const {
    writer.key("from").text(show(field, sides[0])).key("to").text(show(field, sides[1]));
    writer.key("reason").text(reason_label(reason_of(field, sides[1], entry.at)));
  }

  std::string reason_of(const FieldDefinition& field, const base::Json& to, std::int64_t at) const {
    if (field.name == "owner_id") {
      const auto reason = reasons_.find(at);
      return reason == reasons_.end() ? "" : reason->second;
    }
    const auto reason = stage_reasons_.find({at, to.is_int64() ? to.get_int64() : 0});
    return reason == stage_reasons_.end() ? "" : reason->second;
  }

  // Texts may name the person whom it is about.
  std::string action_label(const AuditEntry& entry) const {
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
  std::string reason_label(const std::string& stored) const {
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
    return text + (actor_.language == base::Language::English ? ": " : "：") +
           stored.substr(end + 1);
  }

  void add_audit(const AuditEntry& entry, std::vector<Entry>& out) const {
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

  Entry activity_entry(const TypedRow& activity) const;

  record::Engine& engine_;
  const record::Actor& actor_;
  const record::ObjectSchema& object_;
  RecordId id_;
  std::vector<std::string> hidden_;
  Names names_;
  std::vector<platform::MergedRecord> merged_;
  std::vector<AuditEntry> audit_;
  std::map<std::int64_t, std::string> reasons_;  // of owners, by time
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> stage_reasons_;  // by time and stage
  std::vector<TypedRow> activities_;
};

void write_instant(base::JsonWriter& writer, const record::Value& value) {
  value.is_int() ? writer.text(base::format_instant(value.as_int())) : writer.null();
}

// The first record that the follow-up is about, as far as the person may know of it; nothing = "".
std::string target_of(const TypedRow& activity, const record::FieldReader& fields,
                      std::initializer_list<const char*> order) {
  for (const auto* target : order) {
    const std::string field = std::string(target) + "_id";
    if (!activity.record.is_null(field) && fields.shows(field, activity.hidden)) return target;
  }
  return "";
}

void write_activity(base::JsonWriter& writer, record::Engine& engine, const record::Actor& actor,
                    const TypedRow& row, const Names& names) {
  const auto& activity = row.record;
  const record::FieldReader fields(engine.access(), actor, activity.definition());
  const auto value = [&](std::string_view field) {
    return fields.value(activity, field, row.hidden);
  };
  writer.begin_object()
      .key("kind")
      .text("activity")
      .key("at")
      .text(base::format_instant(activity.integer("happened_at")));
  write_person(writer, names, activity.integer("created_by"));
  writer.key("activity").begin_object().key("id").integer(activity.id());
  for (const auto* field : {"method", "content", "outcome"}) writer.key(field).value(value(field));
  writer.key("is_failed_attempt")
      .boolean(value("is_failed_attempt").int_or(0) != 0)
      .key("next_contact_at");
  write_instant(writer, value("next_contact_at"));
  if (const auto target = target_of(row, fields, {"opportunity", "contact", "lead", "account"});
      !target.empty()) {
    writer.key("target_object")
        .text(target)
        .key("target_id")
        .integer(activity.integer(target + "_id"));
  }
  if (fields.shows_all({"attachments"}, row.hidden)) {
    writer.key("attachments").begin_array();
    for (const auto& file : activity.many("attachments"))
      record::write_file(writer, file.as_int(), names.files());
    writer.end_array();
  }
  writer.key("version").integer(activity.version());
  const bool is_own = activity.integer("created_by") == actor.user_id;
  const bool is_fresh = engine.clock().now() - activity.integer("created_at") <= kEditable;
  writer.key("editable").boolean(is_own && is_fresh);
  writer.key("correctable")
      .boolean(is_own && !is_fresh && engine.access().may(actor, activity.definition(), "create"));
  writer.key("corrects_id").value(value("corrects_id"));
  writer.end_object();
}

Entry Page::activity_entry(const TypedRow& activity) const {
  Entry entry{activity.record.integer("happened_at"), activity.record.id(), {}};
  base::JsonWriter writer(entry.json);
  write_activity(writer, engine_, actor_, activity, names_);
  writer.end_object();
  return entry;
}

Cursor parse_cursor(std::string_view token) {
  Cursor cursor;
  const char* end = token.data() + token.size();
  const auto at = std::from_chars(token.data(), end, cursor.at);
  const bool colon = at.ec == std::errc() && at.ptr != end && *at.ptr == ':';
  if (!colon || std::from_chars(at.ptr + 1, end, cursor.id).ec != std::errc()) {
    throw base::Error(base::ErrorKind::Invalid, "query.bad_token");
  }
  return cursor;
}

}  // namespace

std::string timeline_json(record::Engine& engine, const record::Actor& actor,
                          std::string_view object, RecordId id, std::string_view before,
                          int limit) {
  const auto schema = engine.schema();
  const auto* found = schema->find(object);
  if (found == nullptr || !found->definition().history)
    throw base::Error(base::ErrorKind::NotFound, "route.not_found");
  // Everybody reads the names of users and roles; who signed in when and whose rights changed is
  // for whoever sets them up.
  if (found->definition().configuration &&
      !engine.access().may(actor, found->definition(), "configure")) {
    throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  }
  std::vector<std::string> hidden;
  engine.read(actor, object, id, &hidden);
  Cursor cursor = before.empty() ? Cursor{} : parse_cursor(before);
  Page page(engine, actor, *found, id, std::move(hidden));
  std::vector<Entry> entries;
  bool more = true;
  const auto wanted = static_cast<std::size_t>(limit);
  for (int batch = 0; more && entries.size() <= wanted && batch < kMostBatches; ++batch) {
    more = page.read(cursor, limit + 1, entries);
  }
  if (entries.size() > wanted) {
    // What one change made several entries of stays together.
    auto cut = wanted;
    while (cut < entries.size() && entries[cut].id == entries[cut - 1].id) ++cut;
    more = more || cut < entries.size();
    entries.resize(cut);
    cursor = {entries.back().at, entries.back().id};
  }
  const std::string next = more ? std::to_string(cursor.at) + ":" + std::to_string(cursor.id) : "";
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  for (const auto& entry : entries) writer.raw(entry.json);
  writer.end_array().key("next");
  next.empty() ? writer.null() : writer.text(next);
  writer.end_object();
  return out;
}

void append_recent(base::JsonWriter& writer, record::Engine& engine, const record::Actor& actor,
                   const std::string& filter, int limit) {
  record::ListRequest request;
  request.options.top = limit;
  request.default_order = "happened_at desc";
  if (!filter.empty()) request.options.filter = query::parse_expression(filter);
  std::vector<TypedRow> activities;
  engine.list_typed(actor, "activity", request,
                    [&](const TypedRow& row) { activities.push_back(row); });
  const auto schema = engine.schema();
  const record::FieldReader fields(engine.access(), actor, schema->at("activity").definition());
  Names names(engine, actor);
  for (const auto& row : activities) {
    names.want("user", row.record.integer("created_by"));
    for (const auto& file : row.record.many("attachments")) names.want_file(file.as_int());
    const auto target = target_of(row, fields, {"account", "lead"});
    if (!target.empty()) names.want(target, row.record.integer(target + "_id"));
  }
  names.load();
  writer.begin_array();
  for (const auto& row : activities) {
    write_activity(writer, engine, actor, row, names);
    if (const auto target = target_of(row, fields, {"account", "lead"}); !target.empty()) {
      const std::int64_t id = row.record.integer(target + "_id");
      writer.key("object")
          .text(target)
          .key("record_id")
          .integer(id)
          .key("record_title")
          .text(names.name(target, id));
    }
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace kehai::modules
