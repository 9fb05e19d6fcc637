// Leads 线索: the state machine L1–L12, BANT, conversion. See README.md.
#pragma once

#include "modules/pool/holding.h"
#include "platform/dedupe/dedupe.h"
#include "platform/registrar.h"

namespace kehai::modules {

// `dedupe` outlives the registry's engine.
void register_lead(platform::Registrar& registrar, std::shared_ptr<Holding> holding,
                   const platform::Dedupe& dedupe);

}  // namespace kehai::modules
