#include "query/lexer.h"

#include <algorithm>

#include "base/arithmetic.h"
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

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// One "12H" or "0.5S" in milliseconds; `units` loses this unit and those before it.
std::optional<__int128> take_duration_part(std::string_view& text, std::string_view& units) {
  constexpr std::int64_t kWeights[] = {kDay, 3'600'000, 60'000, 1000};
  const std::string_view whole = take_digits(text);
  if (whole.empty() || whole.size() > 17) return std::nullopt;
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty() || fraction.size() > 3 || !text.starts_with('S')) return std::nullopt;
  }
  const std::size_t unit = text.empty() ? std::string_view::npos : units.find(text[0]);
  if (unit == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : whole) append_digit(value, digit, false);
  std::int64_t milliseconds = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    append_digit(milliseconds, i < fraction.size() ? fraction[i] : '0', false);
  }
  const __int128 weight = kWeights[std::string_view("DHMS").find(text[0])];
  units.remove_prefix(unit + 1);
  text.remove_prefix(1);
  return value * weight + milliseconds;
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
  std::string_view units = "D";  // those that may still come
  bool time = false;             // T was read
  bool complete = false;         // something stands after P and after T
  while (!text.empty()) {
    if (text[0] == 'T' && !time) {
      time = true;
      units = "HMS";
      complete = false;
      text.remove_prefix(1);
      continue;
    }
    const auto part = take_duration_part(text, units);
    if (!part) return std::nullopt;
    total += *part;
    complete = true;
  }
  return complete ? base::narrow(negative ? -total : total) : std::nullopt;
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
