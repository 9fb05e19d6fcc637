#include "base/working_days.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace kehai::base {

extern const std::int32_t kDaysOff[];
extern const std::size_t kDaysOffCount;
extern const std::int32_t kDaysOn[];
extern const std::size_t kDaysOnCount;

namespace {

bool is_mainland(std::string_view zone) {
  static constexpr std::array<std::string_view, 7> kZones = {"Asia/Shanghai",
                                                             "Asia/Chongqing",
                                                             "Asia/Chungking",
                                                             "Asia/Harbin",
                                                             "Asia/Urumqi",
                                                             "Asia/Kashgar",
                                                             "PRC"};
  return std::find(kZones.begin(), kZones.end(), zone) != kZones.end();
}

bool holds(std::span<const std::int32_t> days, Date date) {
  return std::binary_search(days.begin(), days.end(), date);
}

}  // namespace

bool is_working_day(Date date, const TimeZone& zone) {
  constexpr int kFriday = 5;
  const bool is_weekday = weekday(date) <= kFriday;
  if (!is_mainland(zone.name())) return is_weekday;
  return is_weekday ? !holds({kDaysOff, kDaysOffCount}, date)
                    : holds({kDaysOn, kDaysOnCount}, date);
}

Date add_working_days(Date date, std::int64_t count, const TimeZone& zone) {
  while (count > 0) {
    if (is_working_day(++date, zone)) --count;
  }
  return date;
}

}  // namespace kehai::base
