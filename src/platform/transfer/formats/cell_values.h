// What people write into cells, read as values: amounts, dates, yes and no.
//
// Everything is exact integer arithmetic. Nothing throws: `error` is a stable code for the import
// report, or null.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "platform/transfer/formats/table_reader.h"

namespace kehai::platform {

// "value.empty"          nothing is written there
// "value.not_a_number"   letters, two points, groups of the wrong length
// "value.out_of_range"   more than 64 bits at this scale
struct ParsedNumber {
  std::int64_t value = 0;  // scaled by 10^scale
  bool rounded = false;    // digits beyond the scale were rounded half away from zero
  std::string currency;    // ISO 4217 code when a sign, a code or a word names one, else ""
  const char* error = nullptr;
};
// "¥1,234.50", "￥１２３４", "1.2万", "3,000元", "(1,000.00)", "-5", "100-", "CNY 12", "NT$ 300",
// "12.5%" (percent only with `percent`: 12.5 % = 0.125), "1.234,50".
ParsedNumber parse_decimal_text(std::string_view text, int scale, bool percent = false);
inline ParsedNumber parse_money(std::string_view text, int scale = 2) {
  return parse_decimal_text(text, scale);
}
// The exact number of a spreadsheet cell, else its text.
ParsedNumber parse_money(const Cell& cell, int scale = 2);

enum class DateOrder { Detect, MonthFirst, DayFirst };

struct DateRules {
  // For "3/4/2026". Detect: what a number above 12 proves, else month first with `ambiguous` set.
  DateOrder order = DateOrder::Detect;
};

// "value.empty", "value.not_a_date", "value.date_without_year", "value.no_such_day",
// "value.no_such_time"
struct ParsedDate {
  base::Date date = 0;
  std::optional<std::int64_t> milliseconds;    // since midnight, when a time is written
  std::optional<std::int64_t> offset_minutes;  // east of UTC, when a zone is written
  bool ambiguous = false;  // another reading is as good: day and month, or the century
  const char* error = nullptr;
};
// "2026-03-01", "2026/3/1 9:30", "2026.3.1", "20260301", "2026年3月1日 下午3:20", "3/1/2026", "1
// Mar 2026", "March 1, 2026 3:20 PM", "2026-03-01T09:30:00.000Z", "民國115年3月1日", "115/3/1".
ParsedDate parse_date_cell(std::string_view text, const DateRules& rules = {});
// A spreadsheet's date as it is; a number as yyyymmdd, or (ambiguous) as a serial day of the 1900
// system.
ParsedDate parse_date_cell(const Cell& cell, const DateRules& rules = {});

// "value.empty", "value.not_a_boolean"
struct ParsedBoolean {
  bool value = false;
  const char* error = nullptr;
};
// 是 否 有 无 真 假 对 错 √ × ✓ ✗, true/false, yes/no, y/n, t/f, on/off, 1/0, 启用/停用, 開/關
ParsedBoolean parse_boolean(std::string_view text);

// "1.38E+10": what Excel leaves of a long number when a CSV is saved. The digits are gone; an
// import must not take it for a telephone number or a code.
bool looks_shortened(std::string_view text);

// Full-width digits, letters and signs to ASCII, full-width blank to blank; blanks at the ends are
// dropped.
std::string narrow_text(std::string_view text);

}  // namespace kehai::platform
