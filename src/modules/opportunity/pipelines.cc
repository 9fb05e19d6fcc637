#include "modules/opportunity/pipelines.h"

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;

namespace {

std::int64_t count_of_kind(record::Tx& tx, const record::Record& stage, const std::string& kind) {
  return tx.count("stage", "pipeline_id eq @pipeline and kind eq @kind and id ne @self",
                  {{"pipeline", record::id_value(stage.integer("pipeline_id"))},
                   {"kind", record::text_value(kind)},
                   {"self", record::id_value(stage.id())}});
}

// The probability rises strictly over the open stages.
void check_rising(record::Tx& tx, const record::Record& stage) {
  for (const auto& other : tx.find_all("stage", "pipeline_id eq @pipeline and kind eq 'open' and id ne @self",
                                       {{"pipeline", record::id_value(stage.integer("pipeline_id"))},
                                        {"self", record::id_value(stage.id())}},
                                       "position asc")) {
    const bool before = other.integer("position") < stage.integer("position");
    const std::int64_t theirs = other.integer("probability");
    const std::int64_t ours = stage.integer("probability");
    if (before ? theirs >= ours : theirs <= ours) throw field_error("probability", "stage.probability_must_rise");
  }
}

// A pipeline in use keeps an open, a won and a lost stage.
void check_not_last(record::Tx& tx, const record::Record& stage, const std::string& kind) {
  if (kind == "invalid") return;
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
  if (tx.count("opportunity", "stage_id eq @stage", {{"stage", record::id_value(before.id())}}) > 0) {
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
  if (kind == "won" && count_of_kind(tx, stage, kind) > 0) throw field_error("kind", "stage.one_won");
  const bool moved = change.operation == record::Operation::Create || change.changed("probability") ||
                     change.changed("position") || change.changed("kind");
  if (kind == "open" && moved) check_rising(tx, stage);
}

// There is always one default pipeline, in use: new deals must have a place to begin.
void guard_pipeline(record::Tx&, record::Change& change) {
  const auto& pipeline = *change.after;
  const bool deleted = change.operation == record::Operation::Delete;
  const bool was_default = change.before != nullptr && change.before->integer("is_default") != 0;
  if (was_default && (deleted || pipeline.integer("is_active") == 0 || pipeline.integer("is_default") == 0)) {
    throw Error(ErrorKind::Conflict, "pipeline.default_needed");
  }
  if (!deleted && pipeline.integer("is_default") != 0 && pipeline.integer("is_active") == 0) {
    throw Error(ErrorKind::Conflict, "pipeline.default_needed");
  }
}

void keep_one_default(record::Tx& tx, record::Change& change) {
  const auto& pipeline = *change.after;
  if (change.operation == record::Operation::Delete || pipeline.integer("is_default") == 0) return;
  for (const auto& other : tx.find_all("pipeline", "is_default eq true and id ne @self",
                                       {{"self", record::id_value(pipeline.id())}})) {
    // Past the guard, which protects the default from everything but its successor.
    tx.engine().store().set_column(tx.writer(), "pipeline", "id", other.id(), "is_default", record::Value(0));
  }
}

void create_default_pipeline(record::Engine& engine) {
  const auto actor = record::system_actor("job");
  if (engine.count(actor, "pipeline", {}, 1) > 0) return;
  struct Default {
    const char* name;
    const char* kind;
    int probability;
    const char* color;
    int rotting_days;
  };
  static constexpr Default kStages[] = {
      {"初步接触", "open", 10, "gray", 7},   {"需求确认", "open", 30, "blue", 14}, {"方案制定", "open", 50, "purple", 21},
      {"商务谈判", "open", 70, "orange", 14},  {"合同签署", "open", 90, "cyan", 7},  {"赢单", "won", 100, "green", 0},
      {"输单", "lost", 0, "red", 0},          {"无效", "invalid", 0, "gray", 0}};
  engine.write(actor, [](record::Tx& tx) {
    const auto pipeline = tx.create("pipeline", Draft().set("name", "标准销售流程").set("is_default", 1).set("position", 1));
    std::int64_t position = 0;
    for (const auto& stage : kStages) {
      Draft draft;
      draft.set("pipeline_id", pipeline.id()).set("name", stage.name).set("kind", stage.kind).set("position", ++position);
      draft.set("probability", stage.probability).set("color", stage.color).set("rotting_days", stage.rotting_days);
      tx.create("stage", std::move(draft));
    }
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
  pipeline_hooks.after_save = keep_one_default;
  registry.add_hooks(std::move(pipeline_hooks));
  record::Hooks stage_hooks;
  stage_hooks.object = "stage";
  stage_hooks.name = "stage";
  stage_hooks.before_save = guard_stage;
  registry.add_hooks(std::move(stage_hooks));
  registrar.starters.push_back(create_default_pipeline);
}

}  // namespace kehai::modules
