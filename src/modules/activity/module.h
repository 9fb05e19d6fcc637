// Follow-ups 跟进记录: what was said to whom and what comes next. A saved follow-up moves its lead
// (L4, L6), and stamps last and next contact on everything that it is about. See README.md.
#pragma once

#include <optional>

#include "platform/registrar.h"
#include "record/tx.h"

namespace kehai::modules {

void register_activity(platform::Registrar& registrar);

// When the person followed up the lead or account for the first time in earnest: no failed attempt,
// ten characters at least, written down in time (domain 3.6, 5.7). Nothing when he never did.
std::optional<base::Instant> first_valid_follow_up(record::Tx& tx, const record::Record& record,
                                                   std::int64_t user);

}  // namespace kehai::modules
