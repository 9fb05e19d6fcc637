// The audit of what is no record: settings and lists of choices, with author, before and after.
#pragma once

#include <string_view>

#include "base/json.h"
#include "record/tx.h"

namespace kehai::platform {

// `object` is "setting" or "picklist", `data` what changed. Inside the transaction that makes the
// change.
void audit_setting(record::Tx& tx, std::string_view object, const base::JsonObject& data);

}  // namespace kehai::platform
