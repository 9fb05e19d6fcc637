// Instants, business dates and the organisation's time zone.
//
// Instant = int64 milliseconds since 1970-01-01T00:00:00Z. Date = int64 days since 1970-01-01 in
// the proleptic Gregorian calendar. All "day" arithmetic happens in the organisation's zone
// (default Asia/Shanghai). Everything here is a pure value; safe from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kehai::base {

using Instant = std::int64_t;
using Date = std::int64_t;

// A port: tests replace it. now() never goes backwards within one process.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};
std::unique_ptr<Clock> make_system_clock();

struct Civil {
  int year = 1970;
  int month = 1;
  int day = 1;
};

Date date_from_civil(int year, int month, int day);
Civil civil_from_date(Date date);
bool is_valid_civil(int year, int month, int day);
// 1 = Monday … 7 = Sunday (ISO 8601).
int weekday(Date date);
// Same day of month, clamped to the month's end.
Date add_months(Date date, int months);

// Strict "YYYY-MM-DD", years 0001–9999.
std::optional<Date> parse_date(std::string_view text);
std::string format_date(Date date);
// RFC 3339 with zone ("2026-03-01T09:30:00+08:00", "…Z"), fraction up to milliseconds.
std::optional<Instant> parse_instant(std::string_view text);
// "2026-03-01T01:30:00.000Z" (fraction only when it is not zero).
std::string format_instant(Instant instant);
void append_instant(std::string& out, Instant instant);
void append_date(std::string& out, Date date);

// Offset transitions of one IANA zone, computed once (years 1900–2100).
class TimeZone {
 public:
  // Throws Error "config.time_zone" when the name is unknown.
  explicit TimeZone(const std::string& name);
  const std::string& name() const { return name_; }
  std::int64_t offset_at(Instant instant) const;  // milliseconds east of UTC
  Date local_date(Instant instant) const;
  // First instant of that local day.
  Instant start_of_day(Date date) const;
  struct Transition {
    Instant from;
    std::int64_t offset;  // milliseconds east of UTC
  };
  const std::vector<Transition>& transitions() const { return transitions_; }

 private:
  std::string name_;
  std::vector<Transition> transitions_;
};

}  // namespace kehai::base
