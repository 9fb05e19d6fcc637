// Text to tokens, one at a time. Also reads and writes the literal forms that have a grammar of
// their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "query/ast.h"

namespace kehai::query {

enum class TokenKind {
  End,
  Name,   // identifier, or "$" + identifier
  Alias,  // text is the name without '@'
  Literal,
  Symbol,  // one of ( ) , / : ; = * -
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t position = 0;
  std::string_view text;
  Literal literal;
};

// Borrows the text. next() throws "query.syntax", "query.out_of_range" or "query.not_supported"
// (dotted names).
class Lexer {
 public:
  explicit Lexer(std::string_view text);
  Token next();

 private:
  Token number();
  Token date_or_instant(std::size_t begin);
  Token quoted(std::size_t begin, bool duration);
  Token name();
  void require_delimiter() const;
  bool at_digit(std::size_t position) const;

  std::string_view text_;
  std::size_t position_ = 0;
};

[[noreturn]] void throw_syntax(std::size_t position, std::string_view expected);
[[noreturn]] void throw_too_complex(std::string_view limit);
[[noreturn]] void throw_not_supported(std::string_view name);
[[noreturn]] void throw_out_of_range(std::size_t position);

// "P1DT2H30M0.5S" with optional minus sign, to milliseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
std::string format_duration(std::int64_t milliseconds);

// The widest instants and dates that have a written form.
inline constexpr std::int64_t kFirstDate = -719'162;  // 0001-01-01
inline constexpr std::int64_t kLastDate = 2'932'896;  // 9999-12-31
inline constexpr std::int64_t kDay = 86'400'000;      // milliseconds
inline constexpr std::int64_t kFirstInstant = kFirstDate * kDay;
inline constexpr std::int64_t kLastInstant = (kLastDate + 1) * kDay - 1;

inline constexpr int kMaximumScale = 9;

}  // namespace kehai::query
