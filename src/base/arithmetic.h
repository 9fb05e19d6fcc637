// Exact arithmetic on scaled 64-bit integers, with 128-bit intermediates and no floating point. The
// expression evaluator and the functions that SQLite runs for it share this header, so that they
// cannot differ.
//
// Every function gives nullopt for a result outside int64 and for a division by zero. Factors are
// powers of ten.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "base/time.h"

namespace kehai::base {

using Int128 = __int128;
using Exact = std::optional<std::int64_t>;

inline Exact narrow(Int128 value) {
  if (value < std::numeric_limits<std::int64_t>::min() ||
      value > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

// Half-up: away from zero at the half. `by` is not 0.
inline Int128 divide_half_up(Int128 value, Int128 by) {
  const Int128 quotient = value / by;
  const Int128 rest = value % by;
  const Int128 twice = (rest < 0 ? -rest : rest) * 2;
  if (twice < (by < 0 ? -by : by)) return quotient;
  return (value < 0) == (by < 0) ? quotient + 1 : quotient - 1;
}

// a·a_factor + b·b_factor; a negative factor subtracts.
inline Exact add_scaled(std::int64_t a, std::int64_t a_factor, std::int64_t b,
                        std::int64_t b_factor) {
  return narrow(static_cast<Int128>(a) * a_factor + static_cast<Int128>(b) * b_factor);
}

// a·b / divisor, half-up.
inline Exact multiply_scaled(std::int64_t a, std::int64_t b, std::int64_t divisor) {
  return narrow(divide_half_up(static_cast<Int128>(a) * b, divisor));
}

// a·factor / b, half-up.
inline Exact divide_scaled(std::int64_t a, std::int64_t factor, std::int64_t b) {
  if (b == 0) return std::nullopt;
  return narrow(divide_half_up(static_cast<Int128>(a) * factor, b));
}

// a / b toward zero.
inline Exact divide_truncated(std::int64_t a, std::int64_t b) {
  if (b == 0) return std::nullopt;
  return narrow(static_cast<Int128>(a) / b);
}

// Remainder of a·a_factor by b·b_factor, with the sign of a.
inline Exact remainder_scaled(std::int64_t a, std::int64_t a_factor, std::int64_t b,
                              std::int64_t b_factor) {
  if (b == 0) return std::nullopt;
  return narrow(static_cast<Int128>(a) * a_factor % (static_cast<Int128>(b) * b_factor));
}

enum class DatePart { Year = 1, Month = 2, Day = 3, YearMonth = 4, YearQuarter = 5 };

// nullopt outside the years 0001–9999. YearMonth is 202603, YearQuarter 20261.
inline Exact date_part(Date date, DatePart part) {
  constexpr Date kFirst = -719'162;
  constexpr Date kLast = 2'932'896;
  if (date < kFirst || date > kLast) return std::nullopt;
  const Civil civil = civil_from_date(date);
  switch (part) {
    case DatePart::Year:
      return civil.year;
    case DatePart::Month:
      return civil.month;
    case DatePart::Day:
      return civil.day;
    case DatePart::YearMonth:
      return civil.year * 100 + civil.month;
    case DatePart::YearQuarter:
      return civil.year * 10 + (civil.month + 2) / 3;
  }
  return std::nullopt;
}

}  // namespace kehai::base
