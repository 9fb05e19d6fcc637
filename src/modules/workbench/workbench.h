// The workbench 工作台: what to do today, whom to call, the funnel with step-to-step conversion, the trend of won deals, the
// team's ranking and what happened lately; for oneself, the own departments, or everything the person may see.
#pragma once

#include <string>
#include <string_view>

#include "record/engine.h"

namespace kehai::modules {

// The answer of GET /workbench (docs/dev/api.md). Amounts are in `currency` only.
// Throws Invalid "workbench.scope" for a scope that the actor does not have.
std::string workbench_json(record::Engine& engine, const record::Actor& actor, std::string_view scope,
                           const std::string& currency);

}  // namespace kehai::modules
