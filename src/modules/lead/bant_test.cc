#include "modules/lead/bant.h"

#include <doctest/doctest.h>

using kehai::modules::evaluate_bant;

TEST_CASE("bant: points, qualification and grade") {
  CHECK(evaluate_bant("yes", "yes", "yes", "yes").score == 100);
  CHECK(evaluate_bant("yes", "partly", "partly", "no").score == 53);  // 25 + 12.5 + 15, half up
  CHECK(evaluate_bant("partly", "partly", "partly", "partly").grade == 'B');
  CHECK(evaluate_bant("yes", "yes", "yes", "unknown").qualified);
  CHECK_FALSE(evaluate_bant("yes", "yes", "no", "yes").qualified);  // 70 points, but no need
  CHECK_FALSE(evaluate_bant("yes", "unknown", "yes", "unknown").qualified);
  CHECK_FALSE(evaluate_bant("partly", "partly", "yes", "no").qualified);  // 55
  CHECK(evaluate_bant("", "", "", "").grade == 'C');
}
