#include "base/text/phone.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text/fold.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}
bool between(char c, char low, char high) {
  return c >= low && c <= high;
}

bool is_mobile(std::string_view d) {
  return d.size() == 11 && d[0] == '1' && between(d[1], '3', '9');
}

bool has_service_prefix(std::string_view d) {
  return d.starts_with("400") || d.starts_with("800");
}

// Length of the area code of a mainland number that begins with 0, 0 when it is none:
// (010|02x) + 8 digits or 0[3-9]xx + 7–8 digits. No town has 0400 or 0800.
std::size_t landline_area(std::string_view d) {
  if (d.size() < 11 || d[0] != '0' || has_service_prefix(d.substr(1))) return 0;
  if ((d[1] == '1' && d[2] == '0') || d[1] == '2') return d.size() == 11 ? 3 : 0;
  if (between(d[1], '3', '9')) return d.size() == 11 || d.size() == 12 ? 4 : 0;
  return 0;
}

bool is_service(std::string_view d) {
  if (d.size() == 10) return has_service_prefix(d);
  if (d.size() == 5) {
    return d.starts_with("95") || d.starts_with("96") || d.starts_with("100") ||
           d.starts_with("12") || d.starts_with("116") || d.starts_with("118");
  }
  if (d.size() == 6) return d.starts_with("95") || d.starts_with("96");
  if (d.size() == 3) return d == "110" || d == "119" || d == "120" || d == "122" || d == "114";
  return false;
}

// Some dial a 0 before a mobile number of another town, or before 400 and 800.
std::string_view without_dialled_zero(std::string_view d) {
  if (d.empty() || d[0] != '0') return d;
  const std::string_view rest = d.substr(1);
  return is_mobile(rest) || (rest.size() == 10 && is_service(rest)) ? rest : d;
}

bool is_excel_scientific(std::string_view text) {
  const std::size_t e = text.find('e');
  if (e == std::string_view::npos || e == 0 || !between(text[0], '0', '9')) return false;
  std::string_view mantissa = text.substr(0, e);
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
  if (mantissa.size() > 1) {
    if (mantissa[1] != '.' || (mantissa.size() > 2 && !all_digits(mantissa.substr(2))))
      return false;
  }
  return all_digits(exponent) && exponent.size() <= 3;
}

bool is_excel_decimal(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot < 7 || !all_digits(text.substr(0, dot))) return false;
  const std::string_view rest = text.substr(dot + 1);
  return rest.empty() || std::all_of(rest.begin(), rest.end(), [](char c) { return c == '0'; });
}

bool is_dropped(char32_t c) {
  return c == ' ' || c == '\t' || c == '-' || c == '(' || c == ')' || c == '.' || c == 0x00B7 ||
         c == '[' || c == ']' || c == 0x2022 || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 ||
         c == 0x3010 || c == 0x3011 || c == 0x202A || c == 0x202C || c == 0xA0;
}
bool separates_numbers(char32_t c) {
  return c == ',' || c == ';' || c == '/' || c == 0x3001 || c == '|' || c == '\n' || c == '\r' ||
         c == '\\';
}

// Cuts an extension ("转123", "ext. 123", "x123", "#123", a second dash behind a landline) off
// `text`.
std::string cut_extension(std::u32string& text) {
  static constexpr std::u32string_view kMarks[] = {
      U"转分机", U"分机号", U"分机", U"转", U"extension", U"ext", U"x", U"#", U"*"};
  std::size_t at = std::u32string::npos;
  std::size_t length = 0;
  for (const std::u32string_view mark : kMarks) {
    const std::size_t found = text.find(mark);
    if (found != std::u32string::npos && found >= 7 && found < at) {
      at = found;
      length = mark.size();
    }
  }
  if (at == std::u32string::npos) {
    // 0571-88886666-123, 400-810-8888-12: a short group behind a complete number.
    const std::size_t dash = text.rfind(U'-');
    if (dash == std::u32string::npos) return {};
    std::string before;
    for (const char32_t c : text.substr(0, dash)) {
      if (is_digit(c)) before += static_cast<char>(c);
    }
    if (before.starts_with("86") && before.size() > 11) before.erase(0, 2);
    if (!before.starts_with('0') && text[0] == '+') before.insert(0, 1, '0');
    const std::string_view number = without_dialled_zero(before);
    if (landline_area(before) == 0 && !(number.size() == 10 && is_service(number))) return {};
    at = dash;
    length = 1;
  }
  std::string extension;
  for (const char32_t c : text.substr(at + length)) {
    if (is_digit(c))
      extension += static_cast<char>(c);
    else if (!is_dropped(c) && c != ':')
      return {};
  }
  if (extension.empty() || extension.size() > 6) return {};
  text.resize(at);
  return extension;
}

using Result = std::pair<PhoneKind, std::string>;
constexpr auto kNone = PhoneKind::Invalid;

// A number with its country code, without + or 00.
Result international(std::string_view d) {
  if (d.starts_with("86")) {
    const std::string_view rest = without_dialled_zero(d.substr(2));
    if (is_mobile(rest)) return {PhoneKind::Mobile, "+86" + std::string(rest)};
    if (is_service(rest)) return {PhoneKind::Service, std::string(rest)};
    const std::string with_zero = (rest.starts_with('0') ? "" : "0") + std::string(rest);
    if (landline_area(with_zero) > 0) return {PhoneKind::Landline, "+86" + with_zero.substr(1)};
    return {kNone, {}};
  }
  if (d.starts_with("852")) {
    if (d.size() == 11 && between(d[3], '2', '9'))
      return {PhoneKind::HongKong, "+" + std::string(d)};
    return {kNone, {}};
  }
  if (d.starts_with("853")) {
    if (d.size() == 11 && (d[3] == '6' || d[3] == '2' || d[3] == '8')) {
      return {PhoneKind::Macao, "+" + std::string(d)};
    }
    return {kNone, {}};
  }
  if (d.starts_with("886")) {
    std::string_view rest = d.substr(3);
    if (rest.starts_with('0')) rest.remove_prefix(1);
    const bool complete = (rest.size() == 9 || rest.size() == 8) && between(rest[0], '2', '9') &&
                          (rest[0] != '9' || rest.size() == 9);
    if (complete) return {PhoneKind::Taiwan, "+886" + std::string(rest)};
    return {kNone, {}};
  }
  if (d.size() >= 8 && d.size() <= 15 && d[0] != '0')
    return {PhoneKind::Foreign, "+" + std::string(d)};
  return {kNone, {}};
}

bool is_complete(std::string_view d) {
  return is_mobile(without_dialled_zero(d)) || landline_area(d) > 0;
}

Result by_region(std::string_view d, PhoneRegion region) {
  if (d.size() == 8 && between(d[0], '2', '9')) {
    const char* code = region == PhoneRegion::HongKong ? "852"
                       : region == PhoneRegion::Macao  ? "853"
                                                       : nullptr;
    if (code != nullptr) {
      const Result result = international(code + std::string(d));
      if (result.first != kNone) return result;
    }
    return {PhoneKind::Ambiguous, std::string(d)};
  }
  if (d.size() == 7 && between(d[0], '2', '9')) return {PhoneKind::Ambiguous, std::string(d)};
  const bool like_taiwan =
      (d.size() == 10 || d.size() == 9) && d[0] == '0' && between(d[1], '2', '9');
  if (like_taiwan) {
    if (region == PhoneRegion::Taiwan) {
      const Result result = international("886" + std::string(d.substr(1)));
      if (result.first != kNone) return result;
    }
    if (d.size() == 10 && d[1] == '9') return {PhoneKind::Ambiguous, std::string(d)};
  }
  return {kNone, {}};
}

// A number without + or 00.
Result national(std::string_view d, PhoneRegion region) {
  for (const std::string_view prefix : {"17951", "17909", "12593"}) {
    if (d.starts_with(prefix) && is_complete(d.substr(prefix.size()))) {
      return national(d.substr(prefix.size()), region);
    }
    if (d.starts_with(prefix) && d.substr(prefix.size()).starts_with("86") &&
        is_mobile(d.substr(prefix.size() + 2))) {
      return national(d.substr(prefix.size() + 2), region);
    }
  }
  if (d.size() == 13 && d.starts_with("86") && is_mobile(d.substr(2))) d.remove_prefix(2);
  d = without_dialled_zero(d);
  if (is_mobile(d)) return {PhoneKind::Mobile, "+86" + std::string(d)};
  if (is_service(d)) return {PhoneKind::Service, std::string(d)};
  if (region != PhoneRegion::Taiwan || d.size() != 10) {
    if (landline_area(d) > 0) return {PhoneKind::Landline, "+86" + std::string(d.substr(1))};
  }
  return by_region(d, region);
}

Phone failed(std::string code) {
  Phone phone;
  phone.error = std::move(code);
  return phone;
}

bool holds_two_numbers(std::u32string_view text) {
  std::size_t digits = 0;
  std::size_t complete = 0;
  for (const char32_t c : text) {
    if (is_digit(c)) ++digits;
    if (separates_numbers(c)) {
      if (digits >= 7) ++complete;
      digits = 0;
    }
  }
  return complete > 0 && digits >= 7;
}

struct MobileView {
  std::string_view country;
  std::string_view national;
};
MobileView split_country(const Phone& phone) {
  const std::string_view number = phone.number;
  if (number.starts_with("+86") && !number.starts_with("+886"))
    return {number.substr(0, 3), number.substr(3)};
  for (const std::string_view country : {"+852", "+853", "+886"}) {
    if (number.starts_with(country)) return {number.substr(0, 4), number.substr(4)};
  }
  return {{}, number};
}
// Digits of the area code without its 0.
std::size_t area_digits(std::string_view national) {
  return national[0] == '1' || national[0] == '2' ? 2 : 3;
}

}  // namespace

std::string_view phone_kind_name(PhoneKind kind) {
  switch (kind) {
    case PhoneKind::Mobile:
      return "mobile";
    case PhoneKind::Landline:
      return "landline";
    case PhoneKind::Service:
      return "service";
    case PhoneKind::HongKong:
      return "hong_kong";
    case PhoneKind::Macao:
      return "macao";
    case PhoneKind::Taiwan:
      return "taiwan";
    case PhoneKind::Foreign:
      return "foreign";
    case PhoneKind::Ambiguous:
      return "ambiguous";
    case PhoneKind::Invalid:
      break;
  }
  return "invalid";
}

Phone normalize_phone(std::string_view input, PhoneRegion region) {
  std::u32string text = fold_code_points(input);
  if (text.starts_with(U"tel:")) text.erase(0, 4);
  if (text.empty()) return failed("phone.empty");
  const std::string plain = to_utf8(text);
  if (is_excel_scientific(plain)) return failed("phone.excel_scientific");
  if (is_excel_decimal(plain)) return failed("phone.excel_decimal");
  if (holds_two_numbers(text)) return failed("phone.several");
  Phone phone;
  phone.extension = cut_extension(text);
  std::string digits;
  bool plus = false;
  for (const char32_t c : text) {
    if (is_digit(c))
      digits += static_cast<char>(c);
    else if (c == '+' && digits.empty() && !plus)
      plus = true;
    else if (!is_dropped(c))
      return failed("phone.characters");
  }
  if (digits.empty()) return failed("phone.characters");
  Result result{kNone, {}};
  if (plus)
    result = international(digits);
  else if (digits.starts_with("00"))
    result = international(std::string_view(digits).substr(2));
  else
    result = national(digits, region);
  if (result.first == kNone) return failed("phone.unknown");
  phone.kind = result.first;
  phone.number = std::move(result.second);
  return phone;
}

std::vector<std::string> split_phones(std::string_view text) {
  std::vector<std::string> parts;
  std::u32string part;
  const auto finish = [&] {
    const std::u32string trimmed = normalize_code_points(to_utf8(part));
    if (!trimmed.empty()) parts.push_back(to_utf8(trimmed));
    part.clear();
  };
  for (const char32_t c : to_utf32(text)) {
    if (separates_numbers(c) || c == 0xFF0C || c == 0xFF1B || c == 0xFF0F)
      finish();
    else
      part += c;
  }
  finish();
  return parts;
}

std::string format_phone(const Phone& phone) {
  if (!phone.valid()) return {};
  const auto [country, rest] = split_country(phone);
  const std::string n(rest);
  std::string out;
  if (phone.kind == PhoneKind::Mobile) {
    out = n.substr(0, 3) + " " + n.substr(3, 4) + " " + n.substr(7);
  } else if (phone.kind == PhoneKind::Landline) {
    const std::size_t area = area_digits(n);
    out = "0" + n.substr(0, area) + "-" + n.substr(area);
  } else if (phone.kind == PhoneKind::Service && n.size() == 10) {
    out = n.substr(0, 3) + "-" + n.substr(3, 3) + "-" + n.substr(6);
  } else if (phone.kind == PhoneKind::HongKong || phone.kind == PhoneKind::Macao) {
    out = std::string(country) + " " + n.substr(0, 4) + " " + n.substr(4);
  } else if (phone.kind == PhoneKind::Taiwan && n.size() == 9) {
    out = std::string(country) + " " + n.substr(0, 3) + " " + n.substr(3, 3) + " " + n.substr(6);
  } else {
    out = phone.number;
  }
  if (!phone.extension.empty()) out += " 转 " + phone.extension;
  return out;
}

std::string mask_phone(std::string_view text) {
  const Phone phone = normalize_phone(text);
  if (!phone.valid()) {
    std::string digits;
    for (const char32_t c : normalize_code_points(text)) {
      if (is_digit(c)) digits += static_cast<char>(c);
    }
    return "****" + (digits.size() >= 6 ? digits.substr(digits.size() - 2) : std::string());
  }
  const auto [country, rest] = split_country(phone);
  const std::string n(rest);
  if (phone.kind == PhoneKind::Mobile) return n.substr(0, 3) + "****" + n.substr(7);
  std::string kept = std::string(country);
  std::size_t first = 0;
  if (phone.kind == PhoneKind::Landline) {
    first = area_digits(n);
    kept = "0" + n.substr(0, first);
  } else if (phone.kind == PhoneKind::Service && n.size() == 10) {
    first = 3;
    kept = n.substr(0, 3);
  }
  if (n.size() < first + 4) return "****";
  return kept + std::string(n.size() - first - 2, '*') + n.substr(n.size() - 2);
}

PhoneDigits phone_digits(std::string_view text) {
  PhoneDigits out;
  const Phone phone = normalize_phone(text);
  if (phone.valid()) {
    const auto [country, rest] = split_country(phone);
    out.national = std::string(rest);
    if (out.national.starts_with('+')) out.national.erase(0, 1);
    if (phone.kind == PhoneKind::Landline || phone.kind == PhoneKind::Taiwan)
      out.national.insert(0, 1, '0');
  } else {
    out.national = phone_query_digits(text);
  }
  for (std::size_t length = 8; length >= 4; --length) {
    if (out.national.size() >= length) {
      out.tails.push_back(out.national.substr(out.national.size() - length));
    }
  }
  return out;
}

std::string phone_query_digits(std::string_view text) {
  std::string digits;
  bool plus = false;
  for (const char32_t c : normalize_code_points(text)) {
    if (is_digit(c)) digits += static_cast<char>(c);
    if (c == '+' && digits.empty()) plus = true;
  }
  if (digits.starts_with("00")) {
    digits.erase(0, 2);
    plus = true;
  }
  if (plus) {
    for (const std::string_view country : {"852", "853", "886", "86"}) {
      if (digits.starts_with(country)) return digits.substr(country.size());
    }
    return digits;
  }
  if (digits.size() == 13 && digits.starts_with("86") &&
      is_mobile(std::string_view(digits).substr(2))) {
    digits.erase(0, 2);
  }
  return std::string(without_dialled_zero(digits));
}

}  // namespace kehai::text
