// Key activities 关键活动 of a pipeline's stages (domain 2.2): which of them a deal has behind it,
// ticked and unticked by whoever may move the deal, and what that means for moving on.
//
// A tick is kept by stage and name, with person and time; an activity that gets another name in
// the settings is to be ticked anew.
#pragma once

#include <string>

#include "modules/opportunity/stages.h"
#include "record/engine.h"

namespace kehai::modules {

// Throws Conflict "opportunity.activities_missing" {stage, activities} with all of them as
// "missing" when key activities of `from`, or of the stages between it and `target`, are not done.
// Stages that are optional are passed over freely. `deal` is 0 for a new one, `from` null then.
void check_key_activities(record::Tx& tx, const Stages& stages, record::RecordId deal,
                          const record::Record* from, const record::Record& target);

// When the deal's latest key activity was ticked; 0 = never.
std::int64_t last_ticked_at(record::Tx& tx, record::RecordId deal);

// The answer of GET /opportunities/{id}/key_activities (docs/dev/api.md). Throws NotFound.
std::string key_activities_json(record::Engine& engine, const record::Actor& actor,
                                record::RecordId deal);

// Table, and the actions tick_activity and untick_activity.
void add_key_activities(record::Registry& registry);

}  // namespace kehai::modules
