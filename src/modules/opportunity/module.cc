#include "modules/opportunity/module.h"

#include "base/error.h"
#include "modules/account/module.h"
#include "modules/action_input.h"
#include "modules/by_hand.h"
#include "modules/embedded_definitions.h"
#include "modules/opportunity/key_activities.h"
#include "modules/opportunity/people.h"
#include "modules/opportunity/pipeline_departments.h"
#include "modules/opportunity/pipelines.h"
#include "modules/opportunity/stage_replacement.h"
#include "modules/opportunity/stages.h"
#include "modules/opportunity/stagnation.h"
#include "modules/team/team.h"
#include "platform/notify/notify.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Value;

namespace {

constexpr std::int64_t kReopenDays = 90 * 86'400'000LL;

// One row per change, gap-free: the next row's "from" is this row's "to" (domain, Stage history).
void write_history(record::Tx& tx, const record::Record& deal, const Value& from,
                   std::int64_t entered_at, const std::string& reason) {
  Draft row;
  row.set("opportunity_id", deal.id())
      .set("from_stage_id", from)
      .set("to_stage_id", deal.get("stage_id"));
  row.set("seconds_in_from", from.is_null() ? Value() : Value((tx.now() - entered_at) / 1000));
  row.set("amount", deal.get("amount")).set("probability", deal.get("probability"));
  row.set("owner_id", deal.get("owner_id"));
  if (!reason.empty()) row.set("reason", reason);
  tx.create("stage_change", std::move(row));
}

std::string reason_of(const record::WriteOptions& options) {
  const auto* given = options.options.if_contains("stage_reason");
  return given != nullptr && given->is_string() ? std::string(given->get_string()) : "";
}

// A probability of one's own is an estimate, neither certainty.
void check_manual_probability(const record::Record& deal) {
  if (deal.integer("probability") < 1)
    throw field_error("probability", "field.minimum", {{"limit", "1"}});
  if (deal.integer("probability") > 99)
    throw field_error("probability", "field.maximum", {{"limit", "99"}});
}

void place_new_deal(record::Tx& tx, record::Record& deal, bool by_hand) {
  if (deal.is_null("pipeline_id")) deal.set("pipeline_id", Stages::default_pipeline(tx));
  const Stages stages(tx, deal.integer("pipeline_id"));
  check_pipeline_department(tx, deal, stages.pipeline());
  stages.check_complete();
  if (deal.is_null("stage_id")) deal.set("stage_id", stages.first_of("open")->id());
  const auto* stage = stages.find(deal.integer("stage_id"));
  if (stage == nullptr) throw field_error("stage_id", "opportunity.stage_of_other_pipeline");
  // Deals are closed by their actions, which have guards; files may bring what was decided long
  // ago.
  if (by_hand && stage->text("kind") != "open")
    throw field_error("stage_id", "opportunity.use_close_action");
  if (by_hand) {
    check_key_activities(tx, stages, 0, nullptr, *stage);
    stages.check_required_fields(deal, nullptr, *stage);
  }
  deal.set("status", stage->get("kind"));
  if (deal.is_null("probability")) {
    deal.set("probability", stage->get("probability"));
  } else if (stage->text("kind") == "open") {
    const bool is_manual = deal.integer("probability") != stage->integer("probability");
    deal.set("is_probability_manual", is_manual ? 1 : 0);
    if (is_manual && by_hand) check_manual_probability(deal);
  }
  if (stage->text("kind") != "open" && deal.is_null("actual_close_date")) {
    deal.set("actual_close_date", deal.is_null("expected_close_date")
                                      ? Value(tx.engine().zone().local_date(tx.now()))
                                      : deal.get("expected_close_date"));
  }
  deal.set("stage_entered_at",
           deal.is_null("created_at") ? Value(tx.now()) : deal.get("created_at"));
  const bool counts = stage->text("kind") == "open" || stage->text("kind") == "won";
  if (deal.is_null("furthest_stage_id")) {
    deal.set("furthest_stage_id", counts ? stage->id() : stages.first_of("open")->id());
  }
}

// The funnel counts how far a deal ever came; a lost one stays at its furthest stage (domain 8.10).
void keep_furthest(record::Tx& tx, record::Record& deal) {
  const auto now = tx.find("stage", deal.integer("stage_id"));
  if (!now || (now->text("kind") != "open" && now->text("kind") != "won")) return;
  const auto furthest = tx.find("stage", deal.integer("furthest_stage_id"));
  if (!furthest || now->integer("position") > furthest->integer("position"))
    deal.set("furthest_stage_id", now->id());
}

void before_save(record::Tx& tx, record::Change& change) {
  auto& deal = *change.after;
  if (change.operation == record::Operation::Create) {
    if (deal.is_null("owner_id")) deal.set("owner_id", tx.actor().user_id);
    check_named_owner(tx, change);
    const bool by_hand = is_by_hand(tx, change.options);
    if (by_hand && !deal.is_null("account_id"))
      check_open_for_business(tx, deal.integer("account_id"));
    place_new_deal(tx, deal, by_hand);
    return;
  }
  if (change.operation == record::Operation::Restore) {
    // Its stage may have been removed meanwhile.
    if (const auto now = replacement_of(tx, deal.integer("stage_id")))
      deal.set("stage_id", now->id());
    if (deal.text("status") == "open" && is_by_hand(tx, change.options))
      check_open_for_business(tx, deal.integer("account_id"));
  }
  if (change.operation != record::Operation::Update) return;
  deal.set("stagnant_since", Value());  // it moves
  if (change.changed("account_id") && is_by_hand(tx, change.options) && !deal.is_null("account_id"))
    check_open_for_business(tx, deal.integer("account_id"));
  if (change.changed("stage_id")) keep_furthest(tx, deal);
  if (change.changed("pipeline_id") && !change.changed("stage_id")) {
    throw field_error("pipeline_id", "opportunity.pipeline_is_fixed");
  }
  if (change.changed("pipeline_id"))
    check_pipeline_department(tx, deal, Stages(tx, deal.integer("pipeline_id")).pipeline());
  if (change.changed("probability") && !change.changed("stage_id") && !change.changed("status")) {
    if (deal.text("status") != "open") throw field_error("probability", "field.read_only");
    check_manual_probability(deal);
    deal.set("is_probability_manual", 1);
  } else if (change.changed("is_probability_manual") && !change.changed("stage_id") &&
             deal.integer("is_probability_manual") == 0 && deal.text("status") == "open") {
    deal.set("probability",
             tx.get("stage", deal.integer("stage_id"), record::Lock::None).get("probability"));
  }
}

void after_save(record::Tx& tx, record::Change& change) {
  const auto& deal = *change.after;
  const bool created = change.operation == record::Operation::Create;
  const bool removed = change.operation == record::Operation::Delete;
  if (created || (!removed && change.changed("stage_id"))) {
    write_history(tx, deal, created ? Value() : change.before->get("stage_id"),
                  created ? 0 : change.before->integer("stage_entered_at"),
                  reason_of(change.options));
  }
  const bool moved = change.operation == record::Operation::Update && change.changed("account_id");
  if (created || moved) account_gains_opportunity(tx, deal.integer("account_id"));
  const bool is_won = deal.text("status") == "won";
  const bool was_won = change.before != nullptr && change.before->text("status") == "won";
  const bool back = change.operation == record::Operation::Restore;
  if (is_won && (created || back || moved || (!removed && !was_won)))
    account_wins(tx, deal.integer("account_id"));
  // The customer that it was won with.
  if (was_won && (removed || moved || !is_won))
    account_loses_win(tx, change.before->integer("account_id"));
}

Draft stage_draft(record::Tx& tx, const record::Record& deal, const record::Record& stage) {
  begin_after_stage_entry(tx, deal);
  Draft draft;
  draft.set("stage_id", stage.id()).set("stage_entered_at", tx.now());
  const bool keeps_manual =
      deal.integer("is_probability_manual") != 0 && stage.text("kind") == "open";
  if (!keeps_manual)
    draft.set("probability", stage.get("probability")).set("is_probability_manual", 0);
  return draft;
}

record::WriteOptions with_reason(record::WriteOptions options, const std::string& reason) {
  options.options["stage_reason"] = reason;
  return options;
}
record::WriteOptions with_reason(const record::ActionContext& context, const std::string& reason) {
  return with_reason(context.options, reason);
}

void emit(record::Tx& tx, const record::Record& deal, std::string kind) {
  record::Event event;
  event.kind = std::move(kind);
  event.object = "opportunity";
  event.record_id = deal.id();
  event.version = deal.version();
  tx.emit(std::move(event));
}
void emit(record::ActionContext& context, std::string kind) {
  emit(context.tx, *context.record, std::move(kind));
}

void require_open(const record::Record& deal, std::string_view action) {
  if (deal.text("status") != "open") {
    throw Error(ErrorKind::Conflict, "opportunity.bad_transition",
                {{"action", std::string(action)}, {"status", deal.text("status")}});
  }
}

void move_stage(record::ActionContext& context) {
  auto& deal = *context.record;
  require_open(deal, "move_stage");
  const Stages stages(context.tx, deal.integer("pipeline_id"));
  const auto* target = stages.find(input_id(context.input, "stage_id"));
  if (target == nullptr) throw field_error("stage_id", "opportunity.stage_of_other_pipeline");
  if (target->id() == deal.integer("stage_id")) return;
  const std::string reason = input_text(context.input, "reason");
  stages.check_move(deal, *target, reason);
  const auto* current = stages.find(deal.integer("stage_id"));
  if (current != nullptr && current->integer("position") < target->integer("position"))
    check_key_activities(context.tx, stages, deal.id(), current, *target);
  context.tx.update(deal, stage_draft(context.tx, deal, *target), with_reason(context, reason));
  emit(context, "stage_changed");
}

const record::Record& end_stage(const Stages& stages, std::string_view kind) {
  const auto* stage = stages.first_of(kind);
  if (stage == nullptr) throw Error(ErrorKind::Conflict, "opportunity.pipeline_incomplete");
  return *stage;
}

void win(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& deal = *context.record;
  require_open(deal, "win");
  const Value given = input_value(context.input, "amount");
  const Value amount = given.is_null() ? deal.get("amount") : given;
  if (amount.int_or(0) <= 0) throw field_error("amount", "opportunity.amount_required");
  const Value date = input_value(context.input, "actual_close_date");
  const base::Date today = tx.engine().zone().local_date(tx.now());
  if (date.int_or(today) > today)
    throw field_error("actual_close_date", "opportunity.close_date_in_future");
  const Stages stages(tx, deal.integer("pipeline_id"));
  const auto& stage = end_stage(stages, "won");
  record::Record with_amount = deal;
  with_amount.set("amount", amount);
  const auto* current = stages.find(deal.integer("stage_id"));
  stages.check_skips(current, stage);
  stages.check_required_fields(with_amount, current, stage);
  check_key_activities(tx, stages, deal.id(), current, stage);
  Draft draft = stage_draft(tx, deal, stage);
  draft.set("amount", amount).set("actual_close_date", date.is_null() ? Value(today) : date);
  draft.set("probability", 100).set("win_reason", input_value(context.input, "reason"));
  tx.transition(deal, "win", std::move(draft),
                with_reason(context, input_text(context.input, "reason")));
  emit(context, "won");
}

// Open tasks of a lost deal have no purpose any more.
void cancel_tasks(record::Tx& tx, record::RecordId deal) {
  for (auto& task : tx.find_all("task", "opportunity_id eq @deal and status in ('todo','doing')",
                                {{"deal", record::id_value(deal)}})) {
    tx.transition(task, "cancel");
  }
}

void lose(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& deal = *context.record;
  require_open(deal, "lose");
  const std::string reason = input_text(context.input, "reason");
  std::vector<base::FieldError> errors;
  const auto competitor = input_id(context.input, "competitor_id");
  if (reason == "competitor" && competitor == 0)
    errors.push_back({"competitor_id", "field.required", {}});
  if (competitor != 0 && !tx.find("competitor", competitor)) {
    errors.push_back({"competitor_id", "field.reference_not_found", {}});
  }
  if (reason == "other" && input_text(context.input, "note").empty())
    errors.push_back({"note", "field.required", {}});
  const auto stage = input_id(context.input, "stage_id");
  if (stage != 0) {
    const Stages stages(tx, deal.integer("pipeline_id"));
    const auto* chosen = stages.find(stage);
    if (chosen == nullptr) {
      errors.push_back({"stage_id", "opportunity.stage_of_other_pipeline", {}});
    } else if (chosen->text("kind") != "lost") {
      errors.push_back({"stage_id", "opportunity.not_a_lost_stage", {}});
    }
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
  lose_deal(tx, deal,
            {reason, input_value(context.input, "note"),
             input_value(context.input, "competitor_id"), stage},
            context.options);
}

void invalidate(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& deal = *context.record;
  require_open(deal, "invalidate");
  const Stages stages(tx, deal.integer("pipeline_id"));
  Draft draft = stage_draft(tx, deal, end_stage(stages, "invalid"));
  draft.set("probability", 0).set("invalid_reason", input_value(context.input, "reason"));
  draft.set("actual_close_date", tx.engine().zone().local_date(tx.now()));
  tx.transition(deal, "invalidate", std::move(draft),
                with_reason(context, input_text(context.input, "reason")));
  cancel_tasks(tx, deal.id());
  emit(context, "invalidated");
}

// The stage in which it was closed: the change that closed it is the first one since then, whatever
// became of the end stage afterwards. A deal that came closed has none and begins anew.
const record::Record& stage_before_closing(record::Tx& tx, const record::Record& deal,
                                           const Stages& stages) {
  std::int64_t before = 0;
  for (const auto& change :
       tx.find_all("stage_change", "opportunity_id eq @deal",
                   {{"deal", record::id_value(deal.id())}}, "created_at desc")) {
    if (change.integer("created_at") < deal.integer("stage_entered_at")) break;
    before = change.integer("from_stage_id");
  }
  if (before == 0) return *stages.first_of("open");
  const auto replacement = replacement_of(tx, before);
  const auto* stage = stages.find(replacement ? replacement->id() : before);
  if (stage != nullptr && stage->text("kind") == "open") return *stage;
  const auto known = tx.find("stage", before);
  return known ? stages.open_before(known->integer("position")) : *stages.first_of("open");
}

void reopen(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& deal = *context.record;
  const Stages stages(tx, deal.integer("pipeline_id"));
  if (stages.pipeline().integer("can_reopen") == 0)
    throw Error(ErrorKind::Conflict, "opportunity.no_reopening");
  if (tx.now() - deal.integer("stage_entered_at") > kReopenDays)
    throw Error(ErrorKind::Conflict, "opportunity.reopen_too_late");
  check_open_for_business(tx, deal.integer("account_id"));
  Draft draft = stage_draft(tx, deal, stage_before_closing(tx, deal, stages));
  for (const auto* field : {"actual_close_date", "loss_reason", "loss_note", "loss_competitor_id",
                            "invalid_reason", "win_reason"}) {
    draft.set(field, Value());
  }
  tx.transition(deal, "reopen", std::move(draft),
                with_reason(context, input_text(context.input, "reason")));
  emit(context, "reopened");
}

void transfer(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& deal = *context.record;
  const std::int64_t owner = input_id(context.input, "owner_id");
  const std::int64_t before = deal.integer("owner_id");
  if (owner == before) throw field_error("owner_id", "holding.same_owner");
  check_active_owner(tx, owner);
  tx.update(deal, Draft().set("owner_id", owner), context.options);
  platform::notify(tx, owner, "transferred", {{"title", deal.text("name")}}, "opportunity",
                   deal.id());
  platform::notify(tx, before, "transferred_away", {{"title", deal.text("name")}}, "opportunity",
                   deal.id());
  keep_former_owner(tx, deal, context.input, before);
  emit(context, "transferred");
}

record::Action action(std::string name, base::Labels labels, std::string icon,
                      std::string enabled_when, std::vector<record::FieldDefinition> input,
                      void (*run)(record::ActionContext&)) {
  record::Action value;
  value.object = "opportunity";
  value.name = std::move(name);
  value.labels = std::move(labels);
  value.icon = std::move(icon);
  value.enabled_when = std::move(enabled_when);
  value.input = std::move(input);
  value.run = run;
  return value;
}

record::FieldDefinition reason_field(bool required) {
  return input_field(std::string(R"({"name":"reason","type":"text","required":)") +
                     (required ? "true" : "false") +
                     R"(,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"}})");
}

void add_actions(record::Registry& registry) {
  registry.add_action(action(
      "move_stage", {{"移动阶段", "移動階段", "Move stage"}}, "milestone", "status eq 'open'",
      {input_field(
           R"({"name":"stage_id","type":"reference","target":"stage","required":true,"label":{"zh-CN":"阶段","zh-TW":"階段","en":"Stage"}})"),
       reason_field(false)},
      move_stage));
  registry.add_action(action(
      "win", {{"赢单", "成交", "Won"}}, "trophy", "status eq 'open'",
      {input_field(
           R"({"name":"amount","type":"money","minimum":0,"label":{"zh-CN":"成交金额","zh-TW":"成交金額","en":"Amount"}})"),
       input_field(
           R"({"name":"actual_close_date","type":"date","label":{"zh-CN":"成交日期","zh-TW":"成交日期","en":"Closed on"},"help":{"zh-CN":"不填就是今天","zh-TW":"不填就是今天","en":"Today when left empty"}})"),
       reason_field(false)},
      win));
  auto lost = action(
      "lose", {{"输单", "失單", "Lost"}}, "circle-x", "status eq 'open'",
      {input_field(
           R"({"name":"reason","type":"select","picklist":"loss_reason","required":true,"label":{"zh-CN":"输单原因","zh-TW":"失單原因","en":"Reason"}})"),
       input_field(
           R"({"name":"competitor_id","type":"reference","target":"competitor","label":{"zh-CN":"输给","zh-TW":"輸給","en":"Lost to"}})"),
       input_field(
           R"({"name":"stage_id","type":"reference","target":"stage","label":{"zh-CN":"输单阶段","zh-TW":"失單階段","en":"Lost stage"}})"),
       input_field(
           R"({"name":"note","type":"long_text","max_length":2000,"label":{"zh-CN":"说明","zh-TW":"說明","en":"Note"}})")},
      lose);
  lost.danger = true;
  registry.add_action(std::move(lost));
  auto invalid = action(
      "invalidate", {{"标记无效", "標記無效", "Mark invalid"}}, "ban", "status eq 'open'",
      {input_field(
          R"({"name":"reason","type":"select","picklist":"opportunity_invalid_reason","required":true,"label":{"zh-CN":"无效原因","zh-TW":"無效原因","en":"Reason"}})")},
      invalidate);
  invalid.danger = true;
  registry.add_action(std::move(invalid));
  registry.add_action(action("reopen", {{"重新打开", "重新開啟", "Reopen"}}, "rotate-ccw",
                             "status ne 'open'", {reason_field(true)}, reopen));
  std::vector<record::FieldDefinition> hand_over{input_field(
      R"({"name":"owner_id","type":"user","required":true,"label":{"zh-CN":"负责人","zh-TW":"負責人","en":"Owner"}})")};
  for (auto& field : keep_owner_fields()) hand_over.push_back(std::move(field));
  registry.add_action(action("transfer", {{"转移", "移轉", "Transfer"}}, "arrow-right-left", "",
                             std::move(hand_over), transfer));
}

}  // namespace

void lose_deal(record::Tx& tx, record::Record& deal, const Loss& loss,
               const record::WriteOptions& options) {
  const Stages stages(tx, deal.integer("pipeline_id"));
  const auto* chosen = loss.stage_id == 0 ? nullptr : stages.find(loss.stage_id);
  Draft draft = stage_draft(tx, deal, chosen == nullptr ? end_stage(stages, "lost") : *chosen);
  draft.set("probability", 0).set("loss_reason", loss.reason).set("loss_note", loss.note);
  draft.set("loss_competitor_id", loss.competitor_id);
  draft.set("actual_close_date", tx.engine().zone().local_date(tx.now()));
  tx.transition(deal, "lose", std::move(draft), with_reason(options, loss.reason));
  cancel_tasks(tx, deal.id());
  emit(tx, deal, "lost");
}

void register_opportunity(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  register_pipelines(registrar);
  for (const auto json : {embedded_opportunity(), embedded_stage_change()})
    registry.add_definition(json);
  record::Hooks deal_hooks;
  deal_hooks.object = "opportunity";
  deal_hooks.name = "opportunity";
  deal_hooks.before_save = before_save;
  deal_hooks.after_save = after_save;
  registry.add_hooks(std::move(deal_hooks));
  registry.add_invariant({"opportunity: the history of its stages has a gap or ends elsewhere",
                          [](db::Reader& reader) {
                            return db::broken_chains(
                                reader, {"stage_change", "opportunity_id", "from_stage_id",
                                         "to_stage_id", "opportunity", "stage_id"});
                          }});
  add_actions(registry);
  register_people(registrar);
  add_key_activities(registry);
  register_stagnation(registrar);
}

}  // namespace kehai::modules
