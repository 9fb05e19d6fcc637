// A lead that comes back to work whose owner cannot have it any more: nobody's, in a pool.
#pragma once

#include "modules/pool/holding.h"

namespace kehai::modules {

bool is_at_work(record::Tx& tx, std::int64_t user);
// Fills the draft: the pool `preferred`, or the one for the lead's region and department when that
// takes none. Throws field error "holding.no_pool".
void put_without_owner(record::Tx& tx, const Holding& holding, const record::Record& lead,
                       std::int64_t preferred, std::int64_t owner, record::Draft& draft);

}  // namespace kehai::modules
