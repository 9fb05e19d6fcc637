#include "modules/timeline/timeline.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text/email.h"
#include "base/text/phone.h"
#include "db/table.h"
#include "query/parser.h"
#include "record/fields/field_kit.h"

namespace kehai::modules {

using record::FieldDefinition;
using record::Record;
using record::RecordId;

namespace {

const db::Table kAudit("audit_entry");
const db::Table kOwnership("ownership");
constexpr std::int64_t kEditable = 86'400'000;
constexpr const char* kVeil = "＊＊＊";

struct AuditEntry {
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
  }
  std::string name(const std::string& object, std::int64_t id) const {
    if (id == 0) return "";
    const auto found = known_.find(object);
    if (found == known_.end()) return kVeil;
    const auto title = found->second.find(id);
    return title == found->second.end() ? kVeil : title->second;
  }

 private:
  record::Engine& engine_;
  const record::Actor& actor_;
  std::map<std::string, std::set<std::int64_t>> wanted_;
  std::map<std::string, std::map<std::int64_t, std::string>> known_;
};

void write_person(base::JsonWriter& writer, const Names& names, std::int64_t user) {
  writer.key("by");
  if (user == 0) {
    writer.null();
  } else {
    writer.begin_object().key("id").integer(user).key("name").text(names.name("user", user)).end_object();
  }
}

class Page {
 public:
  Page(record::Engine& engine, const record::Actor& actor, const record::ObjectSchema& object, RecordId id,
       std::vector<std::string> hidden)
      : engine_(engine), actor_(actor), object_(object), id_(id), hidden_(std::move(hidden)), names_(engine, actor) {}

  void load(std::int64_t before_at, std::int64_t before_id, int limit) {
    engine_.database().read([&](db::Reader& reader) {
      audit_.clear();
      kAudit.select_each(reader,
                         {{"id", "action", "actor_id", "at", "via", "changes"},
                          {{"record_id", db::Compare::Equal, id_}, {"at", db::Compare::LessEqual, before_at}},
                          {{"at", true}, {"id", true}},
                          limit + 8,
                          false},
                         [&](const db::Row& row) {
                           if (row.get_int(3) == before_at && row.get_int(0) >= before_id) return;
                           AuditEntry entry{row.get_int(0), std::string(row.get_text(1)), row.get_int(2),
                                            row.get_int(3), std::string(row.get_text(4)), {}};
                           if (!row.is_null(5)) entry.changes = base::parse_json(row.get_text(5)).as_object();
                           audit_.push_back(std::move(entry));
                         });
      reasons_.clear();
      kOwnership.select_each(reader,
                             {{"from_at", "reason"},
                              {{"record_id", db::Compare::Equal, id_}, {"from_at", db::Compare::LessEqual, before_at}},
                              {{"from_at", true}},
                              limit,
                              false},
                             [&](const db::Row& row) { reasons_[row.get_int(0)] = std::string(row.get_text(1)); });
    });
    load_activities(before_at, before_id, limit);
    collect_names();
    names_.load();
  }

  std::vector<Entry> entries() {
    std::vector<Entry> out;
    for (const auto& entry : audit_) add_audit(entry, out);
    for (const auto& activity : activities_) out.push_back(activity_entry(activity));
    std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
      return a.at != b.at ? a.at > b.at : a.id > b.id;
    });
    return out;
  }

 private:
  void load_activities(std::int64_t before_at, std::int64_t before_id, int limit) {
    const std::string reference = object_.definition().name + "_id";
    const auto schema = engine_.schema();
    const auto* activity = schema->find("activity");
    if (activity == nullptr || activity->definition().field(reference) == nullptr ||
        !engine_.access().may(actor_, activity->definition(), "read")) {
      return;
    }
    record::ListRequest request;
    request.fixed = {{reference, record::Value(id_)}};
    request.options.top = limit + 8;
    request.default_order = "happened_at desc, id desc";
    // One millisecond more than the limit keeps entries of the same instant, which the id then decides.
    request.options.filter = query::parse_expression(
        "happened_at le " + base::format_instant(std::min(before_at, base::Instant{253'402'300'799'000})));
    engine_.list_typed(actor_, "activity", request, [&](const record::TypedRow& row) {
      if (row.record.integer("happened_at") == before_at && row.record.id() >= before_id) return;
      activities_.push_back(row.record);
    });
  }

  bool shows(const FieldDefinition& field) const {
    return engine_.access().field_access(actor_, object_.definition(), field) != record::FieldAccess::Hidden &&
           std::find(hidden_.begin(), hidden_.end(), field.name) == hidden_.end();
  }

  void collect_names() {
    for (const auto& entry : audit_) {
      names_.want("user", entry.actor_id);
      for (const auto& member : entry.changes) {
        const auto* field = object_.definition().field(std::string_view(member.key()));
        if (field == nullptr || !field->is_reference() || !member.value().is_array()) continue;
        for (const auto& side : member.value().get_array()) {
          if (side.is_int64()) names_.want(field->target, side.get_int64());
          if (const auto* list = side.if_array()) {
            for (const auto& element : *list) {
              if (element.is_int64()) names_.want(field->target, element.get_int64());
            }
          }
        }
      }
    }
    for (const auto& activity : activities_) names_.want("user", activity.integer("created_by"));
  }

  std::string show_one(const FieldDefinition& field, const base::Json& json) const {
    const auto value = stored_value(json);
    if (value.is_null()) return "";
    if (field.is_reference()) return names_.name(field.target, value.int_or(0));
    const record::TextContext context{actor_.language, &engine_.zone()};
    const std::string text = record::field_kit(field.type).show(value, field, context);
    if (!engine_.access().is_masked(actor_, object_.definition(), field)) return text;
    return field.mask == "phone" ? text::mask_phone(text) : field.mask == "email" ? text::mask_email(text) : "***";
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
  }

  // An option of the return reasons or a person's own words; a note may follow on a line of its own.
  std::string reason_text(const std::string& stored) const {
    const std::size_t end = std::min(stored.find('\n'), stored.size());
    std::string text = stored.substr(0, end);
    if (const auto* field = object_.definition().field("pool_reason"); field != nullptr && !text.empty()) {
      text = show_one(*field, base::Json(text));
    }
    if (end == stored.size()) return text;
    return text + (actor_.language == base::Language::English ? ": " : "：") + stored.substr(end + 1);
  }

  void write_move(base::JsonWriter& writer, const FieldDefinition& field, const base::JsonArray& sides,
                  const AuditEntry& entry) const {
    writer.key("from").text(show(field, sides[0])).key("to").text(show(field, sides[1]));
    const auto reason = reasons_.find(entry.at);
    writer.key("reason").text(reason == reasons_.end() ? "" : reason_text(reason->second));
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
    if (entry.action != "updated") {
      add([&](base::JsonWriter& writer) {
        begin(writer, "action", entry);
        writer.key("action").text(entry.action);
        if (const auto* reason = entry.changes.if_contains("reason"); reason != nullptr && reason->is_string()) {
          writer.key("reason").text(reason->get_string());
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
        writer.begin_object().key("field").text(field->name).key("label").text(field->labels.in(actor_.language));
        writer.key("before").text(show(*field, (*sides)[0])).key("after").text(show(*field, (*sides)[1])).end_object();
      }
      writer.end_array();
    });
  }

  Entry activity_entry(const Record& activity) const;

  record::Engine& engine_;
  const record::Actor& actor_;
  const record::ObjectSchema& object_;
  RecordId id_;
  std::vector<std::string> hidden_;
  Names names_;
  std::vector<AuditEntry> audit_;
  std::map<std::int64_t, std::string> reasons_;
  std::vector<Record> activities_;
};

void write_activity(base::JsonWriter& writer, record::Engine& engine, const record::Actor& actor, const Record& activity,
                    const Names& names) {
  writer.begin_object().key("kind").text("activity").key("at").text(base::format_instant(activity.integer("happened_at")));
  write_person(writer, names, activity.integer("created_by"));
  writer.key("activity").begin_object().key("id").integer(activity.id());
  for (const auto* field : {"method", "content", "outcome"}) writer.key(field).value(activity.get(field));
  writer.key("is_failed_attempt").boolean(activity.integer("is_failed_attempt") != 0).key("next_contact_at");
  activity.is_null("next_contact_at") ? writer.null()
                                      : writer.text(base::format_instant(activity.integer("next_contact_at")));
  for (const auto* target : {"opportunity", "contact", "lead", "account"}) {
    const std::string field = std::string(target) + "_id";
    if (activity.is_null(field)) continue;
    writer.key("target_object").text(target).key("target_id").integer(activity.integer(field));
    break;
  }
  writer.key("version").integer(activity.version());
  writer.key("editable").boolean(activity.integer("created_by") == actor.user_id &&
                                 engine.clock().now() - activity.integer("created_at") <= kEditable);
  writer.end_object();
}

Entry Page::activity_entry(const Record& activity) const {
  Entry entry{activity.integer("happened_at"), activity.id(), {}};
  base::JsonWriter writer(entry.json);
  write_activity(writer, engine_, actor_, activity, names_);
  writer.end_object();
  return entry;
}

}  // namespace

std::string timeline_json(record::Engine& engine, const record::Actor& actor, std::string_view object, RecordId id,
                          std::string_view before, int limit) {
  std::vector<std::string> hidden;
  engine.read(actor, object, id, &hidden);
  std::int64_t before_at = INT64_MAX;
  std::int64_t before_id = INT64_MAX;
  if (!before.empty()) {
    const auto at = std::from_chars(before.data(), before.data() + before.size(), before_at);
    const char* end = before.data() + before.size();
    const bool colon = at.ec == std::errc() && at.ptr != end && *at.ptr == ':';
    if (!colon || std::from_chars(at.ptr + 1, end, before_id).ec != std::errc()) {
      throw base::Error(base::ErrorKind::Invalid, "query.bad_token");
    }
  }
  const auto schema = engine.schema();
  Page page(engine, actor, schema->at(object), id, std::move(hidden));
  page.load(before_at, before_id, limit);
  auto entries = page.entries();
  std::string next;
  if (entries.size() > static_cast<std::size_t>(limit)) {
    entries.resize(static_cast<std::size_t>(limit));
    next = std::to_string(entries.back().at) + ":" + std::to_string(entries.back().id);
  }
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
  std::vector<Record> activities;
  engine.list_typed(actor, "activity", request,
                    [&](const record::TypedRow& row) { activities.push_back(row.record); });
  Names names(engine, actor);
  for (const auto& activity : activities) {
    names.want("user", activity.integer("created_by"));
    for (const auto* target : {"account", "lead"}) {
      names.want(target, activity.integer(std::string(target) + "_id"));
    }
  }
  names.load();
  writer.begin_array();
  for (const auto& activity : activities) {
    write_activity(writer, engine, actor, activity, names);
    const std::string target = activity.is_null("account_id") ? "lead" : "account";
    const std::int64_t id = activity.integer(target + "_id");
    writer.key("object").text(target).key("record_id").integer(id).key("record_title").text(names.name(target, id));
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace kehai::modules
