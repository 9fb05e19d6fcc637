// Data quality 数据质量 (domain 5.9): the format audit, the figures of now and of each month, and
// who is responsible for them. Completeness, shells and quiet customers themselves are fields of
// the customer (account.object.json), so that every list can ask for them.
#pragma once

#include "platform/registrar.h"

namespace kehai::modules {

void register_data_quality(platform::Registrar& registrar);

}  // namespace kehai::modules
