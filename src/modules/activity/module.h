// Follow-ups 跟进记录: what was said to whom and what comes next. A saved follow-up moves its lead
// (L4, L6), and stamps last and next contact on everything that it is about. See README.md.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_activity(platform::Registrar& registrar);

}  // namespace kehai::modules
