// What a person holds of a hit that he may not see: enough to ask its owner, nothing to know it by.
//
// Sealed, for one person, for an hour.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "record/engine.h"

namespace kehai::platform {

std::string make_ticket(record::Engine& engine, std::int64_t user, record::RecordId record);
// The record; nothing for a ticket of somebody else, of an earlier hour or of nobody's making.
std::optional<record::RecordId> open_ticket(record::Engine& engine, std::int64_t user,
                                            std::string_view ticket);

}  // namespace kehai::platform
