// Which fields of leads, accounts and contacts make duplicate keys, and what a hit does
// (domain 5.1, 5.2).
#pragma once

#include <memory>

#include "platform/dedupe/dedupe.h"
#include "platform/registrar.h"

namespace kehai::modules {

// `dedupe` outlives the registry's engine.
void register_duplicates(platform::Registrar& registrar, platform::Dedupe& dedupe);

}  // namespace kehai::modules
