// Small shared catalogues: campaigns (name only), tags, competitors.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_catalog(platform::Registrar& registrar);

}  // namespace kehai::modules
