// Private capacity: how many leads or accounts one person may hold, or keep locked
// ("locked_account"). Rules by user > role > sales territory (nearest) > department (nearest) >
// all; among equals the smallest; no rule or an empty limit = unlimited. Who belongs to a
// territory: modules/territory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "record/tx.h"

namespace kehai::modules {

struct Capacity {
  std::optional<std::int64_t> limit;  // null = unlimited
  bool excludes_won = true;           // customers with a deal need no room
};
Capacity capacity_of(record::Tx& tx, std::string_view kind, std::int64_t user);

}  // namespace kehai::modules
