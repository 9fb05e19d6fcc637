// The only list of modules. Later ones may know earlier ones, never the other way round.
#pragma once

#include "platform/dedupe/dedupe.h"
#include "platform/registrar.h"

namespace kehai::app {

void register_modules(platform::Registrar& registrar, platform::Dedupe& dedupe);

}  // namespace kehai::app
