// Random well-typed expressions over the toy schema, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "query/entity.h"

namespace kehai::query::testing {

class RandomExpression {
 public:
  explicit RandomExpression(base::Random& random) : random_(random) {}
  // A Boolean, Integer, Decimal, Text, Date, Instant or Duration expression.
  std::string make(Type type, int depth);
  Type any_type();

 private:
  std::string condition(int depth);
  std::string comparison(int depth);
  std::string membership(int depth);
  std::string quantifier(int depth);
  std::string integer(int depth);
  std::string decimal(int depth);
  std::string text(int depth);
  std::string date(int depth);
  std::string instant(int depth);
  std::string duration(int depth);
  std::string choice(Type type, int depth);
  std::string literal(Type type);
  std::string field(Type type);

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  std::string one_of(std::initializer_list<std::string_view> words);
  static std::string in_brackets(const std::string& text) { return "(" + text + ")"; }

  base::Random& random_;
  // The entity and name that fields are taken from: "" at the root.
  std::vector<std::string> variables_;
};

}  // namespace kehai::query::testing
