#include "base/seal.h"

#include <doctest/doctest.h>

namespace kehai::base {

TEST_CASE(
    "what is sealed comes back with the same purpose and secret only, and never looks alike") {
  const std::string secret = "0123456789abcdef0123456789abcdef";
  const auto sealed = seal("7:4711", "join", secret);
  CHECK(unseal(sealed, "join", secret) == "7:4711");
  CHECK(seal("7:4711", "join", secret) != sealed);
  CHECK(seal("7:4712", "join", secret).size() == sealed.size());
  CHECK(sealed.find("4711") == std::string::npos);
  CHECK_FALSE(unseal(sealed, "other", secret));
  CHECK_FALSE(unseal(sealed, "join", "another secret of the same kind"));
  CHECK_FALSE(unseal("", "join", secret));
  CHECK_FALSE(unseal("not at all", "join", secret));
  CHECK_FALSE(unseal(sealed.substr(1), "join", secret));
  auto changed = sealed;
  changed[10] = changed[10] == 'A' ? 'B' : 'A';
  CHECK_FALSE(unseal(changed, "join", secret));
  CHECK(unseal(seal("", "join", secret), "join", secret) == "");
}

}  // namespace kehai::base
