// Pools (线索池, 公海), private capacity and the holding mechanism for leads and accounts.
#pragma once

#include <memory>

#include "modules/pool/holding.h"
#include "platform/registrar.h"

namespace kehai::modules {

// Returns the mechanism that the lead and account modules plug into. It lives as long as the
// registry.
std::shared_ptr<Holding> register_pool(platform::Registrar& registrar);

}  // namespace kehai::modules
