#include "base/text/pattern.h"

#include <doctest/doctest.h>

#include <string>

using kehai::text::Pattern;

TEST_CASE("A pattern fits the whole text or not at all") {
  const auto postcode = Pattern::make("[0-9]{6}");
  REQUIRE(postcode);
  CHECK(postcode->matches("310000"));
  CHECK_FALSE(postcode->matches("3100001"));
  CHECK_FALSE(postcode->matches("x310000"));
  CHECK_FALSE(postcode->matches(""));
  const auto name = Pattern::make("\\p{Han}{2,4}");
  REQUIRE(name);
  CHECK(name->matches("杭州"));
  CHECK_FALSE(name->matches("Hangzhou"));
}

TEST_CASE("A wrong expression makes no pattern; one that explodes gives up") {
  CHECK(Pattern::make("[a-") == nullptr);
  const auto bomb = Pattern::make("(a+)+b");
  REQUIRE(bomb);
  CHECK_FALSE(bomb->matches(std::string(60, 'a')));
}
