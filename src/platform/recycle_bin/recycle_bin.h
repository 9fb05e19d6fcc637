// Empties the recycle bin: what has lain in it for kRecycleBinDays goes for good, with its values
// of several and its duplicate keys. Its history stays. Runs on the job thread.
#pragma once

#include "platform/registrar.h"

namespace kehai::platform {

inline constexpr int kRecycleBinDays = 30;

void register_recycle_bin(Registrar& registrar);

}  // namespace kehai::platform
