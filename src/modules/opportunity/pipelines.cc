#include "modules/opportunity/pipelines.h"

#include <algorithm>
#include <span>

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "modules/opportunity/pipeline_departments.h"
#include "modules/opportunity/stage_replacement.h"
#include "modules/opportunity/stages.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;

namespace {

// Marks the writes of arrange_stages, which judges the order as a whole.
constexpr const char* kArranging = "arrange_stages";
// Marks the first pipeline, which comes with its own stages.
constexpr const char* kFirst = "first_pipeline";

struct NewStage {
  const char* name;  // text "stage.first.<name>", in the language of whoever makes the pipeline
  const char* kind;
  int probability;
  const char* color;
  int rotting_days;
};
// A pipeline can take a deal from its first day and close it either way.
constexpr NewStage kLeastStages[] = {{"contact", "open", 10, "gray", 7},
                                     {"won", "won", 100, "green", 0},
                                     {"lost", "lost", 0, "red", 0},
                                     {"invalid", "invalid", 0, "gray", 0}};
constexpr NewStage kFirstStages[] = {
    {"contact", "open", 10, "gray", 7},     {"need", "open", 30, "blue", 14},
    {"proposal", "open", 50, "purple", 21}, {"negotiation", "open", 70, "orange", 14},
    {"contract", "open", 90, "cyan", 7},    {"won", "won", 100, "green", 0},
    {"lost", "lost", 0, "red", 0},          {"invalid", "invalid", 0, "gray", 0}};

void add_stages(record::Tx& tx, const record::Record& pipeline, std::span<const NewStage> stages) {
  std::int64_t position = 0;
  const auto& texts = tx.engine().texts();
  for (const auto& stage : stages) {
    Draft draft;
    draft.set("pipeline_id", pipeline.id())
        .set("name", texts.text(tx.actor().language, std::string("stage.first.") + stage.name))
        .set("kind", stage.kind)
        .set("position", ++position);
    draft.set("probability", stage.probability)
        .set("color", stage.color)
        .set("rotting_days", stage.rotting_days);
    tx.create("stage", std::move(draft));
  }
}

std::int64_t count_of_kind(record::Tx& tx, const record::Record& stage, const std::string& kind) {
  return tx.count("stage", "pipeline_id eq @pipeline and kind eq @kind and id ne @self",
                  {{"pipeline", record::id_value(stage.integer("pipeline_id"))},
                   {"kind", record::text_value(kind)},
                   {"self", record::id_value(stage.id())}});
}

// The probability rises strictly over the open stages.
void check_rising(record::Tx& tx, const record::Record& stage) {
  for (const auto& other :
       tx.find_all("stage", "pipeline_id eq @pipeline and kind eq 'open' and id ne @self",
                   {{"pipeline", record::id_value(stage.integer("pipeline_id"))},
                    {"self", record::id_value(stage.id())}},
                   "position asc")) {
    const bool before = other.integer("position") < stage.integer("position");
    const std::int64_t theirs = other.integer("probability");
    const std::int64_t ours = stage.integer("probability");
    if (before ? theirs >= ours : theirs <= ours)
      throw field_error("probability", "stage.probability_must_rise");
  }
}

// A pipeline in use keeps an open, a won and a lost stage.
void check_not_last(record::Tx& tx, const record::Record& stage, const std::string& kind) {
  if (kind == "invalid" || tx.is_erasing(stage.integer("pipeline_id"))) return;
  const auto pipeline = tx.find("pipeline", stage.integer("pipeline_id"));
  if (pipeline && pipeline->integer("is_active") != 0 && count_of_kind(tx, stage, kind) == 0) {
    throw Error(ErrorKind::Conflict, "stage.last_of_kind");
  }
}

void check_kind_change(record::Tx& tx, const record::Change& change) {
  const auto& before = *change.before;
  if (change.changed("pipeline_id")) throw field_error("pipeline_id", "field.read_only");
  if (!change.changed("kind")) return;
  // Deals in the stage have the status of its kind.
  if (tx.count("opportunity", "stage_id eq @stage", {{"stage", record::id_value(before.id())}}) >
      0) {
    throw field_error("kind", "stage.kind_is_fixed");
  }
  check_not_last(tx, before, before.text("kind"));
}

void check_required_fields(record::Tx& tx, const record::Record& stage) {
  const auto& deal = tx.schema().at("opportunity").definition();
  for (const auto& name : stage.many("required_fields")) {
    const auto* field = deal.field(name.as_text());
    if (field == nullptr || field->system || field->read_only || field->state) {
      throw field_error("required_fields", "query.unknown_field", {{"field", name.as_text()}});
    }
  }
}

void guard_stage(record::Tx& tx, record::Change& change) {
  const auto& stage = *change.after;
  const std::string kind = stage.text("kind");
  if (change.operation == record::Operation::Delete) {
    check_not_last(tx, stage, kind);
    return;
  }
  if (change.operation == record::Operation::Update) check_kind_change(tx, change);
  if (change.changed("required_fields")) check_required_fields(tx, stage);
  if (change.options.entry == kArranging) return;
  if (kind == "won" && count_of_kind(tx, stage, kind) > 0)
    throw field_error("kind", "stage.one_won");
  const bool moved = change.operation == record::Operation::Create ||
                     change.changed("probability") || change.changed("position") ||
                     change.changed("kind");
  if (kind == "open" && moved) check_rising(tx, stage);
}

void check_order(const std::vector<record::Record>& stages) {
  const record::Record* before = nullptr;
  for (const auto& stage : stages) {
    if (stage.text("kind") != "open") continue;
    if (before != nullptr && before->integer("probability") >= stage.integer("probability")) {
      throw field_error("probabilities", "stage.probability_must_rise");
    }
    before = &stage;
  }
}

// All stages of the pipeline in their new order, and the new probabilities of the open ones in that
// order; all or nothing.
void arrange_stages(record::ActionContext& context) {
  auto& tx = context.tx;
  const auto given = [&](const char* name) {
    const auto found = context.input.many.find(name);
    return found == context.input.many.end() ? base::Values{} : found->second;
  };
  auto known = tx.find_all("stage", "pipeline_id eq @pipeline",
                           {{"pipeline", record::id_value(context.record->id())}}, "position asc");
  const auto order = given("stage_ids");
  std::vector<record::Record> stages;
  for (const auto& id : order) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& stage) { return stage.id() == id.as_int(); });
    if (found != known.end()) stages.push_back(*found);
  }
  if (stages.size() != known.size() || order.size() != known.size())
    throw field_error("stage_ids", "stage.name_all");
  const auto chances = given("probabilities");
  const auto open = std::count_if(stages.begin(), stages.end(),
                                  [](const auto& stage) { return stage.text("kind") == "open"; });
  // Equal ones are taken as one and are wrong in any case.
  if (!chances.empty() && chances.size() != static_cast<std::size_t>(open)) {
    throw field_error("probabilities", "stage.probability_must_rise");
  }
  record::WriteOptions options = context.options;
  options.entry = kArranging;
  std::size_t next = 0;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    Draft draft;
    draft.set("position", static_cast<std::int64_t>(i) + 1);
    if (!chances.empty() && stages[i].text("kind") == "open")
      draft.set("probability", chances[next++]);
    tx.update(stages[i], std::move(draft), options);
  }
  check_order(stages);
}

record::Action arranging() {
  record::Action action;
  action.object = "pipeline";
  action.name = "arrange_stages";
  action.right = "configure";
  action.icon = "list-ordered";
  action.labels = {{"调整阶段顺序", "調整階段順序", "Arrange stages"}};
  action.bulk = false;
  action.input = {
      input_field(
          R"({"name":"stage_ids","type":"reference","target":"stage","multiple":true,"required":true,"label":{"zh-CN":"阶段顺序","zh-TW":"階段順序","en":"Order"}})"),
      input_field(
          R"({"name":"probabilities","type":"integer","minimum":0,"maximum":100,"multiple":true,"label":{"zh-CN":"赢率","zh-TW":"成交機率","en":"Probabilities"}})")};
  action.run = arrange_stages;
  return action;
}

// There is always one default pipeline, in use: new deals must have a place to begin.
void guard_pipeline(record::Tx& tx, record::Change& change) {
  const auto& pipeline = *change.after;
  const bool deleted = change.operation == record::Operation::Delete;
  const bool was_default = change.before != nullptr && change.before->integer("is_default") != 0;
  if (was_default &&
      (deleted || pipeline.integer("is_active") == 0 || pipeline.integer("is_default") == 0)) {
    throw Error(ErrorKind::Conflict, "pipeline.default_needed");
  }
  if (!deleted) check_pipeline_departments(pipeline);
  if (!deleted && pipeline.integer("is_default") != 0 && pipeline.integer("is_active") == 0) {
    throw Error(ErrorKind::Conflict, "pipeline.default_needed");
  }
  const bool taken_up = change.operation == record::Operation::Update &&
                        change.changed("is_active") && pipeline.integer("is_active") != 0;
  if (taken_up) Stages(tx, pipeline.id()).check_complete();
}

void complete_new_pipeline(record::Tx& tx, const record::Change& change) {
  if (change.operation == record::Operation::Create && change.options.entry != kFirst)
    add_stages(tx, *change.after, kLeastStages);
}

void keep_one_default(record::Tx& tx, record::Change& change) {
  const auto& pipeline = *change.after;
  if (change.operation == record::Operation::Delete || pipeline.integer("is_default") == 0) return;
  for (const auto& other : tx.find_all("pipeline", "is_default eq true and id ne @self",
                                       {{"self", record::id_value(pipeline.id())}})) {
    // Past the guard, which protects the default from everything but its successor.
    tx.engine().store().set_column(tx.writer(), "pipeline", "id", other.id(), "is_default",
                                   record::Value(0));
  }
}

void create_default_pipeline(record::Engine& engine) {
  const auto actor = record::system_actor("job");
  if (engine.count(actor, "pipeline", {}, 1) > 0) return;
  engine.write(actor, [](record::Tx& tx) {
    record::WriteOptions options;
    options.entry = kFirst;
    const auto pipeline = tx.create(
        "pipeline", Draft().set("name", "标准销售流程").set("is_default", 1).set("position", 1),
        options);
    add_stages(tx, pipeline, kFirstStages);
  });
}

}  // namespace

void register_pipelines(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  for (const auto json : {embedded_pipeline(), embedded_stage()}) registry.add_definition(json);
  record::Hooks pipeline_hooks;
  pipeline_hooks.object = "pipeline";
  pipeline_hooks.name = "pipeline";
  pipeline_hooks.before_save = guard_pipeline;
  pipeline_hooks.after_save = [](record::Tx& tx, record::Change& change) {
    complete_new_pipeline(tx, change);
    keep_one_default(tx, change);
  };
  registry.add_hooks(std::move(pipeline_hooks));
  record::Hooks stage_hooks;
  stage_hooks.object = "stage";
  stage_hooks.name = "stage";
  stage_hooks.before_save = guard_stage;
  registry.add_hooks(std::move(stage_hooks));
  registry.add_action(arranging());
  registry.add_action(replace_stage_action());
  registrar.starters.push_back(create_default_pipeline);
}

}  // namespace kehai::modules
