#include "modules/opportunity/stages.h"

#include <limits>
#include <set>

#include "base/error.h"
#include "modules/action_input.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;

namespace {

// Whether a deal that goes from the position `after` to `target` leaves `stage` out: winning comes
// after every open stage.
bool is_passed_over(const record::Record& stage, std::int64_t after, const record::Record& target) {
  if (stage.text("kind") != "open" || stage.integer("position") <= after) return false;
  return target.text("kind") == "won" || stage.integer("position") < target.integer("position");
}

std::int64_t position_of(const record::Record* stage) {
  return stage == nullptr ? std::numeric_limits<std::int64_t>::min() : stage->integer("position");
}

}  // namespace

Stages::Stages(record::Tx& tx, std::int64_t pipeline_id)
    : pipeline_(tx.get("pipeline", pipeline_id, record::Lock::None)),
      stages_(tx.find_all("stage", "pipeline_id eq @pipeline",
                          {{"pipeline", record::id_value(pipeline_id)}}, "position asc")) {
  if (first_of("open") == nullptr)
    throw Error(ErrorKind::Conflict, "opportunity.pipeline_incomplete");
}

void Stages::check_complete() const {
  if (first_of("won") == nullptr || first_of("lost") == nullptr)
    throw Error(ErrorKind::Conflict, "opportunity.pipeline_incomplete");
}

const record::Record* Stages::find(std::int64_t stage_id) const {
  for (const auto& stage : stages_) {
    if (stage.id() == stage_id) return &stage;
  }
  return nullptr;
}

const record::Record* Stages::first_of(std::string_view kind) const {
  for (const auto& stage : stages_) {
    if (stage.text("kind") == kind) return &stage;
  }
  return nullptr;
}

const record::Record& Stages::open_before(std::int64_t position) const {
  const record::Record* nearest = first_of("open");
  for (const auto& stage : stages_) {
    if (stage.text("kind") == "open" && stage.integer("position") < position) nearest = &stage;
  }
  return *nearest;
}

void Stages::check_required_fields(const record::Record& deal, const record::Record* from,
                                   const record::Record& target) const {
  std::vector<base::FieldError> errors;
  std::set<std::string> named;
  for (const auto& stage : stages_) {
    // Whoever passes a stage over owes what it asks for.
    if (!is_passed_over(stage, position_of(from), target) && stage.id() != target.id()) continue;
    for (const auto& name : stage.many("required_fields")) {
      const auto* field = deal.definition().field(name.as_text());
      if (field == nullptr) continue;
      const bool empty =
          field->multiple ? deal.many(field->name).empty() : deal.is_null(field->name);
      if (!empty || !named.insert(field->name).second) continue;
      errors.push_back(
          {field->name, "opportunity.required_for_stage", {{"stage", stage.text("name")}}});
    }
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
}

void Stages::check_skips(const record::Record* from, const record::Record& target) const {
  if (from == nullptr || pipeline_.integer("can_skip") != 0) return;
  for (const auto& stage : stages_) {
    if (!is_passed_over(stage, position_of(from), target)) continue;
    throw Error(ErrorKind::Conflict, "opportunity.no_skipping", {{"stage", stage.text("name")}});
  }
}

void Stages::check_move(const record::Record& deal, const record::Record& target,
                        const std::string& reason) const {
  const auto* current = find(deal.integer("stage_id"));
  if (target.text("kind") != "open") {
    throw Error(ErrorKind::Conflict, "opportunity.use_close_action",
                {{"stage", target.text("name")}});
  }
  if (current != nullptr) {
    const std::int64_t from = current->integer("position");
    const std::int64_t to = target.integer("position");
    if (to < from) {
      if (pipeline_.integer("can_roll_back") == 0)
        throw Error(ErrorKind::Conflict, "opportunity.no_roll_back");
      if (reason.empty()) throw field_error("reason", "field.required");
      return;
    }
    check_skips(current, target);
  }
  check_required_fields(deal, current, target);
}

std::int64_t Stages::default_pipeline(record::Tx& tx) {
  auto found =
      tx.find_all("pipeline", "is_default eq true and is_active eq true", {}, "position asc", 1);
  if (found.empty()) found = tx.find_all("pipeline", "is_active eq true", {}, "position asc", 1);
  if (found.empty()) throw Error(ErrorKind::Conflict, "opportunity.no_pipeline");
  return found[0].id();
}

void begin_after_stage_entry(record::Tx& tx, const record::Record& deal) {
  tx.not_before(deal.integer("stage_entered_at") + 1);
}

}  // namespace kehai::modules
