#include "modules/opportunity/pipeline_departments.h"

#include <algorithm>

#include "modules/action_input.h"
#include "platform/access/access.h"
#include "record/engine.h"

namespace kehai::modules {

namespace {

bool is_for(record::Tx& tx, const record::Record& pipeline, std::int64_t department) {
  const auto& chosen = pipeline.many("department_ids");
  while (department != 0) {
    const record::Value id(department);
    if (std::find(chosen.begin(), chosen.end(), id) != chosen.end()) return true;
    const auto found = tx.find("department", department);
    department = found ? found->integer("parent_id") : 0;
  }
  return false;
}

}  // namespace

void check_pipeline_department(record::Tx& tx, const record::Record& deal,
                               const record::Record& pipeline) {
  if (pipeline.many("department_ids").empty()) return;
  if (platform::access_of(tx.engine()).is_admin(tx.actor())) return;
  const auto department =
      tx.engine().directory().department_of(tx.writer(), deal.integer("owner_id"));
  if (!is_for(tx, pipeline, department)) {
    throw field_error("pipeline_id", "opportunity.pipeline_not_for_department",
                      {{"pipeline", pipeline.text("name")}});
  }
}

void check_pipeline_departments(const record::Record& pipeline) {
  if (pipeline.integer("is_default") != 0 && !pipeline.many("department_ids").empty())
    throw field_error("department_ids", "pipeline.default_is_for_all");
}

}  // namespace kehai::modules
