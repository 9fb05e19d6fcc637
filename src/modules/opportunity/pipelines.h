// Pipelines and their stages as settings: what keeps them usable, and the default pipeline of a new
// company.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_pipelines(platform::Registrar& registrar);

}  // namespace kehai::modules
