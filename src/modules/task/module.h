// Tasks 任务 with due date and reminder: start, complete, cancel, reopen, transfer. Overdue is
// derived, never stored.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_task(platform::Registrar& registrar);

}  // namespace kehai::modules
