#include "platform/identity/preferences.h"

#include <algorithm>

#include "base/error.h"

namespace kehai::platform {

namespace {

using base::Error;
using base::ErrorKind;
using db::Compare;

const db::Table kPreference("user_preference");

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kPreferenceName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
         });
}

}  // namespace

db::TableDefinition preference_table() {
  return {"user_preference",
          {{"user_id", false, true}, {"name", true, true}, {"value", true, true}},
          {"user_id", "name"},
          {},
          false};
}

std::map<std::string, std::string> preferences(db::Database& database, std::int64_t user_id) {
  std::map<std::string, std::string> out;
  database.read([&](db::Reader& reader) {
    out.clear();
    kPreference.select_each(
        reader,
        {{"name", "value"}, {{"user_id", Compare::Equal, user_id}}, {}, kPreferences, false},
        [&](const db::Row& row) { out[std::string(row.get_text(0))] = row.get_text(1); });
  });
  return out;
}

void set_preference(db::Database& database, std::int64_t user_id, std::string_view name,
                    std::string_view value) {
  if (!is_name(name)) throw Error(ErrorKind::Invalid, "preference.bad_name");
  if (value.size() > kPreferenceValue) throw Error(ErrorKind::Limit, "preference.too_large");
  database.write([&](db::Writer& writer) {
    const db::Condition own{"user_id", Compare::Equal, user_id};
    const db::Condition named{"name", Compare::Equal, name};
    if (value.empty()) {
      kPreference.erase(writer, {own, named});
      return;
    }
    if (kPreference.count(writer, {own}) >= kPreferences &&
        kPreference.count(writer, {own, named}) == 0) {
      throw Error(ErrorKind::Limit, "preference.too_many");
    }
    kPreference.upsert(writer, {"user_id", "name"},
                       {{"user_id", user_id}, {"name", name}, {"value", value}});
  });
}

}  // namespace kehai::platform
