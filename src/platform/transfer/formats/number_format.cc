#include "platform/transfer/formats/number_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace kehai::platform {

namespace {

constexpr std::size_t kSignificant = 15;
constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kLastSerial = 2'958'465;  // 9999-12-31 in the 1900 system

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Adds one to a string of digits; true when a carry runs out at the left.
bool increment(std::string& digits) {
  for (std::size_t i = digits.size(); i-- > 0;) {
    if (digits[i] != '9') {
      ++digits[i];
      return false;
    }
    digits[i] = '0';
  }
  return true;
}

struct Decimal {
  bool negative = false;
  std::string digits;      // all digits, without leading zeros
  std::int64_t point = 0;  // digits before the decimal point; may be negative or beyond the end
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal decimal;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+'))
    decimal.negative = text[at++] == '-';
  bool behind = false, any = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !behind) {
      behind = true;
    } else if (is_digit(text[at])) {
      any = true;
      if (decimal.digits.empty() && text[at] == '0') {
        if (behind) --decimal.point;
      } else {
        decimal.digits += text[at];
        if (!behind) ++decimal.point;
      }
    } else {
      break;
    }
  }
  if (!any || decimal.digits.size() > 400) return std::nullopt;
  if (at == text.size()) return decimal;
  if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
  std::string_view exponent = text.substr(at + 1);
  const bool down = !exponent.empty() && exponent[0] == '-';
  if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) exponent.remove_prefix(1);
  if (exponent.empty() || exponent.size() > 3 ||
      !std::all_of(exponent.begin(), exponent.end(), is_digit)) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : exponent) value = value * 10 + (c - '0');
  if (value > 308) return std::nullopt;
  decimal.point += down ? -value : value;
  return decimal;
}

std::string write_decimal(const Decimal& decimal) {
  std::string digits = decimal.digits;
  while (!digits.empty() && digits.back() == '0' &&
         static_cast<std::int64_t>(digits.size()) > decimal.point) {
    digits.pop_back();
  }
  if (digits.empty()) return "0";
  std::string text = decimal.negative ? "-" : "";
  const auto size = static_cast<std::int64_t>(digits.size());
  if (decimal.point <= 0) {
    text += "0." + std::string(static_cast<std::size_t>(-decimal.point), '0') + digits;
  } else if (decimal.point >= size) {
    text += digits + std::string(static_cast<std::size_t>(decimal.point - size), '0');
  } else {
    text += digits.substr(0, static_cast<std::size_t>(decimal.point)) + "." +
            digits.substr(static_cast<std::size_t>(decimal.point));
  }
  return text;
}

// Moves the decimal point: 0.125 by 2 → 12.5.
std::string shifted(std::string_view plain, int places) {
  std::optional<Decimal> decimal = parse_decimal(plain);
  if (!decimal) return std::string(plain);
  decimal->point += places;
  return write_decimal(*decimal);
}

std::string time_text(std::int64_t milliseconds) {
  const std::int64_t seconds = (milliseconds + 500) / 1000;
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

// Whole days and the rest of a non-negative serial number; nothing when it is too large.
std::optional<std::pair<std::int64_t, std::int64_t>> split_serial(std::string_view plain) {
  const std::size_t point = std::min(plain.find('.'), plain.size());
  if (point == 0 || point > 7 || plain[0] == '-') return std::nullopt;
  std::int64_t days = 0;
  for (const char c : plain.substr(0, point)) days = days * 10 + (c - '0');
  __int128 part = 0, scale = 1;
  for (std::size_t i = point + 1; i < plain.size() && i < point + 19; ++i) {
    part = part * 10 + (plain[i] - '0');
    scale *= 10;
  }
  auto milliseconds = static_cast<std::int64_t>((part * kDay + scale / 2) / scale);
  if (milliseconds == kDay) {
    ++days;
    milliseconds = 0;
  }
  if (days > kLastSerial) return std::nullopt;
  return std::pair{days, milliseconds};
}

base::Date date_of_serial(std::int64_t serial, bool date_1904) {
  if (date_1904) return serial - 24'107;
  // The 1900 system has a 29 February 1900 that never was.
  return serial < 60 ? serial - 25'568 : serial - 25'569;
}

}  // namespace

std::optional<std::string> plain_decimal(std::string_view stored) {
  std::optional<Decimal> decimal = parse_decimal(stored);
  if (!decimal) return std::nullopt;
  const bool integer = stored.find_first_of(".eE") == std::string_view::npos;
  if (!integer && decimal->digits.size() > kSignificant) {
    const bool up = decimal->digits[kSignificant] >= '5';
    decimal->digits.resize(kSignificant);
    if (up && increment(decimal->digits)) {
      decimal->digits.insert(0, "1");
      ++decimal->point;
    }
  }
  return write_decimal(*decimal);
}

std::string round_decimal(std::string_view plain, std::size_t places) {
  const bool negative = !plain.empty() && plain[0] == '-';
  if (negative) plain.remove_prefix(1);
  const std::size_t point = std::min(plain.find('.'), plain.size());
  std::string whole(plain.substr(0, point));
  std::string part(point < plain.size() ? plain.substr(point + 1) : std::string_view());
  const bool up = part.size() > places && part[places] >= '5';
  part.resize(places, '0');
  std::string digits = whole + part;
  if (up && increment(digits)) digits.insert(0, "1");
  const std::size_t cut = digits.size() - places;
  std::string text = digits.substr(0, cut);
  if (places > 0) text += "." + digits.substr(cut);
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return negative && !zero ? "-" + text : text;
}

bool set_serial_date(Cell& cell, const NumberFormat& format, bool date_1904) {
  const auto serial = split_serial(cell.number);
  if (!serial) return false;
  const auto [days, milliseconds] = *serial;
  // A day number below 1 is a time of day in the 1900 system; there is no day 0.
  const bool has_date = format.has_date() && (days > 0 || date_1904);
  cell.kind = CellKind::Date;
  cell.has_date = has_date;
  cell.has_time = format.has_time() || milliseconds != 0 || !has_date;
  cell.milliseconds = milliseconds;
  if (!has_date) {
    cell.text = time_text((format.has_date() ? 0 : days) * kDay + milliseconds);
    return true;
  }
  cell.date = date_of_serial(days, date_1904);
  cell.text = base::format_date(cell.date);
  if (!format.has_time()) return true;
  const bool next_day = milliseconds >= kDay - 500;  // 23:59:59.7 shows as the next midnight
  if (next_day) cell.text = base::format_date(cell.date + 1);
  cell.text += " " + time_text(next_day ? 0 : milliseconds);
  return true;
}

void set_number(Cell& cell, std::string plain, const NumberFormat& format, bool date_1904) {
  cell.number = std::move(plain);
  if (format.is_date() && set_serial_date(cell, format, date_1904)) return;
  cell.kind = CellKind::Number;
  cell.text = format.is_date() ? cell.number : format.render(cell.number);
}

NumberFormat::NumberFormat(std::string_view code) {
  code = code.substr(0, 255);
  std::size_t from = 0;
  bool quoted = false, bracket = false;
  for (std::size_t i = 0; i <= code.size(); ++i) {
    if (i < code.size()) {
      const char c = code[i];
      if (c == '"' && !bracket) quoted = !quoted;
      if (!quoted && c == '\\') ++i;
      if (!quoted && c == '[') bracket = true;
      if (!quoted && c == ']') bracket = false;
      if (quoted || bracket || c != ';') continue;
    }
    const std::string_view section = code.substr(std::min(from, code.size()), i - from);
    if (from == 0) find_date_parts(section);
    sections_.push_back(parse_section(section));
    from = i + 1;
  }
  if (is_date()) sections_.clear();
}

// Which of year, month, day, hour, minute, second a section asks for. "m" alone is a month, beside
// h or s a minute.
void NumberFormat::find_date_parts(std::string_view section) {
  bool day = false, clock = false, month = false;
  for (std::size_t i = 0; i < section.size(); ++i) {
    const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(section[i])));
    if (c == '"') {
      i = std::min(section.find('"', i + 1), section.size());
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '[') {
      const std::size_t end = std::min(section.find(']', i), section.size());
      const std::string_view inside = section.substr(i + 1, end - i - 1);
      if (!inside.empty() && inside.find_first_not_of("hHmMsS") == std::string_view::npos)
        clock = true;
      i = end;
    } else if (section.substr(i, 7) == "General" || section.substr(i, 7) == "GENERAL") {
      i += 6;
    } else if (c == 'e' && i + 1 < section.size() &&
               (section[i + 1] == '+' || section[i + 1] == '-')) {
      return;  // scientific
    } else if (c == 'y' || c == 'd' || c == 'g') {
      day = true;
    } else if (c == 'h' || c == 's') {
      clock = true;
    } else if (c == 'm') {
      month = true;
    }
  }
  has_time_ = clock;
  has_date_ = day || (month && !clock);
}

std::optional<NumberFormat::Section> NumberFormat::parse_section(std::string_view code) {
  Section section;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '"') {
      const std::size_t end = std::min(code.find('"', i + 1), code.size());
      section.push_back({Token::Literal, std::string(code.substr(i + 1, end - i - 1))});
      i = end;
    } else if (c == '\\' && i + 1 < code.size()) {
      section.push_back({Token::Literal, std::string(1, code[++i])});
    } else if (c == '_' || c == '*') {
      ++i;
    } else if (c == '[') {
      const std::size_t end = std::min(code.find(']', i), code.size());
      const std::string_view inside = code.substr(i + 1, end - i - 1);
      // A condition chooses sections in ways that nobody needs for an import.
      if (inside.find_first_of("<>=") != std::string_view::npos) return std::nullopt;
      if (inside.substr(0, 1) == "$") {
        section.push_back({Token::Literal, std::string(inside.substr(1, inside.find('-', 1) - 1))});
      }
      i = end;
    } else if (c == '0' || c == '#' || c == '?') {
      section.push_back({Token::Digit, std::string(1, c)});
    } else if (code.substr(i, 7) == "General" || code.substr(i, 7) == "GENERAL") {
      section.push_back({Token::General, {}});
      i += 6;
    } else if (c == '.' || c == ',' || c == '%') {
      section.push_back({c == '.' ? Token::Point : c == ',' ? Token::Comma : Token::Percent, {}});
    } else if (c == 'E' || c == 'e' || c == '/' || c == '@') {
      return std::nullopt;  // scientific, fraction, text
    } else {
      section.push_back({Token::Literal, std::string(1, c)});
    }
  }
  return section;
}

std::string NumberFormat::render(std::string_view plain) const {
  if (sections_.empty()) return std::string(plain);
  const bool negative = !plain.empty() && plain[0] == '-';
  const bool zero = plain.find_first_not_of("0.-") == std::string_view::npos;
  std::size_t index = 0;
  if (negative && sections_.size() > 1) index = 1;
  if (zero && sections_.size() > 2) index = 2;
  const std::optional<Section>& section = sections_[index];
  if (!section) return std::string(plain);
  const bool has_digits = std::any_of(section->begin(), section->end(), [](const Token& token) {
    return token.kind == Token::Digit || token.kind == Token::General;
  });
  if (!has_digits) return std::string(plain);
  // A section of its own for negative numbers writes the sign itself.
  return render_section(*section, negative ? plain.substr(1) : plain, negative && index == 0);
}

// Where the parts of a section are.
struct NumberFormat::Layout {
  std::size_t point = 0;        // index of the decimal point, or behind the last token
  std::size_t first_digit = 0;  // index of the first placeholder
  std::size_t places = 0;       // placeholders behind the point
  int shift = 0;                // powers of ten by percent signs and scaling commas
  bool thousands = false;
  bool general = false;
};

NumberFormat::Layout NumberFormat::layout_of(const Section& section) {
  Layout layout;
  layout.point = layout.first_digit = section.size();
  std::size_t last_digit = 0;
  for (std::size_t i = 0; i < section.size(); ++i) {
    const Token::Kind kind = section[i].kind;
    if (kind == Token::Point && layout.point == section.size()) layout.point = i;
    if (kind == Token::Percent) layout.shift += 2;
    if (kind == Token::General) layout.general = true;
    if (kind != Token::Digit && kind != Token::General) continue;
    if (layout.point < i) ++layout.places;
    layout.first_digit = std::min(layout.first_digit, i);
    last_digit = i;
  }
  for (std::size_t i = layout.first_digit; i < section.size(); ++i) {
    if (section[i].kind != Token::Comma) continue;
    if (i < last_digit)
      layout.thousands = true;
    else
      layout.shift -= 3;
  }
  return layout;
}

// From right to left, so that "000-0000" fills like a telephone number.
std::string NumberFormat::render_left(const Section& section, const Layout& layout,
                                      std::string whole, const std::string& number) {
  std::string left;
  std::size_t taken = 0;
  const auto put = [&](char digit) {
    if (layout.thousands && taken > 0 && taken % 3 == 0) left.insert(0, ",");
    left.insert(left.begin(), digit);
    ++taken;
  };
  const auto put_rest = [&] {
    for (; !whole.empty(); whole.pop_back()) put(whole.back());
  };
  if (layout.first_digit >= layout.point) put_rest();  // ".00" has no place for them
  for (std::size_t i = layout.point; i-- > 0;) {
    const Token& token = section[i];
    if (token.kind == Token::Literal) left.insert(0, token.text);
    if (token.kind == Token::Percent) left.insert(0, "%");
    if (token.kind == Token::General) left.insert(0, number);
    if (token.kind != Token::Digit) continue;
    if (!whole.empty()) {
      put(whole.back());
      whole.pop_back();
    } else if (token.text == "0") {
      put('0');
    }
    if (i == layout.first_digit) put_rest();
  }
  return left;
}

// "#" leaves out the zeros at the end, and the point with them.
std::string NumberFormat::render_right(const Section& section, const Layout& layout,
                                       std::string_view part) {
  const std::size_t last = part.find_last_not_of('0');
  const std::size_t keep = last == std::string_view::npos ? 0 : last + 1;
  std::string right;
  std::size_t at = 0;
  bool digits = false;
  for (std::size_t i = layout.point + 1; i < section.size(); ++i) {
    const Token& token = section[i];
    if (token.kind == Token::Literal) right += token.text;
    if (token.kind == Token::Percent) right += "%";
    if (token.kind != Token::Digit || at >= part.size()) continue;
    if (token.text == "0" || at < keep) {
      right += part[at];
      digits = true;
    }
    ++at;
  }
  return digits ? "." + right : right;
}

std::string NumberFormat::render_section(const Section& section, std::string_view plain,
                                         bool negative) {
  const Layout layout = layout_of(section);
  const std::string scaled = shifted(plain, layout.shift);
  const std::string number = layout.general ? scaled : round_decimal(scaled, layout.places);
  const std::size_t dot = std::min(number.find('.'), number.size());
  std::string whole = number.substr(0, dot);
  if (whole == "0") whole.clear();
  if (layout.general) whole.clear();  // written at its token
  const bool shows_sign = negative && number.find_first_not_of("0.") != std::string::npos;
  std::string text = shows_sign ? "-" : "";
  text += render_left(section, layout, std::move(whole), number);
  if (layout.point < section.size()) {
    text += render_right(section, layout,
                         dot < number.size() ? std::string_view(number).substr(dot + 1) : "");
  }
  return text;
}

std::string_view builtin_number_format(int id) {
  switch (id) {
    case 1:
      return "0";
    case 2:
      return "0.00";
    case 3:
      return "#,##0";
    case 4:
      return "#,##0.00";
    case 9:
      return "0%";
    case 10:
      return "0.00%";
    case 11:
    case 48:
      return "0.00E+00";
    case 12:
    case 13:
      return "# ?/?";
    case 14:
    case 15:
    case 16:
    case 17:
      return "yyyy-mm-dd";
    case 18:
    case 19:
    case 20:
    case 21:
    case 45:
    case 47:
      return "hh:mm:ss";
    case 32:
    case 33:
    case 34:
    case 35:
    case 55:
    case 56:
      return "hh:mm:ss";
    case 46:
      return "[h]:mm:ss";
    case 22:
      return "yyyy-mm-dd hh:mm";
    case 37:
    case 38:
      return "#,##0;-#,##0";
    case 39:
    case 40:
      return "#,##0.00;-#,##0.00";
    case 41:
    case 42:
      return "#,##0";
    case 43:
    case 44:
      return "#,##0.00";
    case 49:
      return "@";
    default:
      break;
  }
  // Dates of the East Asian versions (27–31, 36, 50–54, 57, 58).
  if ((id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return "yyyy-mm-dd";
  return "";
}

}  // namespace kehai::platform
