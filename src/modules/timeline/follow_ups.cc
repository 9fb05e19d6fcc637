#include "modules/timeline/follow_ups.h"

#include "query/parser.h"
#include "record/field_reader.h"

namespace kehai::modules {

using record::TypedRow;

namespace {

constexpr std::int64_t kEditable = 86'400'000;

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

// Who took part: a name and a way there, or a veil for whom the reader may not see.
void write_contacts(base::JsonWriter& writer, const TypedRow& row,
                    const record::FieldReader& fields, const Names& names) {
  if (!fields.shows_all({"contact_ids"}, row.hidden)) return;
  writer.key("contacts").begin_array();
  for (const auto& contact : row.record.many("contact_ids")) {
    const auto id = contact.as_int();
    writer.begin_object().key("id");
    names.knows("contact", id) ? writer.integer(id) : writer.null();
    writer.key("name").text(names.name("contact", id)).end_object();
  }
  writer.end_array();
}

// Opens the entry and leaves it open.
void write_follow_up(base::JsonWriter& writer, record::Engine& engine, const record::Actor& actor,
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
  for (const auto* field : {"feedback", "next_plan"}) writer.key(field).value(value(field));
  write_contacts(writer, row, fields, names);
  if (fields.shows_all({"attachments"}, row.hidden)) {
    writer.key("attachments").begin_array();
    for (const auto& file : activity.many("attachments"))
      record::write_file(writer, file.as_int(), names.files());
    writer.end_array();
  }
  writer.key("comment_count").integer(value("comment_count").int_or(0));
  writer.key("version").integer(activity.version());
  const bool is_own = activity.integer("created_by") == actor.user_id;
  const bool is_fresh = engine.clock().now() - activity.integer("created_at") <= kEditable;
  writer.key("editable").boolean(is_own && is_fresh);
  writer.key("correctable")
      .boolean(is_own && !is_fresh && engine.access().may(actor, activity.definition(), "create"));
  writer.key("corrects_id").value(value("corrects_id"));
  writer.end_object();
}

}  // namespace

void FollowUpWriter::want_names(const std::vector<TypedRow>& activities, Names& names) {
  for (const auto& row : activities) {
    names.want("user", row.record.integer("created_by"));
    for (const auto& file : row.record.many("attachments")) names.want_file(file.as_int());
    for (const auto& contact : row.record.many("contact_ids"))
      names.want("contact", contact.as_int());
  }
}

void FollowUpWriter::write(const std::vector<TypedRow>& activities, const Names& names,
                           std::vector<Entry>& out) const {
  for (const auto& row : activities) {
    Entry entry{row.record.integer("happened_at"), row.record.id(), {}};
    base::JsonWriter writer(entry.json);
    write_follow_up(writer, engine_, actor_, row, names);
    writer.end_object();
    out.push_back(std::move(entry));
  }
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
  FollowUpWriter(engine, actor).want_names(activities, names);
  for (const auto& row : activities) {
    const auto target = target_of(row, fields, {"account", "lead"});
    if (!target.empty()) names.want(target, row.record.integer(target + "_id"));
  }
  names.load();
  writer.begin_array();
  for (const auto& row : activities) {
    write_follow_up(writer, engine, actor, row, names);
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
