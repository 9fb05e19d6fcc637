// What the duplicate check answers: hits as far as the asker may see them, within the hour's limit
// (domain 5.3).
#include <algorithm>

#include "base/error.h"
#include "base/text/company_name.h"
#include "base/text/uscc.h"
#include "platform/dedupe/dedupe.h"
#include "platform/dedupe/tickets.h"
#include "platform/dedupe/values.h"
#include "record/field_reader.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::RecordId;
using record::Tx;

namespace {

Error too_many_look_ups() {
  return Error(ErrorKind::Limit, "duplicate.too_many_look_ups",
               {{"limit", std::to_string(Disclosures::kPerHour)}});
}

struct Person {
  std::string name;
  std::string department;
};

Person person_of(const record::Engine& engine, db::Reader& reader, std::int64_t id) {
  const auto schema = engine.schema();
  const auto users = engine.store().load_many(reader, schema->at("user"), {id});
  if (users.empty()) return {};
  const auto departments = engine.store().load_many(reader, schema->at("department"),
                                                    {users[0].integer("department_id")});
  return {users[0].text("name"), departments.empty() ? "" : departments[0].text("name")};
}

std::string_view word(DuplicateAction verdict) {
  if (verdict == DuplicateAction::Ignore) return "none";
  return verdict == DuplicateAction::Warn ? "warn" : "block";
}

}  // namespace

// Whoever asks about other people's customers leaves a trace in them.
void Dedupe::log_look_ups(record::Engine& engine, const record::Actor& actor,
                          const std::vector<DuplicateHit>& disclosed) {
  if (disclosed.empty()) return;
  record::Actor writer = actor;
  writer.read_only = false;
  std::vector<RecordId> ids;
  for (const auto& hit : disclosed) ids.push_back(hit.id);
  engine.write(writer, [&](Tx& tx) {
    if (!Disclosures::keep(tx, actor.user_id, ids)) throw too_many_look_ups();
    for (const auto& hit : disclosed) {
      if (const auto record = tx.find(hit.object, hit.id, record::Lock::None, true))
        tx.audit(*record, "duplicate_looked_up");
    }
  });
}

std::string Dedupe::hits_json(record::Engine& engine, db::Reader& reader,
                              const record::Actor& actor, const std::vector<DuplicateHit>& hits,
                              std::vector<DuplicateHit>* disclosed) const {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_array();
  const auto schema = engine.schema();
  for (const auto& hit : hits) {
    const auto& object = schema->at(hit.object);
    const auto& definition = object.definition();
    const auto records = engine.store().load_many(reader, object, {hit.id});
    if (records.empty()) continue;
    const auto& record = records[0];
    std::vector<std::string> hidden;
    const bool visible =
        engine.access().may(actor, definition, "read") &&
        record::admits(engine.access().scope(actor, definition, "read"), record, &hidden);
    if (!visible && hit.tier == 'F') continue;  // a guess must not lift a veil
    if (!visible) {
      const auto answer = disclosures_->disclose(reader, actor.user_id, hit.id,
                                                 engine.clock().now(), disclosed == nullptr);
      if (answer == Disclosures::Answer::Refused) throw too_many_look_ups();
      if (answer == Disclosures::Answer::New && disclosed != nullptr) disclosed->push_back(hit);
    }
    const std::string status =
        definition.status_field.empty() ? "" : record.text(definition.status_field);
    const std::string state = state_of(record);
    const record::FieldReader fields(engine.access(), actor, definition);
    const std::string title = record.text(definition.title_field);
    const bool named = visible && fields.shows_all({definition.title_field}, hidden);
    writer.begin_object().key("tier").text(std::string(1, hit.tier));
    writer.key("object")
        .text(hit.object)
        .key("object_label")
        .text(definition.labels.in(actor.language));
    writer.key("id");
    visible ? writer.integer(hit.id) : writer.null();
    writer.key("name")
        .text(named ? title : text::masked_name(title))
        .key("visible")
        .boolean(visible);
    writer.key("matched").begin_array();
    for (const auto& field : hit.matched) writer.text(field);
    writer.end_array().key("evidence").begin_array();
    for (const auto& sentence : hit.evidence) writer.text(sentence);
    const auto* known = about(hit.object);
    const bool open = known != nullptr && !known->open_status.empty() && state == "owned" &&
                      status == known->open_status;
    writer.end_array().key("score").integer(hit.score);
    writer.key("state").text(open ? "open" : state);
    writer.key("owner");
    const std::int64_t owner = definition.owned ? record.integer("owner_id") : 0;
    Person person;
    if (owner != 0 &&
        (visible ? fields.shows("owner_id", hidden) : switches_->is_on(reader, kShowsOwner)))
      person = person_of(engine, reader, owner);
    person.name.empty() ? writer.null() : writer.text(person.name);
    writer.key("owner_department");
    visible || person.department.empty() ? writer.null() : writer.text(person.department);
    writer.key("owner_text")
        .text(owner == 0 ? "" : engine.texts().text(actor.language, "duplicate.has_owner"));
    writer.key("public_number").boolean(hit.public_number);
    writer.key("head_office").boolean(hit.head_office).key("proposes");
    hit.proposed_field.empty() || !visible
        ? writer.null()
        : writer.begin_object().key(hit.proposed_field).integer(hit.id).end_object();
    writer.key("last_activity_on");
    const bool has_activity =
        definition.field("last_activity_at") != nullptr && !record.is_null("last_activity_at");
    has_activity ? writer.text(base::format_date(
                       engine.zone().local_date(record.integer("last_activity_at"))))
                 : writer.null();
    writer.key("won").boolean(known != nullptr && !known->won_status.empty() &&
                              status == known->won_status);
    // Whoever may read such records at all can ask to be let in on one of somebody else, and
    // whoever may make them can say that it is his; who may change it needs neither.
    const bool is_others =
        definition.members && state == "owned" && owner != 0 && !actor.read_only &&
        engine.access().may(actor, definition, "read") &&
        !record::admits(engine.access().scope(actor, definition, "edit"), record);
    if (is_others && !visible)
      writer.key("ticket").text(make_ticket(engine, actor.user_id, hit.id));
    const auto can = [&](std::string_view name) {
      const auto* action = is_others ? engine.registry().action(hit.object, name) : nullptr;
      return action != nullptr &&
             (action->needs.empty() || engine.access().may(actor, definition, action->needs));
    };
    writer.key("actions").begin_array();
    if (can("ask_to_join")) writer.text("join");
    if (can("arbitrate")) writer.text("arbitrate");
    if (visible && state != "deleted") writer.text("open");
    if (visible && state == "pool" && status != "inactive" &&
        engine.access().may(actor, definition, "claim")) {
      writer.text("claim");
    }
    if (visible && state == "deleted" && engine.access().may(actor, definition, "delete"))
      writer.text("restore");
    writer.end_array().end_object();
  }
  writer.end_array();
  return out;
}

// Half-typed values are no errors here: only text is looked at, and the records that it belongs to
// as far as the asker may see them.
Draft Dedupe::typed_values(record::Engine& engine, db::Reader& reader, const record::Actor& actor,
                           const record::ObjectSchema& object,
                           const base::JsonObject& values) const {
  constexpr std::size_t kLongest = 1000;
  constexpr std::size_t kMostValues = 20;
  const auto& definition = object.definition();
  std::vector<std::string> names = fields_of(definition.name);
  if (const auto* own = about(definition.name); own != nullptr) {
    if (!own->region_field.empty()) names.push_back(own->region_field);
    if (!own->parent_field.empty()) names.push_back(own->parent_field);
    if (!own->head_field.empty()) names.push_back(own->head_field);
  }
  Draft draft;
  for (const auto& name : names) {
    const auto& field = *definition.field(name);
    if (engine.access().field_access(actor, definition, field) != record::FieldAccess::Edit)
      continue;
    const auto* value = values.if_contains(name);
    if (value == nullptr) continue;
    if (field.multiple) {
      if (!value->is_array()) continue;
      for (const auto& one : value->get_array()) {
        if (draft.many[name].size() == kMostValues) break;
        if (one.is_string() && one.get_string().size() <= kLongest)
          draft.many[name].emplace_back(std::string_view(one.get_string()));
      }
      continue;
    }
    if (value->is_string() && value->get_string().size() <= kLongest && !field.is_reference())
      draft.values[name] = record::Value(std::string_view(value->get_string()));
    if (!value->is_int64()) continue;
    const bool seen =
        !field.is_reference() ||
        engine.can_see(reader, actor, engine.schema()->at(field.target), value->get_int64());
    if (seen) draft.values[name] = record::Value(value->get_int64());
  }
  return draft;
}

// What a person should know of a value that is valid, or nearly.
std::string Dedupe::hints_json(const record::Engine& engine, base::Language language,
                               std::string_view object, const Draft& draft) const {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_array();
  const auto hint = [&](const std::string& field, std::string code, const std::string& value) {
    writer.begin_object().key("field").text(field).key("code").text(code);
    writer.key("message").text(engine.texts().text(language, code, {{"code", value}}));
    writer.key("suggestion");
    value.empty() ? writer.null() : writer.text(value);
    writer.end_object();
  };
  for (const auto& field : fields_) {
    if (field.object != object || field.kind != KeyKind::Uscc) continue;
    for (const auto& value : texts_of(draft, field.field)) {
      const auto code = text::check_uscc(value);
      if (!code.suggestion.empty()) hint(field.field, "uscc.suggestion", code.suggestion);
      if (code.is_copy) hint(field.field, "uscc.copy_suffix", code.code);
      if (code.legacy) hint(field.field, "uscc.legacy", "");
      if (code.valid() && !code.inner_check_ok) hint(field.field, "uscc.inner_check", "");
    }
  }
  writer.end_array();
  return out;
}

std::string Dedupe::check_json(record::Engine& engine, const record::Actor& actor,
                               std::string_view object, const base::JsonObject& values,
                               RecordId self, DuplicateEntry entry) {
  const auto schema = engine.schema();
  const auto* found = schema->find(object);
  const auto& access = engine.access();
  if (found == nullptr || !access.may(actor, found->definition(), "read")) {
    throw Error(ErrorKind::NotFound, "record.not_found");
  }
  // Whoever enters nothing has no need to know who else has it.
  if (!access.may(actor, found->definition(), "create") &&
      !access.may(actor, found->definition(), "edit")) {
    throw Error(ErrorKind::Forbidden, "access.denied");
  }
  engine.database().read([&](db::Reader& reader) {
    if (disclosures_->is_exhausted(reader, actor.user_id, engine.clock().now()))
      throw too_many_look_ups();
  });
  std::string out;
  std::vector<DuplicateHit> disclosed;
  engine.database().read([&](db::Reader& reader) {
    disclosed.clear();
    const Draft draft = typed_values(engine, reader, actor, *found, values);
    // Leaving out a record that the asker may not see would tell its id.
    const RecordId own = self != 0 && engine.can_see(reader, actor, *found, self) ? self : 0;
    const auto whole = own == 0 ? std::nullopt : engine.store().load(reader, *found, own, false);
    const DuplicateQuestion question{object, draft, own, entry, true, whole ? &*whole : nullptr};
    const auto hits = find(reader, engine, actor.language, question);
    DuplicateAction verdict = DuplicateAction::Ignore;
    for (const auto& hit : hits) verdict = std::max(verdict, hit.action);
    out = "{\"verdict\":\"" + std::string(word(verdict)) +
          "\",\"hits\":" + hits_json(engine, reader, actor, hits, &disclosed) +
          ",\"hints\":" + hints_json(engine, actor.language, object, draft) + "}";
  });
  log_look_ups(engine, actor, disclosed);
  return out;
}

}  // namespace kehai::platform
