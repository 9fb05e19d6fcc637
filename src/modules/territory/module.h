// Sales territories 销售区域: the object, its guards and the action that answers whose a place is.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_territory(platform::Registrar& registrar);

}  // namespace kehai::modules
