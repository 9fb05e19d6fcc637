// Deals that stand still 停滞 (domain 2.2): the mark `stagnant_since`, who is told, closing by
// rule, and close dates that have passed.
//
// A deal moves when its stage, a follow-up, an edit or a tick of a key activity says so; while a
// task is due in the future it counts as cared for. It is stagnant once it has not moved for the
// stage's rotting_days; the owner is told then, the superior seven days later. A pipeline may have
// deals lost by themselves (auto_close_days); nobody loses one without three days' warning.
#pragma once

#include <cstdint>
#include <string>

#include "platform/registrar.h"
#include "record/tx.h"

namespace kehai::modules {

struct Loss {
  std::string reason;
  record::Value note;
  record::Value competitor_id;
  std::int64_t stage_id = 0;  // a lost stage of the deal's pipeline; 0 = the first one
};
// Loses an open deal; shared by the action and by the rule (module.cc).
void lose_deal(record::Tx& tx, record::Record& deal, const Loss& loss,
               const record::WriteOptions& options);

// Table, the hook on tasks and the schedule.
void register_stagnation(platform::Registrar& registrar);

}  // namespace kehai::modules
