// What is fuzzed: every parser that takes bytes from outside.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kehai::fuzz {

struct Target {
  std::string_view name;    // also the corpus' folder: fuzz/corpus/<name>
  std::string_view spices;  // characters that matter to this grammar
  long rounds;              // mutations of a short run
  // Returns for every input that is read or refused as it should be; anything else (an exception,
  // an abort, a signal, seconds of silence) is a finding.
  void (*run)(std::string_view bytes);
};

const std::vector<Target>& targets();

}  // namespace kehai::fuzz
