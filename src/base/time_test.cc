#include "base/time.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/random.h"

using namespace kehai::base;

TEST_CASE("time: civil dates round trip") {
  for (Date date = date_from_civil(1, 1, 1); date <= date_from_civil(9999, 12, 31); date += 37) {
    const Civil civil = civil_from_date(date);
    REQUIRE(date_from_civil(civil.year, civil.month, civil.day) == date);
    REQUIRE(parse_date(format_date(date)) == date);
  }
  CHECK(date_from_civil(1970, 1, 1) == 0);
  CHECK(weekday(date_from_civil(2026, 11, 21)) == 6);
  CHECK_FALSE(parse_date("2026-02-29"));
  CHECK_FALSE(parse_date("2026-2-09"));
  CHECK(format_date(add_months(date_from_civil(2026, 1, 31), 1)) == "2026-02-28");
  CHECK(format_date(add_months(date_from_civil(2026, 1, 31), -2)) == "2025-11-30");
}

TEST_CASE("time: instants with zones") {
  CHECK(parse_instant("2026-03-01T09:30:00+08:00") == parse_instant("2026-03-01T01:30:00Z"));
  CHECK(format_instant(*parse_instant("2026-03-01T01:30:00.250Z")) == "2026-03-01T01:30:00.250Z");
  CHECK(format_instant(*parse_instant("1969-12-31T23:59Z")) == "1969-12-31T23:59:00Z");
  CHECK_FALSE(parse_instant("2026-03-01T09:30:00"));
  CHECK_FALSE(parse_instant("2026-03-01T24:00:00Z"));
  CHECK_FALSE(parse_instant("2026-03-01T23:00:00.Z"));
}

TEST_CASE("time: local days of the organisation's zone") {
  const TimeZone shanghai("Asia/Shanghai");
  CHECK(format_date(shanghai.local_date(*parse_instant("2026-03-01T15:59:59.999Z"))) ==
        "2026-03-01");
  CHECK(format_date(shanghai.local_date(*parse_instant("2026-03-01T16:00:00Z"))) == "2026-03-02");
  const TimeZone berlin("Europe/Berlin");
  // 25 hours long: clocks go back on 2026-10-25.
  const Date change = date_from_civil(2026, 10, 25);
  CHECK(berlin.start_of_day(change + 1) - berlin.start_of_day(change) == 25 * 3'600'000);
  CHECK(format_instant(berlin.start_of_day(change)) == "2026-10-24T22:00:00Z");
  CHECK_THROWS_AS(TimeZone("Mars/Olympus"), Error);
}

TEST_CASE("random: tokens, hashes") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(base64url(std::string("\xff\xfe\x00", 3)) == "__4A");
  auto random = make_system_random();
  CHECK(random->token(32).size() == 43);
  CHECK(random->token(16) != random->token(16));
  CHECK(make_seeded_random(7)->next() == make_seeded_random(7)->next());
}
