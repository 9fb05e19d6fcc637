#include "modules/lead/module.h"

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "modules/lead/bant.h"
#include "modules/lead/convert.h"
#include "modules/lead/without_owner.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Value;

namespace {

Error bad_transition(const record::Record& lead, const char* action) {
  return Error(ErrorKind::Conflict, "lead.bad_transition",
               {{"action", action}, {"status", lead.text("status")}});
}

bool is_closed(std::string_view status) {
  return status == "converted" || status == "voided";
}

void before_save(record::Tx&, record::Change& change) {
  auto& lead = *change.after;
  const bool typed_in = change.operation == record::Operation::Create &&
                        (change.options.entry == "manual" || change.options.entry == "api");
  if (typed_in && lead.is_null("mobile") && lead.is_null("phone") && lead.is_null("email") &&
      lead.is_null("wechat")) {
    throw field_error("mobile", "lead.contact_way_required");
  }
  const bool of_a_file =
      change.operation == record::Operation::Create && change.options.entry == "import";
  if (of_a_file && !change.draft.values.contains("source")) lead.set("source", Value("import"));
  // Converted and voided leads are read-only; leaving those states is a transition.
  if (change.operation == record::Operation::Update && is_closed(change.before->text("status")) &&
      !change.changed("status")) {
    throw Error(ErrorKind::Conflict, "lead.read_only", {{"status", change.before->text("status")}});
  }
  const Bant bant = evaluate_bant(lead.text("bant_budget"), lead.text("bant_authority"),
                                  lead.text("bant_need"), lead.text("bant_timeline"));
  lead.set("score", bant.answered == 0 ? Value() : Value(bant.score));
}

constexpr const char* kNeedsBant = "lead.convert_needs_bant";

// L9: where the organisation wants it, a lead is converted only when all four questions have an
// answer.
void check_bant(record::Tx& tx, const record::Change& change, const platform::Switches& switches) {
  const auto& lead = *change.after;
  if (!change.changed("status") || lead.text("status") != "converted") return;
  constexpr int kQuestions = 4;
  const Bant bant = evaluate_bant(lead.text("bant_budget"), lead.text("bant_authority"),
                                  lead.text("bant_need"), lead.text("bant_timeline"));
  if (bant.answered < kQuestions && switches.is_on(tx.writer(), kNeedsBant))
    throw Error(ErrorKind::Conflict, "lead.bant_incomplete");
}

platform::Switch bant_switch() {
  platform::Switch one;
  one.name = kNeedsBant;
  one.labels = {{"转换线索前必须完成 BANT 评估", "轉換名單前必須完成 BANT 評估",
                 "Leads need a complete BANT before they are converted"}};
  one.help = {{"预算、决策权、需求、时间四项都要有答案（不是“未知”）",
               "預算、決策權、需求、時間四項都要有答案（不是「未知」）",
               "Budget, authority, need and timeline all have an answer other than unknown"}};
  return one;
}

// L5: the owner has tried at least once and will again; the lead stays with the owner.
void invalidate(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& lead = *context.record;
  if (lead.text("status") != "pending" && lead.text("status") != "following")
    throw bad_transition(lead, "invalidate");
  const Value retry_at = input_value(context.input, "retry_at");
  if (retry_at.int_or(0) < tx.now()) throw field_error("retry_at", "field.past");
  if (tx.count("activity", "lead_id eq @lead", {{"lead", record::id_value(lead.id())}}) == 0) {
    throw Error(ErrorKind::Conflict, "lead.attempt_required");
  }
  Draft draft;
  draft.set("invalid_reason", input_value(context.input, "reason"));
  draft.set("next_contact_at", retry_at);
  tx.transition(lead, "invalidate", std::move(draft), context.options);
}

// L10: out of lists, pool and capacity; the duplicate check still finds it.
void void_lead(record::ActionContext& context) {
  auto& lead = *context.record;
  Draft draft;
  draft.set("void_reason", input_value(context.input, "reason"))
      .set("voided_at", context.tx.now())
      .set("voided_by_id", context.tx.actor().user_id);
  draft.set("status_before_void", lead.get("status"));
  draft.set("owner_before_void_id", lead.get("owner_id"))
      .set("pool_before_void_id", lead.get("pool_id"));
  draft.set("pool_id", Value());
  context.tx.transition(lead, "void", std::move(draft), context.options);
}

// L11: back to the state before voiding when the old owner is at work and has room, else to a pool.
void unvoid(record::ActionContext& context, const Holding& holding) {
  auto& tx = context.tx;
  auto& lead = *context.record;
  if (lead.text("status") != "voided") throw bad_transition(lead, "unvoid");
  const std::int64_t owner = lead.integer("owner_before_void_id");
  bool back_to_owner = is_at_work(tx, owner);
  record::WriteOptions options = context.options;
  if (back_to_owner) {
    try {
      options = holding.check_capacity(tx, *holding.kind("lead"), owner, context.options);
    } catch (const Error& error) {
      if (error.code() != "pool.capacity") throw;
      back_to_owner = false;
    }
  }
  Draft draft;
  for (const auto* field : {"void_reason", "voided_at", "voided_by_id", "status_before_void",
                            "owner_before_void_id", "pool_before_void_id"}) {
    draft.set(field, Value());
  }
  if (back_to_owner) {
    draft.set("status", lead.get("status_before_void")).set("owner_id", owner);
  } else {
    put_without_owner(tx, holding, lead, lead.integer("pool_before_void_id"), owner, draft);
  }
  tx.update(lead, std::move(draft), options);
}

record::Action action(std::string name, base::Labels labels, std::string icon,
                      std::string enabled_when, std::vector<record::FieldDefinition> input,
                      std::function<void(record::ActionContext&)> run) {
  record::Action value;
  value.object = "lead";
  value.name = std::move(name);
  value.labels = std::move(labels);
  value.icon = std::move(icon);
  value.enabled_when = std::move(enabled_when);
  value.input = std::move(input);
  value.danger = true;
  value.run = std::move(run);
  return value;
}

// ---- Merging (domain 5.8)

// What is over, or has become something else, stays as it is.
void check_merge(const platform::MergeCheck& check) {
  for (const auto& lead : check.set.records) {
    const std::string status = lead.text("status");
    if (status != "converted" && status != "voided") continue;
    check.refuse("lead.merge_ended");
    return;
  }
}

// A lead that somebody has begun with is begun; the earliest follow-up counts.
void merge_values(const platform::MergeSet& set, record::Draft& draft) {
  Value first = set.master().get("first_followed_at");
  bool begun = false;
  for (const auto* loser : set.losers()) {
    const Value& theirs = loser->get("first_followed_at");
    if (!theirs.is_null() && (first.is_null() || theirs.as_int() < first.as_int())) first = theirs;
    begun = begun || loser->text("status") == "following";
  }
  draft.set("first_followed_at", first);
  if (begun && set.master().text("status") == "pending") draft.set("status", "following");
}

}  // namespace

void register_lead(platform::Registrar& registrar, std::shared_ptr<Holding> holding,
                   const platform::Dedupe& dedupe) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_lead());
  record::Hooks hooks;
  hooks.object = "lead";
  hooks.name = "lead";
  hooks.before_save = [switches = registrar.switches](record::Tx& tx, record::Change& change) {
    before_save(tx, change);
    check_bant(tx, change, *switches);
  };
  registrar.switches->add(bant_switch());
  registry.add_hooks(std::move(hooks));
  holding->add(
      registrar,
      {"lead", true, "owner_id eq @owner and status in ('pending','following','invalid')", "", ""});
  platform::MergeHooks merge;
  merge.object = "lead";
  merge.check = check_merge;
  merge.adjust = merge_values;
  registrar.merge_rules->add(std::move(merge));
  registry.add_action(convert_action(dedupe));
  registry.add_action(action(
      "invalidate", {{"标记无效", "標記無效", "Mark invalid"}}, "phone-off",
      "status in ('pending','following')",
      {input_field(
           R"({"name":"reason","type":"select","picklist":"invalid_reason","required":true,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"}})"),
       input_field(
           R"({"name":"retry_at","type":"datetime","required":true,"label":{"zh-CN":"再次联系时间","zh-TW":"再次聯絡時間","en":"Try again at"}})")},
      invalidate));
  registry.add_action(action(
      "void", {{"作废", "作廢", "Void"}}, "ban",
      "status in ('unassigned','pending','following','invalid')",
      {input_field(
          R"({"name":"reason","type":"text","required":true,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"}})")},
      void_lead));
  registry.add_action(
      action("unvoid", {{"恢复", "還原", "Restore"}}, "rotate-ccw", "status eq 'voided'", {},
             [holding](record::ActionContext& context) { unvoid(context, *holding); }));
  registry.add_action(undo_convert_action(holding));
}

}  // namespace kehai::modules
