// What a bulk load needs beside the engine: rows that are written past the hooks still have codes
// and an audit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "record/record.h"

namespace kehai::record {

// The first of `count` code numbers in a row for each of the days, in one transaction; outside any
// closure.
std::map<base::Date, std::int64_t> take_numbers(db::Database& database, const std::string& object,
                                                const std::vector<base::Date>& days,
                                                std::int64_t count);

// The row that Tx::create() writes for a record, in the order of audit_table()'s columns.
base::Values audit_of_creation(std::int64_t entry_id, Record& record, std::string_view via);

}  // namespace kehai::record
