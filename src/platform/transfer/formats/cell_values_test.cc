#include "platform/transfer/formats/cell_values.h"

#include <doctest/doctest.h>

#include <string>

using namespace kehai::platform;
namespace base = kehai::base;

namespace {

std::int64_t money(std::string_view text) {
  const ParsedNumber number = parse_money(text);
  CAPTURE(std::string(text));
  REQUIRE(number.error == nullptr);
  return number.value;
}

std::string money_error(std::string_view text) {
  const ParsedNumber number = parse_money(text);
  return number.error == nullptr ? "" : number.error;
}

std::string date(std::string_view text, const DateRules& rules = {}) {
  const ParsedDate parsed = parse_date_cell(text, rules);
  if (parsed.error != nullptr) return parsed.error;
  std::string shown = base::format_date(parsed.date);
  if (parsed.milliseconds) shown += " " + std::to_string(*parsed.milliseconds / 1000);
  if (parsed.offset_minutes) shown += " @" + std::to_string(*parsed.offset_minutes);
  return shown + (parsed.ambiguous ? " ?" : "");
}

}  // namespace

TEST_CASE("amounts: signs, separators, units and currencies") {
  CHECK(money("¥1,234.50") == 123'450);
  CHECK(money("￥１，２３４．５０") == 123'450);
  CHECK(money("1.2万") == 1'200'000);
  CHECK(money("3亿元") == 30'000'000'000);
  CHECK(money("2.5千万") == 2'500'000'000);
  CHECK(money("3,000元") == 300'000);
  CHECK(money("3000元整") == 300'000);
  CHECK(money("(1,000.00)") == -100'000);
  CHECK(money("（1000）") == -100'000);
  CHECK(money("-5") == -500);
  CHECK(money("¥-5") == -500);
  CHECK(money("-¥5") == -500);
  CHECK(money("5-") == -500);
  CHECK(money("+10000.00") == 1'000'000);
  CHECK(money("CNY 123.18") == 12'318);
  CHECK(money("CNY13.50") == 1'350);
  CHECK(money("12 USD") == 1'200);
  CHECK(money("1.234,50") == 123'450);
  CHECK(money("1 234 567.8") == 123'456'780);
  CHECK(money(" 0.5 ") == 50);
  CHECK(money(".5") == 50);
  CHECK(money("20k") == 2'000'000);
  CHECK(money("0") == 0);
  CHECK(money("6.0E7") == 6'000'000'000);
  CHECK(money("-8.48E10") == -8'480'000'000'000);
  CHECK(money("1.5E-1") == 15);
  CHECK(parse_money("NT$ 300").currency == "TWD");
  CHECK(parse_money("HK$1").currency == "HKD");
  CHECK(parse_money("1元").currency == "CNY");
  CHECK(parse_money("usd 7").currency == "USD");
  CHECK(parse_money("7").currency == "");
}

TEST_CASE("amounts: rounding is said, nonsense is refused") {
  CHECK(parse_money("1.005").value == 101);
  CHECK(parse_money("1.005").rounded);
  CHECK(parse_money("-1.005").value == -101);
  CHECK_FALSE(parse_money("1.500000").rounded);
  CHECK(parse_money("0.004").value == 0);
  CHECK(parse_money("0.0049").rounded);
  CHECK(parse_money("1.23456万").value == 1'234'560);
  CHECK_FALSE(parse_money("1.23456万").rounded);
  CHECK(money_error("") == "value.empty");
  CHECK(money_error("　 ") == "value.empty");
  for (const char* text :
       {"abc", "12a", "1,23", "1,2345", "1.2.3", "1,234,56", ",5", "131.77(已退款89.84)", "--5",
        "¥", "-", "1e5", "12%", "一百", "8.48E+10", "1.E", "1.5E1.5", "E5", "1.0E7元"}) {
    CAPTURE(std::string(text));
    CHECK(money_error(text) == "value.not_a_number");
  }
  CHECK(money_error("99999999999999999999") == "value.out_of_range");
  CHECK(money_error("92233720368547758.08") == "value.out_of_range");
  CHECK(money("92233720368547758.07") == INT64_MAX);
  CHECK(money("-92233720368547758.08") == INT64_MIN);
  CHECK(parse_decimal_text("12.5%", 4, true).value == 1250);
  CHECK(parse_decimal_text("1.2345678", 6).value == 1'234'568);
}

TEST_CASE("amounts: a spreadsheet's number is taken exactly, not as shown") {
  Cell cell;
  cell.kind = CellKind::Number;
  cell.number = "1234.56";
  cell.text = "¥1,235";
  CHECK(parse_money(cell).value == 123'456);
  cell.kind = CellKind::Error;
  CHECK(std::string(parse_money(cell).error) == "value.not_a_number");
}

TEST_CASE("codes: what Excel has shortened is noticed") {
  for (const char* text : {"1.38E+10", "1.3800E+10", "1E+17", "６.22E+18"})
    CHECK(looks_shortened(text));
  for (const char* text : {"13800000000", "E+10", "1E10", "CASE+1", "1.38E+", "A1E+10", ""})
    CHECK_FALSE(looks_shortened(text));
}

TEST_CASE("dates: Chinese, ISO, American, European") {
  for (const char* text : {"2026-03-01", "2026/3/1", "2026.3.1", "20260301", "2026年3月1日",
                           "2026年03月01号", "２０２６年３月１日", "2026年3月1日 星期日",
                           "2026-03-01(周日)", "民國115年3月1日", "1 Mar 2026", "March 1, 2026",
                           "Mar 1st, 2026", "01-Mar-2026", "Sunday, March 1, 2026", "01.03.2026"}) {
    CAPTURE(std::string(text));
    CHECK(date(text) == "2026-03-01");
  }
  CHECK(date("2026/3/1 9:30") == "2026-03-01 34200");
  CHECK(date("2026-03-01 09:30:15.250") == "2026-03-01 34215");
  CHECK(date("2026年3月1日 下午3:20") == "2026-03-01 55200");
  CHECK(date("2026年3月1日15时20分") == "2026-03-01 55200");
  CHECK(date("2026-3-1 3点半") == "2026-03-01 12600");
  CHECK(date("3/13/2026 3:20 PM") == "2026-03-13 55200");
  CHECK(date("3/13/2026 12:20 AM") == "2026-03-13 1200");
  CHECK(date("12/17/2017 14:35") == "2017-12-17 52500");
  CHECK(date("20260301 093000") == "2026-03-01 34200");
  CHECK(date("2026-03-01T09:30:00.000Z") == "2026-03-01 34200 @0");
  CHECK(date("2026-03-01T09:30:00+08:00") == "2026-03-01 34200 @480");
  CHECK(date("2010-10-14T12:00:00.000Z-0300") == "2010-10-14 43200 @-180");
}

TEST_CASE("dates: what has two readings says so") {
  CHECK(date("3/4/2026") == "2026-03-04 ?");
  CHECK(date("3/4/2026", {DateOrder::DayFirst}) == "2026-04-03");
  CHECK(date("3/4/2026", {DateOrder::MonthFirst}) == "2026-03-04");
  CHECK(date("13/4/2026") == "2026-04-13");
  CHECK(date("4/4/2026") == "2026-04-04");
  CHECK(date("26-3-1") == "2026-03-01 ?");
  CHECK(date("99/12/31") == "1999-12-31 ?");
  CHECK(date("115/3/1") == "2026-03-01 ?");
}

TEST_CASE("dates: errors name the reason") {
  CHECK(date("") == "value.empty");
  CHECK(date("明天") == "value.not_a_date");
  CHECK(date("13800000000") == "value.not_a_date");
  CHECK(date("12/29") == "value.date_without_year");
  CHECK(date("3月1日") == "value.date_without_year");
  CHECK(date("Mar 1") == "value.date_without_year");
  CHECK(date("2026-02-29") == "value.no_such_day");
  CHECK(date("20261301") == "value.no_such_day");
  CHECK(date("2026-03-01 25:00") == "value.no_such_time");
  CHECK(date("2026-03-01 10:75") == "value.no_such_time");
  CHECK(date("2026-03-01 abc") == "value.not_a_date");
  CHECK(date("2026-03-01-02") == "value.not_a_date");
  CHECK(date("2026") == "value.not_a_date");
}

TEST_CASE("dates: cells of a spreadsheet") {
  Cell cell;
  cell.kind = CellKind::Number;
  cell.number = "20260301";
  CHECK(parse_date_cell(cell).date == base::date_from_civil(2026, 3, 1));
  cell.number = "46082";
  CHECK(parse_date_cell(cell).date == base::date_from_civil(2026, 3, 1));
  CHECK(parse_date_cell(cell).ambiguous);
  cell.number = "13800000000";
  CHECK(parse_date_cell(cell).error != nullptr);
}

TEST_CASE("booleans: in three languages") {
  for (const char* text : {"是", "有", "真", "√", "TRUE", "Yes", "y", "1", "启用", "開", "Ｔ"})
    CHECK(parse_boolean(text).value);
  for (const char* text : {"否", "无", "×", "false", "No", "n", "0", "停用", "關"}) {
    CHECK_FALSE(parse_boolean(text).value);
    CHECK(parse_boolean(text).error == nullptr);
  }
  CHECK(std::string(parse_boolean("maybe").error) == "value.not_a_boolean");
  CHECK(std::string(parse_boolean(" ").error) == "value.empty");
}
