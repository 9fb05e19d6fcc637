#include "base/time.h"

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/tztrans.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/error.h"

namespace kehai::base {

namespace {

constexpr std::int64_t kDay = 86'400'000;

class SystemClock : public Clock {
 public:
  Instant now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const Instant wall = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    Instant last = last_.load(std::memory_order_relaxed);
    while (last < wall && !last_.compare_exchange_weak(last, wall)) {
    }
    return std::max(last, wall);
  }

 private:
  std::atomic<Instant> last_{0};
};

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// Reads exactly `count` digits at `position`; -1 when there are none.
int digits(std::string_view text, std::size_t position, std::size_t count) {
  if (position + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = position; i < position + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// At least `width` digits.
void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  if (value < 0) out += '-';
  char reversed[20];
  std::size_t count = 0;
  for (std::uint64_t rest = static_cast<std::uint64_t>(value < 0 ? -value : value);
       rest > 0 || count < width; rest /= 10)
    reversed[count++] = static_cast<char>('0' + rest % 10);
  while (count > 0) out += reversed[--count];
}

// A list page has hundreds of times.
void put_two_digits(char* at, std::int64_t value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

// Offset of "Z" or "±hh:mm" in milliseconds.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = digits(text, 1, 2);
  const int minutes = digits(text, 4, 2);
  if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t offset = (hours * 60 + minutes) * 60'000LL;
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::unique_ptr<Clock> make_system_clock() {
  return std::make_unique<SystemClock>();
}

// Both conversions: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
Date date_from_civil(int year, int month, int day) {
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

Civil civil_from_date(Date date) {
  const std::int64_t z = date + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t day_of_era = z - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  civil.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  return civil;
}

bool is_valid_civil(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  const Civil back = civil_from_date(date_from_civil(year, month, day));
  return back.month == month && back.day == day;
}

int weekday(Date date) {
  // 1970-01-01 was a Thursday.
  const std::int64_t remainder = ((date + 3) % 7 + 7) % 7;
  return static_cast<int>(remainder) + 1;
}

Date add_months(Date date, int months) {
  const Civil civil = civil_from_date(date);
  const std::int64_t index = static_cast<std::int64_t>(civil.year) * 12 + civil.month - 1 + months;
  const int year = static_cast<int>(floor_divide(index, 12));
  const int month = static_cast<int>(index - static_cast<std::int64_t>(year) * 12) + 1;
  int day = civil.day;
  while (!is_valid_civil(year, month, day) && day > 28) --day;
  return date_from_civil(year, month, day);
}

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (!is_valid_civil(year, month, day)) return std::nullopt;
  return date_from_civil(year, month, day);
}

void append_date(std::string& out, Date date) {
  const Civil civil = civil_from_date(date);
  if (civil.year < 0 || civil.year > 9999) {
    append_padded(out, civil.year, 4);
  } else {
    char year[4];
    put_two_digits(year, civil.year / 100);
    put_two_digits(year + 2, civil.year % 100);
    out.append(year, sizeof year);
  }
  char day[] = "-00-00";
  put_two_digits(day + 1, civil.month);
  put_two_digits(day + 4, civil.day);
  out.append(day, sizeof day - 1);
}

std::string format_date(Date date) {
  std::string out;
  append_date(out, date);
  return out;
}

std::optional<Instant> parse_instant(std::string_view text) {
  if (text.size() < 17 || (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
    return std::nullopt;
  const auto date = parse_date(text.substr(0, 10));
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  if (!date || text[13] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59)
    return std::nullopt;
  int second = 0;
  int milliseconds = 0;
  std::size_t position = 16;
  if (text[position] == ':') {
    second = digits(text, 17, 2);
    if (second < 0 || second > 59) return std::nullopt;
    position = 19;
    if (position < text.size() && text[position] == '.') {
      int scale = 100;
      std::size_t i = position + 1;
      for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, scale /= 10) {
        milliseconds += (text[i] - '0') * scale;
      }
      if (i == position + 1 || i > position + 10) return std::nullopt;
      position = i;
    }
  }
  const auto offset = parse_offset(text.substr(position));
  if (!offset) return std::nullopt;
  return *date * kDay + (hour * 3600LL + minute * 60LL + second) * 1000 + milliseconds - *offset;
}

void append_instant(std::string& out, Instant instant) {
  const Date date = floor_divide(instant, kDay);
  const std::int64_t rest = instant - date * kDay;
  append_date(out, date);
  char time[] = "T00:00:00";
  put_two_digits(time + 1, rest / 3'600'000);
  put_two_digits(time + 4, rest / 60'000 % 60);
  put_two_digits(time + 7, rest / 1000 % 60);
  out.append(time, sizeof time - 1);
  if (rest % 1000 != 0) append_padded(out.append(1, '.'), rest % 1000, 3);
  out.push_back('Z');
}

std::string format_instant(Instant instant) {
  std::string out;
  append_instant(out, instant);
  return out;
}

TimeZone::TimeZone(const std::string& name) : name_(name) {
  const std::unique_ptr<icu::TimeZone> zone(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
  const auto* basic = dynamic_cast<const icu::BasicTimeZone*>(zone.get());
  if (*zone == icu::TimeZone::getUnknown() || basic == nullptr) {
    throw Error(ErrorKind::Invalid, "config.time_zone", {{"name", name}});
  }
  const Instant begin = date_from_civil(1900, 1, 1) * kDay;
  const Instant end = date_from_civil(2101, 1, 1) * kDay;
  const auto offset_of = [&](Instant at) {
    int32_t raw = 0;
    int32_t daylight = 0;
    UErrorCode status = U_ZERO_ERROR;
    basic->getOffset(static_cast<UDate>(at), false, raw, daylight, status);
    return static_cast<std::int64_t>(raw) + daylight;
  };
  transitions_.push_back({begin, offset_of(begin)});
  icu::TimeZoneTransition transition;
  UDate at = static_cast<UDate>(begin);
  while (basic->getNextTransition(at, false, transition)) {
    at = transition.getTime();
    if (at >= static_cast<UDate>(end)) break;
    const auto instant = static_cast<Instant>(at);
    const std::int64_t offset = offset_of(instant);
    if (offset != transitions_.back().offset) transitions_.push_back({instant, offset});
  }
}

std::int64_t TimeZone::offset_at(Instant instant) const {
  const auto after = std::upper_bound(transitions_.begin(), transitions_.end(), instant,
                                      [](Instant at, const Transition& t) { return at < t.from; });
  return after == transitions_.begin() ? after->offset : std::prev(after)->offset;
}

Date TimeZone::local_date(Instant instant) const {
  return floor_divide(instant + offset_at(instant), kDay);
}

Instant TimeZone::start_of_day(Date date) const {
  const Instant local = date * kDay;
  // The offset at the guess may be the one after a change during that night, so the guess is
  // corrected once.
  Instant guess = local - offset_at(local);
  guess = local - offset_at(guess);
  while (local_date(guess) < date) guess += 900'000;
  while (local_date(guess - 1) == date) guess -= 900'000;
  return guess;
}

}  // namespace kehai::base
