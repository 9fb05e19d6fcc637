// What somebody may do only when saying why.
//
// A refusal of this sort names, as "reason_field", the member of the body that carries the reason:
// the same request with it goes through. The member is a write option (Registry::add_write_option).
// Who keeps the reason is the business of whoever asked for it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "record/registry.h"

namespace kehai::record {

inline constexpr std::size_t kLongestReason = 500;  // code points; what is longer is cut

// The reason that came with the request, without blanks around it; "" = none.
std::string given_reason(const WriteOptions& options, std::string_view reason_field);
// Adds to what the error says that a reason is all that is missing.
base::Error asking_reason(base::Error error, std::string_view reason_field);

}  // namespace kehai::record
