#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "platform/transfer/formats/cell_values.h"

namespace kehai::platform {

namespace {

// A date text as a row of numbers, words and the signs between them.
struct Part {
  enum Kind { Number, Word, Sign, End } kind = End;
  std::string text;  // words in lower case
  int value = 0;     // numbers
};

std::vector<Part> split(std::string_view text) {
  std::vector<Part> parts;
  std::size_t i = 0;
  while (i < text.size() && parts.size() < 40) {
    const auto c = static_cast<unsigned char>(text[i]);
    Part part;
    if (std::isdigit(c)) {
      part.kind = Part::Number;
      while (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])))
        part.text += text[i++];
      if (part.text.size() <= 9) part.value = std::stoi(part.text);
    } else if (std::isalpha(c)) {
      part.kind = Part::Word;
      while (i < text.size() && std::isalpha(static_cast<unsigned char>(text[i]))) {
        part.text += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i++])));
      }
    } else if (c >= 0x80) {
      part.kind = Part::Word;
      const std::size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
      part.text = std::string(text.substr(i, length));
      i += length;
    } else {
      part.kind = c == ' ' ? Part::End : Part::Sign;
      part.text = std::string(1, text[i++]);
      if (part.kind == Part::End) continue;  // blanks only separate
    }
    parts.push_back(part);
  }
  return parts;
}

int month_of(const std::string& word) {
  static constexpr std::array<const char*, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
  static constexpr std::array<const char*, 12> kLong = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (word == kMonths[i] || word == kLong[i]) return static_cast<int>(i) + 1;
  }
  return word == "sept" ? 9 : 0;
}

class Reader {
 public:
  Reader(std::string_view text, const DateRules& rules) : parts_(split(text)), rules_(rules) {}

  ParsedDate read() {
    if (parts_.empty()) return failed("value.empty");
    if (!read_date()) return failed(result_.error != nullptr ? result_.error : "value.not_a_date");
    skip_weekday();
    if (at_ < parts_.size() && !read_time()) return failed("value.not_a_date");
    skip_weekday();
    if (at_ < parts_.size()) return failed("value.not_a_date");
    if (!base::is_valid_civil(year_, month_, day_)) return failed("value.no_such_day");
    result_.date = base::date_from_civil(year_, month_, day_);
    if (result_.milliseconds &&
        (*result_.milliseconds < 0 || *result_.milliseconds >= 86'400'000)) {
      return failed("value.no_such_time");
    }
    return result_;
  }

 private:
  static ParsedDate failed(const char* code) {
    ParsedDate failure;
    failure.error = code;
    return failure;
  }

  const Part& peek(std::size_t ahead = 0) const {
    static const Part end;
    return at_ + ahead < parts_.size() ? parts_[at_ + ahead] : end;
  }
  bool is(std::size_t ahead, std::string_view text) const {
    return peek(ahead).kind != Part::Number && peek(ahead).text == text;
  }
  bool take(std::string_view text) {
    if (!is(0, text) || peek().kind == Part::End) return false;
    ++at_;
    return true;
  }
  bool number(std::size_t ahead = 0) const {
    return peek(ahead).kind == Part::Number && peek(ahead).text.size() <= 9;
  }

  bool read_date() {
    const bool republic = (is(0, "民") && (is(1, "国") || is(1, "國")));
    if (republic) at_ += 2;
    if (peek().kind == Part::Word) return read_month_word_first();
    if (!number()) return false;
    if (is(1, "年")) return read_chinese(republic);
    if (is(1, "月")) return without_year();
    if (peek().text.size() == 8 && !republic) return read_packed();
    const std::string separator = peek(1).text;
    if (peek(1).kind == Part::Word || (peek(1).kind == Part::Sign && peek(2).kind == Part::Word)) {
      return read_day_month_word();
    }
    if (peek(1).kind == Part::Number) return read_day_month_word();
    if (peek(1).kind != Part::Sign || (separator != "-" && separator != "/" && separator != "."))
      return false;
    if (!number(2)) return false;
    if (!is(3, separator) || !number(4)) return without_year();
    return read_three(separator, republic);
  }

  bool without_year() {
    result_.error = "value.date_without_year";
    return false;
  }

  bool read_chinese(bool republic) {
    const std::size_t digits = peek().text.size();
    year_ = peek().value;
    at_ += 2;
    if (republic)
      year_ += 1911;
    else if (digits <= 2)
      two_digit_year();
    if (!number()) return false;
    month_ = peek().value;
    ++at_;
    if (!take("月") || !number()) return false;
    day_ = peek().value;
    ++at_;
    if (!take("日")) take("号") || take("號");
    return true;
  }

  bool read_packed() {
    const int packed = peek().value;
    ++at_;
    year_ = packed / 10'000;
    month_ = packed / 100 % 100;
    day_ = packed % 100;
    if (year_ < 1000) return false;
    // "20260301093000" has more digits; "20260301 093000" has its time apart.
    if (number() && peek().text.size() == 6) {
      const int clock = peek().value;
      ++at_;
      if (clock / 100 % 100 > 59 || clock % 100 > 59) return false;
      result_.milliseconds =
          ((clock / 10'000 * 60LL + clock / 100 % 100) * 60 + clock % 100) * 1000;
    }
    return true;
  }

  bool read_three(const std::string& separator, bool republic) {
    const Part first = peek(0), second = peek(2), third = peek(4);
    at_ += 5;
    if (first.text.size() >= 3 || republic) {  // year first; three digits count from 1912
      year_ = first.value;
      if (first.text.size() == 3 || republic) {
        year_ += 1911;
        result_.ambiguous = !republic;
      }
      month_ = second.value;
      day_ = third.value;
      return third.text.size() <= 2;
    }
    if (third.text.size() == 4)
      return day_and_month(first.value, second.value, third.value, separator);
    if (third.text.size() > 2) return false;
    // Three numbers of two digits: year first as Chinese people write, unless only the other order
    // can be.
    if (first.value > 31 || second.value <= 12) {
      year_ = first.value;
      month_ = second.value;
      day_ = third.value;
    } else {
      month_ = first.value;
      day_ = second.value;
      year_ = third.value;
    }
    two_digit_year();
    return true;
  }

  bool day_and_month(int first, int second, int year, const std::string& separator) {
    year_ = year;
    bool day_first = rules_.order == DateOrder::DayFirst;
    if (rules_.order == DateOrder::Detect) {
      day_first = first > 12 || (second <= 12 && separator == ".");  // 01.03.2026 is European
      result_.ambiguous = first <= 12 && second <= 12 && first != second && separator != ".";
    }
    day_ = day_first ? first : second;
    month_ = day_first ? second : first;
    return true;
  }

  void two_digit_year() {
    year_ += year_ < 70 ? 2000 : 1900;
    result_.ambiguous = true;
  }

  // "March 1, 2026", "Mar-01-2026", also with a weekday before it.
  bool read_month_word_first() {
    skip_weekday();
    if (number()) return read_day_month_word();
    month_ = month_of(peek().text);
    if (month_ == 0) return false;
    ++at_;
    take(".") || take("-");
    if (!number()) return false;
    day_ = peek().value;
    ++at_;
    ordinal();
    take(",") || take("-");
    return read_year();
  }

  // "1 Mar 2026", "01-Mar-26"
  bool read_day_month_word() {
    day_ = peek().value;
    ++at_;
    ordinal();
    take("-") || take("/") || take(".");
    month_ = month_of(peek().text);
    if (month_ == 0) return false;
    ++at_;
    take("-") || take("/") || take(".");
    take(",");
    return read_year();
  }

  void ordinal() { take("st") || take("nd") || take("rd") || take("th"); }

  bool read_year() {
    if (!number() || is(1, ":")) return without_year();
    year_ = peek().value;
    if (peek().text.size() <= 2) two_digit_year();
    ++at_;
    return true;
  }

  void skip_weekday() {
    static constexpr std::array<std::string_view, 14> kDays = {
        "mon",    "tue",     "wed",       "thu",      "fri",    "sat",      "sun",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    take(",");
    const std::size_t before = at_;
    take("(");
    if ((is(0, "星") && is(1, "期")) || (is(0, "礼") && is(1, "拜")) ||
        (is(0, "禮") && is(1, "拜"))) {
      at_ += 3;
    } else if (is(0, "周") || is(0, "週")) {
      at_ += 2;
    } else if (std::find(kDays.begin(), kDays.end(), peek().text) != kDays.end()) {
      ++at_;
      take(",");
    } else {
      at_ = before;
      return;
    }
    at_ = std::min(at_, parts_.size());
    take(")");
  }

  // Hours to add, or -1: the half of the day is not named. "noon" words keep 12 as it is.
  int half_of_day() {
    struct Half {
      std::string_view first, second;
      int half;
    };
    static constexpr std::array<Half, 7> kHalves = {{{"上", "午", 0},
                                                     {"早", "上", 0},
                                                     {"凌", "晨", 0},
                                                     {"下", "午", 1},
                                                     {"晚", "上", 1},
                                                     {"中", "午", 1},
                                                     {"傍", "晚", 1}}};
    for (const Half& half : kHalves) {
      if (is(0, half.first) && is(1, half.second)) {
        at_ += 2;
        return half.half;
      }
    }
    if (take("am")) return 0;
    if (take("pm")) return 1;
    if ((is(0, "a") || is(0, "p")) && is(1, ".") && is(2, "m")) {
      const int half = is(0, "p") ? 1 : 0;
      at_ += 3;
      take(".");
      return half;
    }
    return -1;
  }

  bool read_time() {
    take("t");
    int half = half_of_day();
    if (!number() || peek().text.size() > 2) return false;
    std::int64_t hour = peek().value, minute = 0, second = 0, fraction = 0;
    ++at_;
    const bool chinese = take("时") || take("時") || take("点") || take("點");
    if (!chinese && !take(":")) {
      if (half < 0) half = half_of_day();
      if (half < 0) return false;
    } else if (number()) {
      minute = peek().value;
      ++at_;
      if (take("分") || take(":")) {
        if (number()) {
          second = peek().value;
          ++at_;
          take("秒");
        }
        if (is(0, ".") && number(1)) {
          ++at_;
          std::string digits = peek().text.substr(0, 3);
          digits.resize(3, '0');
          fraction = std::stoi(digits);
          ++at_;
        }
      }
    } else if (take("半")) {
      minute = 30;
    } else if (!chinese) {
      return false;
    }
    if (half < 0) half = half_of_day();
    if (half >= 0 && hour <= 12) hour = hour % 12 + (half == 1 ? 12 : 0);
    // "24:00" and beyond are no time of this day.
    result_.milliseconds = minute > 59 || second > 59
                               ? 86'400'000
                               : ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
    return read_zone();
  }

  // "Z", "+08:00", "-0300", "+8", and the "Z-0300" that one exporter writes.
  bool read_zone() {
    if (take("z") || take("utc") || take("gmt")) result_.offset_minutes = 0;
    if (!is(0, "+") && !is(0, "-")) return true;
    if (!number(1)) return false;
    const int sign = is(0, "-") ? -1 : 1;
    ++at_;
    const std::string digits = peek().text;
    int minutes = 0;
    int hours = peek().value;
    ++at_;
    if (digits.size() == 4) {
      minutes = hours % 100;
      hours /= 100;
    } else if (take(":") && number()) {
      minutes = peek().value;
      ++at_;
    }
    if (hours > 18 || minutes > 59 || digits.size() > 4) return false;
    result_.offset_minutes = sign * (hours * 60 + minutes);
    return true;
  }

  std::vector<Part> parts_;
  DateRules rules_;
  std::size_t at_ = 0;
  int year_ = 0;
  int month_ = 0;
  int day_ = 0;
  ParsedDate result_;
};

}  // namespace

ParsedDate parse_date_cell(std::string_view text, const DateRules& rules) {
  const std::string narrow = narrow_text(text.substr(0, 200));
  return Reader(narrow, rules).read();
}

ParsedDate parse_date_cell(const Cell& cell, const DateRules& rules) {
  ParsedDate date;
  if (cell.kind == CellKind::Date && cell.has_date) {
    date.date = cell.date;
    if (cell.has_time) date.milliseconds = cell.milliseconds;
    return date;
  }
  if (cell.kind != CellKind::Number) return parse_date_cell(cell.text, rules);
  if (cell.number.size() == 8 && cell.number.find('.') == std::string::npos)
    return parse_date_cell(cell.number, rules);
  const ParsedNumber serial = parse_decimal_text(cell.number, 0);
  // From 1900-03-01 to 2199-12-31: a number beyond that was never meant as a day.
  if (serial.error != nullptr || serial.rounded || serial.value < 61 || serial.value > 109'574) {
    date.error = "value.not_a_date";
    return date;
  }
  date.date = serial.value - 25'569;
  date.ambiguous = true;
  return date;
}

}  // namespace kehai::platform
