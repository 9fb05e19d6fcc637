#include "modules/data_quality/module.h"

#include "modules/action_input.h"
#include "modules/data_quality/walk.h"
#include "modules/embedded_definitions.h"
#include "record/engine.h"

namespace kehai::modules {

namespace {

constexpr std::int64_t kEvery = 2'000;  // milliseconds

// One person once per department.
void guard_steward(record::Tx& tx, record::Change& change) {
  if (change.operation == record::Operation::Delete) return;
  const auto& steward = *change.after;
  const std::string place =
      steward.is_null("department_id") ? "department_id eq null" : "department_id eq @department";
  record::ExpressionParameters parameters{{"user", record::id_value(steward.integer("user_id"))},
                                          {"self", record::id_value(steward.id())}};
  if (!steward.is_null("department_id"))
    parameters.emplace("department", record::id_value(steward.integer("department_id")));
  if (tx.count("data_steward", "user_id eq @user and id ne @self and " + place, parameters) > 0)
    throw field_error("user_id", "field.not_unique");
}

}  // namespace

void register_data_quality(platform::Registrar& registrar) {
  registrar.registry.add_definition(embedded_data_steward());
  record::Hooks hooks;
  hooks.object = "data_steward";
  hooks.name = "data_steward";
  hooks.before_save = guard_steward;
  registrar.registry.add_hooks(std::move(hooks));
  add_quality_tables(registrar.registry);
  registrar.schedules.push_back(
      {"data_quality", kEvery, [](record::Engine& engine) { QualityJob().run(engine); }});
}

}  // namespace kehai::modules
