// How a person has set up the own screens: JSON values by name ("list.lead" = columns and widths).
// The program keeps them and does not look inside; they are for the same person in every browser.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "db/database.h"
#include "db/table.h"

namespace kehai::platform {

inline constexpr std::size_t kPreferenceName = 80;       // bytes of [a-z0-9_.]
inline constexpr std::size_t kPreferenceValue = 16'384;  // bytes of JSON
inline constexpr int kPreferences = 200;                 // for each person

db::TableDefinition preference_table();

std::map<std::string, std::string> preferences(db::Database& database, std::int64_t user_id);

// An empty value takes the preference away. Throws Invalid "preference.bad_name", Limit
// "preference.too_large" and "preference.too_many".
void set_preference(db::Database& database, std::int64_t user_id, std::string_view name,
                    std::string_view value);

}  // namespace kehai::platform
