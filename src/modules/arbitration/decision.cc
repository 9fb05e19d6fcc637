#include "modules/arbitration/decision.h"

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/arbitration/disputes.h"
#include "modules/team/team.h"
#include "platform/notify/notify.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Record;
using record::Value;

namespace {

// Percents are stored in basis points.
constexpr std::int64_t kPercent = 100;
constexpr std::int64_t kHalf = 50 * kPercent;

void require_open(const Record& dispute) {
  if (dispute.text("status") != "open") throw Error(ErrorKind::Conflict, "arbitration.decided");
}

void check_claimant(record::Tx& tx, const Record& dispute) {
  const auto person = tx.find("user", dispute.integer("claimant_id"));
  if (!person || person->text("status") != "active")
    throw field_error("decision", "arbitration.claimant_left");
}

void hand_over(record::ActionContext& context, const Holding& holding, Record& record) {
  auto& tx = context.tx;
  const auto& dispute = *context.record;
  const std::int64_t former = record.integer("owner_id");
  holding.give(tx, *holding.kind(record.definition().name), record, dispute.integer("claimant_id"),
               "transfer", input_text(context.input, "note"), context.options);
  keep_former_owner(tx, record, context.input, former);
}

void let_in(record::ActionContext& context, const Record& record) {
  platform::Member member;
  member.user_id = context.record->integer("claimant_id");
  member.access = platform::MemberAccess::Edit;
  put_member(context.tx, record, member, "decision");
}

void close(record::ActionContext& context, std::string_view edge, Draft draft) {
  auto& tx = context.tx;
  draft.set("decided_at", tx.now());
  if (tx.actor().user_id != 0) draft.set("decided_by_id", tx.actor().user_id);
  tx.transition(*context.record, edge, std::move(draft), context.options);
}

// The parties hear what became of it; the claimant not more than he may see.
void tell_decision(record::Tx& tx, const Record& dispute, const Record& record,
                   const std::string& decision) {
  const std::string title = record.text(record.definition().title_field);
  const std::string kind = "arbitration_" + decision;
  platform::notify(tx, dispute.integer("claimant_id"), kind, {{"title", dispute.text("name")}},
                   "arbitration", dispute.id());
  platform::notify(tx, dispute.integer("holder_id"), kind, {{"title", title}}, "arbitration",
                   dispute.id());
  base::JsonObject data;
  const auto claimant = tx.find("user", dispute.integer("claimant_id"));
  data["name"] = claimant ? claimant->text("name") : "";
  data["reason"] = dispute.text("decision_note");
  tx.audit(record, kind, std::move(data));
}

}  // namespace

std::vector<record::FieldDefinition> decision_fields() {
  std::vector<record::FieldDefinition> fields{
      input_field(
          R"({"name":"decision","type":"select","required":true,"label":{"zh-CN":"裁决","zh-TW":"裁決","en":"Decision"},"options":[{"value":"kept","label":{"zh-CN":"维持原负责人","zh-TW":"維持原負責人","en":"Keep the owner"}},{"value":"transferred","label":{"zh-CN":"转给申请人","zh-TW":"轉給申請人","en":"Transfer to the claimant"}},{"value":"shared","label":{"zh-CN":"双方共享","zh-TW":"雙方共享","en":"Share it"}}]})"),
      input_field(
          R"({"name":"share","type":"percent","label":{"zh-CN":"申请人分成","zh-TW":"申請人分成","en":"Claimant's share"}})"),
      input_field(
          R"({"name":"note","type":"text","required":true,"max_length":500,"label":{"zh-CN":"裁决说明","zh-TW":"裁決說明","en":"Reason"}})")};
  for (auto& field : keep_owner_fields()) fields.push_back(std::move(field));
  return fields;
}

void decide(record::ActionContext& context, const Holding& holding) {
  auto& tx = context.tx;
  auto& dispute = *context.record;
  require_open(dispute);
  const std::string decision = input_text(context.input, "decision");
  Record record = disputed_record(tx, dispute);
  Draft draft;
  draft.set("decision_note", input_text(context.input, "note"));
  if (decision != "kept") check_claimant(tx, dispute);
  if (decision == "shared") {
    const std::int64_t share = input_value(context.input, "share").int_or(kHalf);
    if (share <= 0 || share >= 100 * kPercent) throw field_error("share", "arbitration.share");
    draft.set("share", share);
  }
  auto others = other_open(tx, dispute);
  mark_disputed(tx, record, false);
  if (decision == "transferred") hand_over(context, holding, record);
  if (decision == "shared") let_in(context, record);
  // Those who still claim it claim it from its new owner.
  for (auto& other : others) tx.update(other, Draft().set("holder_id", record.get("owner_id")));
  if (!others.empty()) mark_disputed(tx, record, true);
  close(context,
        decision == "kept"          ? "keep"
        : decision == "transferred" ? "transfer"
                                    : "share",
        std::move(draft));
  tell_decision(tx, dispute, record, decision);
}

void withdraw(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& dispute = *context.record;
  require_open(dispute);
  Record record = disputed_record(tx, dispute);
  if (other_open(tx, dispute).empty()) mark_disputed(tx, record, false);
  close(context, "withdraw", {});
  tell_other_side(
      tx, dispute, "arbitration_withdrawn", "arbitration_withdrawn",
      {{"title", record.text(record.definition().title_field)}, {"name", tx.actor().name}});
  base::JsonObject data;
  data["name"] = tx.actor().name;
  tx.audit(record, "arbitration_withdrawn", std::move(data));
}

}  // namespace kehai::modules
