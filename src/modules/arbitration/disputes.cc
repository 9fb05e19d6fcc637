#include "modules/arbitration/disputes.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text/company_name.h"
#include "base/working_days.h"
#include "modules/action_input.h"
#include "modules/activity/module.h"
#include "platform/access/access.h"
#include "platform/dedupe/tickets.h"
#include "platform/notify/notify.h"
#include "record/coerce.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::id_value;
using record::Record;
using record::Value;

namespace {

constexpr int kHighestChain = 20;  // of superiors; what is longer is a circle

std::string reference_to(const Record& record) {
  return record.definition().name + "_id";
}

// Has somebody now, and will have somebody tomorrow: no lead that has become something else.
bool is_disputable(const Record& record) {
  if (record.is_null("owner_id")) return false;
  const std::string status = record.text("status");
  return record.definition().name != "lead" || (status != "converted" && status != "voided");
}

// The nearest superior of the owner who is at work, may decide, and is not the claimant himself.
std::int64_t choose_decider(record::Tx& tx, std::int64_t holder, std::int64_t claimant) {
  auto& access = platform::access_of(tx.engine());
  const auto& arbitration = tx.schema().at("arbitration").definition();
  auto person = tx.find("user", holder);
  for (int height = 0; person && height < kHighestChain; ++height) {
    person = tx.find("user", person->integer("superior_id"));
    if (!person || person->id() == claimant || person->text("status") != "active") continue;
    if (access.may(access.reader_inside(tx.writer(), person->id()), arbitration, "decide"))
      return person->id();
  }
  return 0;
}

// What is declared of it; the ticket stands beside it.
Plea read_plea(const record::Registry& registry, const base::JsonObject& body) {
  base::JsonObject said;
  for (const auto& field : plea_fields()) {
    if (const auto* value = body.if_contains(field.name)) said[field.name] = *value;
  }
  record::WriteOptions none;
  const Draft draft = record::coerce_input(registry, plea_fields(), said, none);
  return {input_text(draft, "evidence"), input_id(draft, "lead_id"), false};
}

void check_lead(record::Tx& tx, const Plea& plea) {
  if (plea.lead_id == 0) return;
  const auto lead = tx.find("lead", plea.lead_id);
  if (!lead || lead->integer("owner_id") != tx.actor().user_id)
    throw field_error("lead_id", "arbitration.not_your_lead");
}

void check_parties(record::Tx& tx, const Record& record) {
  if (!tx.engine().access().may(tx.actor(), record.definition(), "create"))
    throw Error(ErrorKind::Forbidden, "access.denied");
  if (!is_disputable(record)) throw Error(ErrorKind::Conflict, "arbitration.not_disputable");
  if (record.integer("owner_id") == tx.actor().user_id)
    throw Error(ErrorKind::Conflict, "arbitration.own");
  const auto mine =
      tx.count("arbitration",
               reference_to(record) + " eq @record and claimant_id eq @me and status eq 'open'",
               {{"record", id_value(record.id())}});
  if (mine > 0) throw Error(ErrorKind::Conflict, "arbitration.already_open");
}

std::optional<base::Instant> earlier(std::optional<base::Instant> one,
                                     std::optional<base::Instant> other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

// What both sides have done; who was first wins by default (domain 5.7).
void add_facts(record::Tx& tx, const Record& record, const Plea& plea, Draft& draft) {
  const std::int64_t claimant = tx.actor().user_id;
  auto mine = first_valid_follow_up(tx, record, claimant);
  if (plea.lead_id != 0) {
    const auto lead = tx.get("lead", plea.lead_id, record::Lock::None);
    mine = earlier(mine, first_valid_follow_up(tx, lead, claimant));
    draft.set("evidence_lead_id", plea.lead_id);
  }
  const auto theirs = first_valid_follow_up(tx, record, record.integer("owner_id"));
  if (mine) draft.set("claimant_followed_at", *mine);
  if (theirs) draft.set("holder_followed_at", *theirs);
  const bool is_first = mine && (!theirs || *mine < *theirs);
  draft.set("proposal", is_first ? "transferred" : "kept");
}

// The field that names what is disputed.
std::string disputed_field(const Record& dispute) {
  return dispute.is_null("lead_id") ? "account_id" : "lead_id";
}

std::vector<std::int64_t> administrators(record::Tx& tx) {
  std::vector<std::int64_t> out;
  const auto roles =
      tx.find_all("role", "name eq @name",
                  {{"name", record::text_value(std::string(platform::kAdminRole))}}, "id", 1);
  if (roles.empty()) return out;
  constexpr int kEnough = 20;
  for (const auto& user : tx.find_all("user", "status eq 'active' and role_ids/any(r: r eq @role)",
                                      {{"role", id_value(roles[0].id())}}, "id", kEnough)) {
    out.push_back(user.id());
  }
  return out;
}

}  // namespace

std::vector<record::FieldDefinition> plea_fields() {
  return {
      input_field(
          R"({"name":"evidence","type":"long_text","required":true,"max_length":2000,"label":{"zh-CN":"申请理由与证据","zh-TW":"申請理由與證據","en":"Reason and evidence"}})"),
      input_field(
          R"({"name":"lead_id","type":"reference","target":"lead","label":{"zh-CN":"我的线索","zh-TW":"我的名單","en":"My lead"},"help":{"zh-CN":"您自己的、有跟进记录的线索","zh-TW":"您自己的、有追蹤紀錄的名單","en":"A lead of your own with your follow-ups"}})")};
}

void mark_disputed(record::Tx& tx, Record& record, bool disputed) {
  tx.update(record, Draft().set("is_disputed", disputed));
}

Record raise_dispute(record::Tx& tx, Record& record, const Plea& plea) {
  check_parties(tx, record);
  check_lead(tx, plea);
  const std::string title = record.text(record.definition().title_field);
  const std::int64_t holder = record.integer("owner_id");
  Draft draft;
  draft.set("name", plea.sees_record ? title : text::masked_name(title))
      .set(reference_to(record), record.id())
      .set("claimant_id", tx.actor().user_id)
      .set("holder_id", holder)
      .set("evidence", plea.evidence);
  if (plea.sees_record) draft.set("seeing_claimant_id", tx.actor().user_id);
  if (const auto decider = choose_decider(tx, holder, tx.actor().user_id); decider != 0)
    draft.set("decider_id", decider);
  const auto& zone = tx.engine().zone();
  draft.set("due_on", static_cast<std::int64_t>(
                          base::add_working_days(zone.local_date(tx.now()), kDaysToDecide, zone)));
  add_facts(tx, record, plea, draft);
  Record dispute = tx.create("arbitration", std::move(draft));
  mark_disputed(tx, record, true);
  base::JsonObject data;
  data["name"] = tx.actor().name;
  tx.audit(record, "arbitration_raised", std::move(data));
  tell_other_side(tx, dispute, "arbitration_raised", "arbitration_asked",
                  {{"title", title}, {"name", tx.actor().name}});
  return dispute;
}

record::RecordId raise_by_ticket(record::Engine& engine, const record::Actor& actor,
                                 const base::JsonObject& body) {
  const Plea plea = read_plea(engine.registry(), body);
  const auto id = platform::open_ticket(engine, actor.user_id, base::json_text(body, "ticket"));
  if (!id) throw Error(ErrorKind::Conflict, "join.ticket_over");
  record::RecordId raised = 0;
  engine.write(actor, [&](record::Tx& tx) {
    for (const auto* object : {"account", "lead"}) {
      auto record = tx.find(object, *id, record::Lock::ForUpdate);
      if (!record) continue;
      raised = raise_dispute(tx, *record, plea).id();
      return;
    }
    throw Error(ErrorKind::Conflict, "arbitration.not_disputable");
  });
  return raised;
}

Record disputed_record(record::Tx& tx, const Record& dispute) {
  const std::string field = disputed_field(dispute);
  return tx.get(field == "lead_id" ? "lead" : "account", dispute.integer(field));
}

std::vector<Record> other_open(record::Tx& tx, const Record& dispute) {
  const std::string field = disputed_field(dispute);
  return tx.find_all(
      "arbitration", field + " eq @record and status eq 'open' and id ne @self",
      {{"record", id_value(dispute.integer(field))}, {"self", id_value(dispute.id())}});
}

void tell_other_side(record::Tx& tx, const Record& dispute, const std::string& to_owner,
                     const std::string& to_deciders, const base::Params& params) {
  const std::int64_t holder = dispute.integer("holder_id");
  const std::int64_t decider = dispute.integer("decider_id");
  platform::notify(tx, holder, to_owner, params, "arbitration", dispute.id());
  for (const std::int64_t user :
       decider != 0 ? std::vector<std::int64_t>{decider} : administrators(tx)) {
    if (user != holder)
      platform::notify(tx, user, to_deciders, params, "arbitration", dispute.id());
  }
}

void tell_overdue(record::Engine& engine) {
  const std::int64_t today = engine.zone().local_date(engine.clock().now());
  constexpr int kAtOnce = 100;
  bool more = true;
  while (more) {
    engine.write(
        record::system_actor("job"),
        [&](record::Tx& tx) {
          const auto late = tx.find_all(
              "arbitration", "status eq 'open' and due_on lt @today and overdue_told_at eq null",
              {{"today", query::AliasValue::one({query::Type::Date, 0}, Value(today))}}, "id",
              kAtOnce);
          more = late.size() == kAtOnce;
          const auto admins = late.empty() ? std::vector<std::int64_t>{} : administrators(tx);
          for (const auto& dispute : late) {
            const auto record = disputed_record(tx, dispute);
            const std::string title = record.text(record.definition().title_field);
            std::set<std::int64_t> told(admins.begin(), admins.end());
            told.insert(dispute.integer("decider_id"));  // 0, nobody, is told nothing
            for (const std::int64_t user : told) {
              platform::notify(tx, user, "arbitration_overdue", {{"title", title}}, "arbitration",
                               dispute.id());
            }
            tx.engine().store().set_column(tx.writer(), "arbitration", "id", dispute.id(),
                                           "overdue_told_at", tx.now());
          }
        },
        db::Lane::Bulk);
  }
}

}  // namespace kehai::modules
