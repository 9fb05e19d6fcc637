#include "modules/task/repeat.h"

#include <doctest/doctest.h>

#include <string>

using namespace kehai;

namespace {

const base::TimeZone kZone("Asia/Shanghai");

std::string next(const char* rule, const char* first, const char* due, const char* now) {
  const auto at = modules::next_occurrence(
      rule, *base::parse_date(first), *base::parse_instant(due), *base::parse_instant(now), kZone);
  return base::format_instant(at);
}

}  // namespace

TEST_CASE("repeat: keeps the time of day, and the day of the month over short months") {
  CHECK(next("monthly", "2026-01-31", "2026-01-31T09:00:00+08:00", "2026-01-30T00:00:00Z") ==
        "2026-02-28T01:00:00Z");
  CHECK(next("monthly", "2026-01-31", "2026-02-28T09:00:00+08:00", "2026-02-28T02:00:00Z") ==
        "2026-03-31T01:00:00Z");
  CHECK(next("quarterly", "2025-11-30", "2025-11-30T23:30:00+08:00", "2025-11-30T00:00:00Z") ==
        "2026-02-28T15:30:00Z");
  CHECK(next("yearly", "2024-02-29", "2024-02-29T09:00:00+08:00", "2024-03-01T00:00:00Z") ==
        "2025-02-28T01:00:00Z");
  CHECK(next("biweekly", "2026-03-02", "2026-03-02T09:00:00+08:00", "2026-03-02T00:00:00Z") ==
        "2026-03-16T01:00:00Z");
}

TEST_CASE("repeat: what was missed is not made up for, and today counts until its time is over") {
  CHECK(next("weekly", "2026-01-05", "2026-01-05T09:00:00+08:00", "2026-03-01T00:00:00Z") ==
        "2026-03-02T01:00:00Z");
  CHECK(next("daily", "2020-01-01", "2020-01-01T09:00:00+08:00", "2026-03-01T00:30:00Z") ==
        "2026-03-01T01:00:00Z");
  CHECK(next("daily", "2020-01-01", "2020-01-01T09:00:00+08:00", "2026-03-01T01:00:00Z") ==
        "2026-03-02T01:00:00Z");
  // Done before it is due: the next one, not the same again.
  CHECK(next("daily", "2026-03-05", "2026-03-05T09:00:00+08:00", "2026-03-01T00:00:00Z") ==
        "2026-03-06T01:00:00Z");
}

TEST_CASE("repeat: working days leave out weekends and holidays") {
  CHECK(next("working_days", "2026-02-13", "2026-02-13T09:00:00+08:00", "2026-02-13T02:00:00Z") ==
        "2026-02-14T01:00:00Z");
  CHECK(next("working_days", "2026-02-13", "2026-02-14T09:00:00+08:00", "2026-02-14T02:00:00Z") ==
        "2026-02-24T01:00:00Z");
  CHECK(next("working_days", "2026-02-13", "2026-02-13T09:00:00+08:00", "2026-03-02T00:00:00Z") ==
        "2026-03-02T01:00:00Z");
}
