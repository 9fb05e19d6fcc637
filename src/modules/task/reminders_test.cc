#include "modules/task/reminders.h"

#include <doctest/doctest.h>

using namespace kehai;
using modules::next_reminder;
using modules::reminder_times;
using Times = std::vector<base::Instant>;

namespace {

constexpr base::Instant kMinute = 60'000;
constexpr base::Instant kDue = 1'000'000 * kMinute;

}  // namespace

TEST_CASE("reminders: in order, each once, the own time among them") {
  CHECK(reminder_times({0, 1440, 15}, kDue, std::nullopt) ==
        Times{kDue - 1440 * kMinute, kDue - 15 * kMinute, kDue});
  CHECK(reminder_times({60, 60}, kDue, kDue - 60 * kMinute) == Times{kDue - 60 * kMinute});
  CHECK(reminder_times({15}, kDue, kDue + kMinute) == Times{kDue - 15 * kMinute, kDue + kMinute});
}

TEST_CASE("reminders: without a due time only the own time counts") {
  CHECK(reminder_times({0, 15}, std::nullopt, std::nullopt).empty());
  CHECK(reminder_times({0, 15}, std::nullopt, kDue) == Times{kDue});
}

TEST_CASE("reminders: the first that lies ahead is next, one that has just come does not") {
  const auto times = reminder_times({0, 15, 60}, kDue, std::nullopt);
  CHECK(next_reminder(times, kDue - 90 * kMinute, std::nullopt) == kDue - 60 * kMinute);
  CHECK(next_reminder(times, kDue - 60 * kMinute, std::nullopt) == kDue - 15 * kMinute);
  CHECK(next_reminder(times, kDue - kMinute, std::nullopt) == kDue);
  CHECK_FALSE(next_reminder({}, kDue, kDue).has_value());
}

TEST_CASE("reminders: one that has come and was not told is not lost by a change of the others") {
  const auto untold = kDue - 15 * kMinute;
  CHECK(next_reminder(reminder_times({0, 15}, kDue, std::nullopt), kDue - 14 * kMinute, untold) ==
        untold);
  // Taken away, it is told no more.
  CHECK(next_reminder(reminder_times({0}, kDue, std::nullopt), kDue - 14 * kMinute, untold) ==
        kDue);
}

TEST_CASE("reminders: what is set too late is told at once, and once") {
  const auto times = reminder_times({15, 60}, kDue, std::nullopt);
  CHECK(next_reminder(times, kDue, std::nullopt) == kDue - 15 * kMinute);
}
