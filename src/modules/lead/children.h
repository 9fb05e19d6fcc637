// What hangs on the records that a conversion made, beyond the conversion itself: with any of it
// the conversion cannot be undone (domain 2.1, L12).
#pragma once

#include "record/tx.h"

namespace kehai::modules {

// Whether the record that the lead was converted into and that came into being by that, named by
// this field of the lead ("account_id", "contact_id", "opportunity_id"), has children of its own:
// records that refer to it, team members, files, records that were merged into it.
bool has_own_children(record::Tx& tx, const record::Record& lead, const std::string& field);

}  // namespace kehai::modules
