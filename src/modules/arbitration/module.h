// Ownership disputes 撞单仲裁 (domain 5.3, 5.7): who claims a lead or account that somebody else
// has, and who decides. See README.md.
#pragma once

#include <memory>

#include "modules/pool/holding.h"
#include "platform/registrar.h"

namespace kehai::modules {

// After the objects that are held.
void register_arbitration(platform::Registrar& registrar, std::shared_ptr<const Holding> holding);

}  // namespace kehai::modules
