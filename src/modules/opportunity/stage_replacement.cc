#include "modules/opportunity/stage_replacement.h"

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/opportunity/stages.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Value;

namespace {

constexpr int kPage = 500;

record::Draft moved_to(record::Tx& tx, const record::Record& deal, const record::Record& stage) {
  begin_after_stage_entry(tx, deal);
  Draft draft;
  draft.set("stage_id", stage.id());
  if (stage.text("kind") != "open") return draft;  // since when it is decided stays as it is
  draft.set("stage_entered_at", tx.now());
  if (deal.integer("is_probability_manual") == 0)
    draft.set("probability", stage.get("probability"));
  return draft;
}

void move_deals(record::ActionContext& context, const record::Record& from,
                const record::Record& to) {
  auto& tx = context.tx;
  record::WriteOptions options = context.options;
  options.quiet = true;
  options.options["stage_reason"] = tx.engine().texts().text(
      tx.actor().language, "opportunity.stage_replaced", {{"stage", from.text("name")}});
  const record::ExpressionParameters old{{"stage", record::id_value(from.id())}};
  for (;;) {
    auto deals = tx.find_all("opportunity", "stage_id eq @stage", old, "id", kPage);
    for (auto& deal : deals) tx.update(deal, moved_to(tx, deal, to), options);
    if (deals.size() < kPage) break;
  }
  // The furthest stage is a derived figure of the funnel, no event of its own.
  for (;;) {
    const auto deals = tx.find_all("opportunity", "furthest_stage_id eq @stage", old, "id", kPage);
    for (const auto& deal : deals) tx.set_derived(deal, "furthest_stage_id", Value(to.id()));
    if (deals.size() < kPage) break;
  }
}

void retire(record::Tx& tx, const record::Record& stage, const record::Record& by) {
  const auto& store = tx.engine().store();
  store.set_column(tx.writer(), "stage", "id", stage.id(), "replaced_by_id", Value(by.id()));
  store.set_column(tx.writer(), "stage", "id", stage.id(), "pipeline_id", Value());
}

void replace_stage(record::ActionContext& context) {
  auto& tx = context.tx;
  auto& stage = *context.record;
  const auto by = tx.find("stage", input_id(context.input, "replacement_id"));
  if (!by || by->id() == stage.id() || stage.is_null("pipeline_id") ||
      by->integer("pipeline_id") != stage.integer("pipeline_id") ||
      by->text("kind") != stage.text("kind")) {
    throw field_error("replacement_id", "stage.replacement_differs");
  }
  move_deals(context, stage, *by);
  tx.audit(stage, "replace", {{"reason", by->text("name")}});
  try {
    tx.attempt([&] { tx.erase(stage, context.options); });
  } catch (const Error& error) {
    if (error.code() != "record.has_referrers") throw;
    retire(tx, stage, *by);
  }
}

}  // namespace

record::Action replace_stage_action() {
  record::Action action;
  action.object = "stage";
  action.name = "replace";
  action.right = "configure";
  action.icon = "replace";
  action.labels = {{"换成其他阶段", "換成其他階段", "Replace"}};
  action.bulk = false;
  action.danger = true;
  action.input = {input_field(
      R"({"name":"replacement_id","type":"reference","target":"stage","required":true,"label":{"zh-CN":"换成","zh-TW":"換成","en":"Replace with"}})")};
  action.run = replace_stage;
  return action;
}

std::optional<record::Record> replacement_of(record::Tx& tx, std::int64_t stage_id) {
  auto stage = tx.find("stage", stage_id);
  if (!stage || !stage->is_null("pipeline_id")) return std::nullopt;
  while (stage && stage->is_null("pipeline_id")) {
    if (stage->is_null("replaced_by_id")) return std::nullopt;
    stage = tx.find("stage", stage->integer("replaced_by_id"));
  }
  return stage;
}

}  // namespace kehai::modules
