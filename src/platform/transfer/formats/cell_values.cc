#include "platform/transfer/formats/cell_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>

namespace kehai::platform {

namespace {

struct Sign {
  std::string_view text;
  std::string_view currency;
};

// Longer ones first: "HK$" before "$".
constexpr std::array<Sign, 38> kCurrencies = {{
    {"RMB¥", "CNY"},   {"CNY¥", "CNY"},   {"人民币", "CNY"}, {"人民幣", "CNY"}, {"新台币", "TWD"},
    {"新臺幣", "TWD"}, {"新台幣", "TWD"}, {"NT$", "TWD"},    {"NTD", "TWD"},    {"TWD", "TWD"},
    {"HK$", "HKD"},    {"HKD", "HKD"},    {"港币", "HKD"},   {"港幣", "HKD"},   {"MOP", "MOP"},
    {"US$", "USD"},    {"USD", "USD"},    {"美元", "USD"},   {"美金", "USD"},   {"RMB", "CNY"},
    {"CNY", "CNY"},    {"EUR", "EUR"},    {"欧元", "EUR"},   {"歐元", "EUR"},   {"GBP", "GBP"},
    {"英镑", "GBP"},   {"英鎊", "GBP"},   {"JPY", "JPY"},    {"日元", "JPY"},   {"日圓", "JPY"},
    {"SGD", "SGD"},    {"AUD", "AUD"},    {"CAD", "CAD"},    {"€", "EUR"},      {"£", "GBP"},
    {"¥", "CNY"},      {"￥", "CNY"},     {"$", "USD"},
}};

struct Unit {
  std::string_view text;
  int zeros;
};
constexpr std::array<Unit, 14> kUnits = {{{"万亿", 12},
                                          {"萬億", 12},
                                          {"千万", 7},
                                          {"千萬", 7},
                                          {"百万", 6},
                                          {"百萬", 6},
                                          {"亿", 8},
                                          {"億", 8},
                                          {"万", 4},
                                          {"萬", 4},
                                          {"千", 3},
                                          {"百", 2},
                                          {"w", 4},
                                          {"k", 3}}};

constexpr std::array<std::string_view, 6> kYuan = {"元整", "圆整", "元", "圆", "圓", "块"};

bool take_front(std::string_view& text, std::string_view word) {
  if (text.substr(0, word.size()) != word) return false;
  text.remove_prefix(word.size());
  return true;
}

bool take_back(std::string_view& text, std::string_view word) {
  if (text.size() < word.size() || text.substr(text.size() - word.size()) != word) return false;
  text.remove_suffix(word.size());
  return true;
}

void drop_blanks(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
}

// The digits of an amount with its separators understood.
struct Digits {
  std::string whole;
  std::string part;
  bool valid = false;
};

// "1,234,567" → groups of three after the first; "12,34" is nobody's number.
bool valid_groups(std::string_view whole, char separator) {
  std::size_t from = whole.find(separator);
  if (from == 0 || from > 3) return false;
  while (from != std::string_view::npos) {
    const std::size_t next = whole.find(separator, from + 1);
    const std::size_t end = std::min(next, whole.size());
    if (end - from - 1 != 3) return false;
    from = next;
  }
  return true;
}

std::string only_digits(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

Digits split_digits(std::string_view text) {
  Digits digits;
  if (text.empty() || text.find_first_not_of("0123456789.,' ") != std::string_view::npos)
    return digits;
  std::string packed(text);
  // "1 234 567" and "1'234'567"
  for (const char blank : {' ', '\''}) {
    if (packed.find(blank) == std::string::npos) continue;
    if (!valid_groups(std::string_view(packed).substr(0, packed.find_first_of(".,")), blank))
      return digits;
    std::erase(packed, blank);
  }
  const std::size_t point = packed.rfind('.');
  const std::size_t comma = packed.rfind(',');
  const bool both = point != std::string::npos && comma != std::string::npos;
  char decimal = '.';
  // "1.234,50": the last of two different separators is the decimal one. A comma alone groups.
  if (both && comma > point) decimal = ',';
  const char group = decimal == '.' ? ',' : '.';
  const std::size_t at = std::min(packed.find(decimal), packed.size());
  const std::string_view whole = std::string_view(packed).substr(0, at);
  const std::string_view part =
      at < packed.size() ? std::string_view(packed).substr(at + 1) : std::string_view();
  if (part.find_first_of(".,") != std::string_view::npos) return digits;
  if (whole.find(group) != std::string_view::npos && !valid_groups(whole, group)) return digits;
  digits.whole = only_digits(whole);
  digits.part = std::string(part);
  digits.valid = !digits.whole.empty() || !digits.part.empty();
  return digits;
}

// Signs, currency and unit around the digits.
struct Amount {
  std::string_view digits;
  std::string currency;
  bool negative = false;
  bool percent = false;
  int zeros = 0;
};

void take_currency(Amount& amount) {
  for (const Sign& sign : kCurrencies) {
    if (take_front(amount.digits, sign.text) || take_back(amount.digits, sign.text)) {
      amount.currency = sign.currency;
      drop_blanks(amount.digits);
      return;
    }
  }
}

void take_sign(Amount& amount) {
  std::string_view& text = amount.digits;
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    text = text.substr(1, text.size() - 2);
    amount.negative = !amount.negative;
  } else if (take_front(text, "-") || take_front(text, "−") || take_back(text, "-")) {
    amount.negative = !amount.negative;
  } else {
    take_front(text, "+");
  }
  drop_blanks(text);
}

Amount peel(std::string_view text) {
  Amount amount;
  amount.digits = text;
  drop_blanks(amount.digits);
  take_sign(amount);
  take_currency(amount);
  if (!amount.negative) take_sign(amount);  // "¥-12"
  amount.percent = take_back(amount.digits, "%");
  for (const std::string_view word : kYuan) {
    if (!take_back(amount.digits, word)) continue;
    if (amount.currency.empty()) amount.currency = "CNY";
    break;
  }
  drop_blanks(amount.digits);
  for (const Unit& unit : kUnits) {
    if (!take_back(amount.digits, unit.text)) continue;
    amount.zeros = unit.zeros;
    break;
  }
  drop_blanks(amount.digits);
  return amount;
}

// digits · 10^shift, rounded half away from zero; false when it does not fit.
bool scale_digits(const Digits& digits, int shift, bool negative, std::int64_t& value,
                  bool& rounded) {
  std::string all = digits.whole + digits.part;
  std::int64_t end = static_cast<std::int64_t>(digits.whole.size()) + shift;
  all.erase(0, std::min(all.find_first_not_of('0'), all.size()));
  end -= static_cast<std::int64_t>(digits.whole.size() + digits.part.size() - all.size());
  if (end > 19 && !all.empty()) return false;
  __int128 sum = 0;
  for (std::int64_t i = 0; i < end; ++i) {
    sum = sum * 10 +
          (i < static_cast<std::int64_t>(all.size()) ? all[static_cast<std::size_t>(i)] - '0' : 0);
  }
  if (end < static_cast<std::int64_t>(all.size())) {
    const std::string rest = end >= 0 ? all.substr(static_cast<std::size_t>(end)) : "0" + all;
    rounded = rest.find_first_not_of('0') != std::string::npos;
    if (rest[0] >= '5') ++sum;
  }
  if (negative) sum = -sum;
  if (sum > std::numeric_limits<std::int64_t>::max() ||
      sum < std::numeric_limits<std::int64_t>::min())
    return false;
  value = static_cast<std::int64_t>(sum);
  return true;
}

}  // namespace

std::string narrow_text(std::string_view text) {
  std::string narrow;
  narrow.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == 0xEF && i + 2 < text.size()) {
      const unsigned code = 0xF000u | (static_cast<unsigned char>(text[i + 1]) & 0x3Fu) << 6 |
                            (static_cast<unsigned char>(text[i + 2]) & 0x3Fu);
      if (code >= 0xFF01 && code <= 0xFF5E) {
        narrow += static_cast<char>(code - 0xFEE0);
        i += 3;
        continue;
      }
    }
    if (text.substr(i, 3) == "\xE3\x80\x80") {
      narrow += ' ';
      i += 3;
    } else if (text.substr(i, 2) == "\xC2\xA0" || lead == '\t') {
      narrow += ' ';
      i += lead == '\t' ? 1 : 2;
    } else {
      narrow += text[i++];
    }
  }
  std::string_view trimmed = narrow;
  while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.back())))
    trimmed.remove_suffix(1);
  while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.front())))
    trimmed.remove_prefix(1);
  return std::string(trimmed);
}

bool looks_shortened(std::string_view text) {
  const std::string narrow = narrow_text(text);
  const std::size_t exponent = narrow.find_first_of("eE");
  if (exponent == std::string::npos || exponent + 2 >= narrow.size() || narrow[exponent + 1] != '+')
    return false;
  const std::string_view digits = std::string_view(narrow).substr(exponent + 2);
  const std::string_view mantissa = std::string_view(narrow).substr(0, exponent);
  return digits.size() <= 3 && digits.find_first_not_of("0123456789") == std::string_view::npos &&
         !mantissa.empty() && mantissa.find_first_not_of("0123456789.") == std::string_view::npos &&
         mantissa.find('.') != 0;
}

namespace {

// "8.48E10" is how programs write a double, with all its digits; it is cut to "8.48" and 10
// returned. What a spreadsheet shows when the column is narrow ("8.48E+10") has lost digits and
// stays what it is.
int take_exponent(std::string& text) {
  const std::size_t at = text.rfind('E');
  const std::size_t point = text.find('.');
  if (at == std::string::npos || point == std::string::npos || point > at || at == 0) return 0;
  if (text[at - 1] < '0' || text[at - 1] > '9') return 0;
  int exponent = 0;
  const char* first = text.data() + at + 1;
  const char* last = text.data() + text.size();
  const auto end = std::from_chars(first, last, exponent);
  constexpr int kLargest = 99;
  if (end.ec != std::errc() || end.ptr != last || exponent > kLargest || exponent < -kLargest)
    return 0;
  text.resize(at);
  return exponent;
}

}  // namespace

ParsedNumber parse_decimal_text(std::string_view text, int scale, bool percent) {
  ParsedNumber number;
  std::string narrow = narrow_text(text);
  const int exponent = take_exponent(narrow);
  if (narrow.empty()) {
    number.error = "value.empty";
    return number;
  }
  // Letters of codes and units in either case.
  std::string upper = narrow;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  if (!upper.empty() && (upper.back() == 'W' || upper.back() == 'K')) {
    upper.back() = static_cast<char>(std::tolower(static_cast<unsigned char>(upper.back())));
  }
  const Amount amount = peel(upper);
  number.currency = amount.currency;
  const Digits digits = split_digits(amount.digits);
  if (!digits.valid || (amount.percent && !percent)) {
    number.error = "value.not_a_number";
    return number;
  }
  const int shift = scale + exponent + amount.zeros - (amount.percent ? 2 : 0);
  if (!scale_digits(digits, shift, amount.negative, number.value, number.rounded)) {
    number.error = "value.out_of_range";
  }
  return number;
}

ParsedNumber parse_money(const Cell& cell, int scale) {
  if (cell.kind == CellKind::Number) return parse_decimal_text(cell.number, scale);
  if (cell.kind == CellKind::Empty) return {.currency = {}, .error = "value.empty"};
  if (cell.kind != CellKind::Text) return {.currency = {}, .error = "value.not_a_number"};
  return parse_decimal_text(cell.text, scale);
}

ParsedBoolean parse_boolean(std::string_view text) {
  std::string word = narrow_text(text);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (word.empty()) return {.error = "value.empty"};
  static constexpr std::array<std::string_view, 25> kYes = {
      "是", "有", "真",   "对",   "對", "√",  "✓",    "✔",    "☑",      "true",    "yes", "y",  "t",
      "on", "1",  "启用", "啟用", "开", "開", "开启", "是的", "已启用", "enabled", "✅",   "1.0"};
  static constexpr std::array<std::string_view, 25> kNo = {
      "否",   "无", "無", "没有",  "沒有", "假",       "错", "錯",  "×",
      "✗",    "✘",  "☐",  "false", "no",   "n",        "f",  "off", "0",
      "停用", "关", "關", "关闭",  "不是", "disabled", "❌"};
  if (std::find(kYes.begin(), kYes.end(), word) != kYes.end()) return {.value = true};
  if (std::find(kNo.begin(), kNo.end(), word) != kNo.end()) return {.value = false};
  return {.error = "value.not_a_boolean"};
}

}  // namespace kehai::platform
