// Opportunities 商机: pipelines and stages, stage moves with guards and history, win, lose,
// invalidate, reopen. See README.md.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_opportunity(platform::Registrar& registrar);

}  // namespace kehai::modules
