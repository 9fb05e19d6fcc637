// Replays the fuzzer's corpus, and mutations of it, through every oracle.
// KEHAI_QUERY_MUTATIONS makes the run longer.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/random.h"
#include "query/fuzz_entry.h"

namespace kehai::query {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator("fuzz/corpus/query")) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

TEST_CASE("the corpus passes the oracles") {
  const std::vector<std::string> inputs = corpus();
  REQUIRE(inputs.size() >= 30);
  for (const std::string& input : inputs) {
    CAPTURE(input);
    CHECK_NOTHROW(query_fuzz_one(input));
  }
}

TEST_CASE("mutations of the corpus pass the oracles") {
  const std::vector<std::string> inputs = corpus();
  REQUIRE(inputs.size() >= 30);
  const auto random = base::make_seeded_random(21);
  const auto any = [&] { return inputs[random->below(inputs.size())]; };
  const char* wanted = std::getenv("KEHAI_QUERY_MUTATIONS");
  const long rounds = wanted == nullptr ? 3000 : std::strtol(wanted, nullptr, 10);
  for (long round = 0; round < rounds; ++round) {
    std::string input = any();
    for (std::uint64_t edits = random->below(4) + 1; edits > 0; --edits) {
      const std::size_t at = random->below(input.size() + 1);
      switch (random->below(4)) {
        case 0:
          input.insert(at, 1, static_cast<char>(random->below(256)));
          break;
        case 1:
          input.erase(at, random->below(6));
          break;
        case 2: {  // splice
          const std::string other = any();
          input = input.substr(0, at) + other.substr(random->below(other.size() + 1));
          break;
        }
        default:
          if (at < input.size()) input[at] = "()',/:;=*-@$ 0a"[random->below(15)];
      }
    }
    CAPTURE(input);
    CHECK_NOTHROW(query_fuzz_one(input));
  }
}

}  // namespace
}  // namespace kehai::query
