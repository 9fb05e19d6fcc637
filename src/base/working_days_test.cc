#include "base/working_days.h"

#include <doctest/doctest.h>

using namespace kehai::base;

namespace {

Date day(const char* text) {
  return *parse_date(text);
}

}  // namespace

TEST_CASE("working days: weekends, public holidays, and weekend days worked instead") {
  const TimeZone shanghai("Asia/Shanghai");
  CHECK(is_working_day(day("2026-03-02"), shanghai));        // a Monday
  CHECK_FALSE(is_working_day(day("2026-03-07"), shanghai));  // a Saturday
  CHECK_FALSE(is_working_day(day("2026-01-01"), shanghai));  // New Year
  CHECK_FALSE(is_working_day(day("2026-02-17"), shanghai));  // Spring Festival
  CHECK(is_working_day(day("2026-02-14"), shanghai));        // a Saturday worked for it
  CHECK_FALSE(is_working_day(day("2025-10-08"), shanghai));  // the end of the National Day week
  CHECK(is_working_day(day("2025-10-11"), shanghai));
}

TEST_CASE("working days: elsewhere, and in years not announced yet, Monday to Friday") {
  const TimeZone taipei("Asia/Taipei");
  CHECK(is_working_day(day("2026-02-17"), taipei));
  CHECK_FALSE(is_working_day(day("2026-02-14"), taipei));
  const TimeZone shanghai("Asia/Shanghai");
  CHECK(is_working_day(day("2090-10-02"), shanghai));
  CHECK_FALSE(is_working_day(day("2090-10-07"), shanghai));
}

TEST_CASE("working days: counted over a holiday") {
  const TimeZone shanghai("Asia/Shanghai");
  CHECK(add_working_days(day("2026-02-13"), 0, shanghai) == day("2026-02-13"));
  // Saturday the 14th is worked; the festival lasts from the 15th to the 23rd.
  CHECK(add_working_days(day("2026-02-13"), 1, shanghai) == day("2026-02-14"));
  CHECK(add_working_days(day("2026-02-13"), 2, shanghai) == day("2026-02-24"));
  CHECK(add_working_days(day("2026-02-13"), 2, TimeZone("Asia/Taipei")) == day("2026-02-17"));
}
