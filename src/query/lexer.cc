#include "query/lexer.h"

#include <algorithm>
#include <limits>

#include "base/time.h"
#include "db/statement_text.h"
#include "query/parser.h"

namespace kehai::query {
namespace {

using base::Error;
using base::ErrorKind;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}
bool is_symbol(char c) {
  return std::string_view("(),/:;=*-").find(c) != std::string_view::npos;
}

// Appends digits to value; false on overflow. `negative` values grow downwards, so that INT64_MIN
// can be read.
bool append_digit(std::int64_t& value, char digit, bool negative) {
  const std::int64_t step = negative ? -(digit - '0') : digit - '0';
  return !__builtin_mul_overflow(value, std::int64_t{10}, &value) &&
         !__builtin_add_overflow(value, step, &value);
}

}  // namespace

void throw_syntax(std::size_t position, std::string_view expected) {
  throw Error(ErrorKind::Invalid, "query.syntax",
              {{"position", std::to_string(position)}, {"expected", std::string(expected)}});
}
void throw_too_complex(std::string_view limit) {
  throw Error(ErrorKind::Invalid, "query.too_complex", {{"limit", std::string(limit)}});
}
void throw_not_supported(std::string_view name) {
  throw Error(ErrorKind::NotImplemented, "query.not_supported", {{"name", std::string(name)}});
}
void throw_out_of_range(std::size_t position) {
  throw Error(ErrorKind::Invalid, "query.out_of_range", {{"position", std::to_string(position)}});
}

Lexer::Lexer(std::string_view text) : text_(text) {
  if (text.size() > kMaximumLength) throw_too_complex("length");
  if (!db::is_valid_text(text)) throw_syntax(0, "valid UTF-8 without U+0000");
}

bool Lexer::at_digit(std::size_t position) const {
  return position < text_.size() && is_digit(text_[position]);
}

void Lexer::require_delimiter() const {
  if (position_ >= text_.size()) return;
  const char c = text_[position_];
  if (is_space(c) || c == ')' || c == ',' || c == ':' || c == ';') return;
  throw_syntax(position_, "a space, ',' or ')'");
}

Token Lexer::next() {
  while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  if (position_ == text_.size()) return {TokenKind::End, position_, {}, {}};
  const char c = text_[position_];
  if (is_digit(c) || (c == '-' && at_digit(position_ + 1))) return number();
  if (c == '\'') return quoted(position_, false);
  if (is_name_start(c) || c == '$' || c == '@') return name();
  if (is_symbol(c)) return {TokenKind::Symbol, position_, text_.substr(position_++, 1), {}};
  throw_syntax(position_, "an expression");
}

Token Lexer::number() {
  const std::size_t begin = position_;
  const bool negative = text_[position_] == '-';
  if (negative) ++position_;
  const std::size_t digits = position_;
  while (at_digit(position_)) ++position_;
  if (!negative && position_ - digits == 4 && position_ < text_.size() && text_[position_] == '-') {
    return date_or_instant(begin);
  }
  Token token{TokenKind::Literal, begin, {}, {}};
  std::int64_t value = 0;
  bool fits = true;
  for (std::size_t i = digits; i < position_; ++i)
    fits = fits && append_digit(value, text_[i], negative);
  int scale = 0;
  if (position_ < text_.size() && text_[position_] == '.') {
    ++position_;
    if (!at_digit(position_)) throw_syntax(position_, "a digit");
    for (; at_digit(position_); ++position_) {
      if (++scale > kMaximumScale) throw_syntax(position_, "at most 9 digits after the point");
      fits = fits && append_digit(value, text_[position_], negative);
    }
  }
  require_delimiter();
  if (!fits) throw_out_of_range(begin);
  token.literal.type = scale > 0 ? FieldType{Type::Decimal, scale} : FieldType{Type::Integer, 0};
  token.literal.value = value;
  token.text = text_.substr(begin, position_ - begin);
  return token;
}

Token Lexer::date_or_instant(std::size_t begin) {
  // The zone ends a time, so that the ':' of case(…) may follow at once.
  position_ = std::min(begin + 10, text_.size());
  if (position_ < text_.size() && (text_[position_] == 'T' || text_[position_] == 't')) {
    ++position_;
    while (at_digit(position_) ||
           (at_digit(position_ + 1) && (text_[position_] == ':' || text_[position_] == '.'))) {
      ++position_;
    }
    const char zone = position_ < text_.size() ? text_[position_] : '\0';
    if (zone == 'Z' || zone == 'z') ++position_;
    if (zone == '+' || zone == '-') position_ = std::min(position_ + 6, text_.size());
  }
  const std::string_view text = text_.substr(begin, position_ - begin);
  Token token{TokenKind::Literal, begin, text, {}};
  if (const auto date = base::parse_date(text)) {
    token.literal = {{Type::Date, 0}, *date};
  } else if (const auto instant = base::parse_instant(text)) {
    if (*instant < kFirstInstant || *instant > kLastInstant) throw_out_of_range(begin);
    token.literal = {{Type::Instant, 0}, *instant};
  } else {
    throw_syntax(begin, "a date (YYYY-MM-DD) or a time with zone (YYYY-MM-DDThh:mm:ssZ)");
  }
  require_delimiter();
  return token;
}

Token Lexer::quoted(std::size_t begin, bool duration) {
  std::string value;
  ++position_;
  for (;;) {
    const std::size_t quote = text_.find('\'', position_);
    if (quote == std::string_view::npos) throw_syntax(text_.size(), "'");
    value.append(text_.substr(position_, quote - position_));
    position_ = quote + 1;
    if (position_ >= text_.size() || text_[position_] != '\'') break;
    value.push_back('\'');
    ++position_;
  }
  require_delimiter();
  Token token{TokenKind::Literal, begin, text_.substr(begin, position_ - begin), {}};
  if (!duration) {
    token.literal = {{Type::Text, 0}, std::move(value)};
    return token;
  }
  const auto milliseconds = parse_duration(value);
  if (!milliseconds) throw_syntax(begin, "a duration such as duration'P1DT2H'");
  token.literal = {{Type::Duration, 0}, *milliseconds};
  return token;
}

Token Lexer::name() {
  const std::size_t begin = position_;
  const char first = text_[position_];
  if (first == '$' || first == '@') {
    ++position_;
    if (position_ >= text_.size() || !is_name_start(text_[position_]))
      throw_syntax(begin, "a name");
  }
  while (position_ < text_.size() && is_name_part(text_[position_])) ++position_;
  std::string_view text = text_.substr(begin, position_ - begin);
  if (position_ < text_.size() && text_[position_] == '.') {
    // Qualified names: types, namespaced functions, geo.*.
    while (position_ < text_.size() && (is_name_part(text_[position_]) || text_[position_] == '.'))
      ++position_;
    throw_not_supported(text_.substr(begin, position_ - begin));
  }
  if (position_ < text_.size() && text_[position_] == '\'') {
    if (text != "duration") throw_not_supported(text);
    return quoted(begin, true);
  }
  if (first == '@') return {TokenKind::Alias, begin, text.substr(1), {}};
  return {TokenKind::Name, begin, text, {}};
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (!text.starts_with('P') || text.size() > 64) return std::nullopt;
  text.remove_prefix(1);
  __int128 total = 0;
  std::string_view units = "DHMS";  // those still allowed
  bool time = false;
  bool any = false;
  while (!text.empty()) {
    if (text[0] == 'T') {
      if (time || text.size() == 1) return std::nullopt;
      time = true;
      units = "HMS";
      text.remove_prefix(1);
      continue;
    }
    std::int64_t number = 0;
    std::size_t count = 0;
    for (; count < text.size() && is_digit(text[count]); ++count) {
      if (count == 17) return std::nullopt;
      number = number * 10 + (text[count] - '0');
    }
    if (count == 0 || count == text.size()) return std::nullopt;
    std::int64_t fraction = 0;
    text.remove_prefix(count);
    const bool has_fraction = text[0] == '.';
    if (has_fraction) {
      std::int64_t weight = 100;
      for (count = 1; count < text.size() && is_digit(text[count]); ++count, weight /= 10) {
        if (count > 3) return std::nullopt;
        fraction += (text[count] - '0') * weight;
      }
      if (count == 1 || count == text.size()) return std::nullopt;
      text.remove_prefix(count);
    }
    const std::size_t unit = units.find(text[0]);
    if (unit == std::string_view::npos || (has_fraction && text[0] != 'S') ||
        (text[0] == 'D') == time) {
      return std::nullopt;
    }
    const std::int64_t weight = text[0] == 'D'   ? kDay
                                : text[0] == 'H' ? 3'600'000
                                : text[0] == 'M' ? 60'000
                                                 : 1000;
    total += static_cast<__int128>(number) * weight + fraction;
    units.remove_prefix(unit + 1);
    text.remove_prefix(1);
    any = true;
  }
  if (!any) return std::nullopt;
  if (negative) total = -total;
  if (total > std::numeric_limits<std::int64_t>::max() ||
      total < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(total);
}

std::string format_duration(std::int64_t milliseconds) {
  const bool negative = milliseconds < 0;
  std::uint64_t rest = negative ? 0 - static_cast<std::uint64_t>(milliseconds)
                                : static_cast<std::uint64_t>(milliseconds);
  std::string out = negative ? "-P" : "P";
  const std::uint64_t days = rest / kDay;
  rest %= kDay;
  if (days > 0 || rest == 0) out += std::to_string(days) + "D";
  if (rest == 0) return out;
  out += "T";
  if (rest >= 3'600'000) out += std::to_string(rest / 3'600'000) + "H";
  rest %= 3'600'000;
  if (rest >= 60'000) out += std::to_string(rest / 60'000) + "M";
  rest %= 60'000;
  if (rest == 0) return out;
  out += std::to_string(rest / 1000);
  if (rest % 1000 != 0) {
    const std::string fraction = std::to_string(rest % 1000);
    out += "." + std::string(3 - fraction.size(), '0') + fraction;
  }
  return out + "S";
}

}  // namespace kehai::query
