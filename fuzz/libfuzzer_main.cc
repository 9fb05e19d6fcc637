// The targets as a libFuzzer program:
//
//   fuzz TARGET [libFuzzer's options and folders]
//
// Without more it replays fuzz/corpus/TARGET and then runs mutations that cover new code, as many
// as a short run of fuzz_main.cc (KEHAI_FUZZ_ROUNDS). New inputs stay in memory unless a folder is
// given before the corpus.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "targets.h"

namespace {

// libFuzzer calls plain functions: what it was told to run has no other place.
const kehai::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  static std::vector<std::string> texts;
  static std::vector<char*> pointers;
  const auto& all = kehai::fuzz::targets();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& target) {
    return *count > 1 && target.name == (*arguments)[1];
  });
  if (found == all.end()) {
    std::fprintf(stderr, "usage: fuzz TARGET [options of libFuzzer] [folders]\n");
    for (const auto& target : all) std::fprintf(stderr, "  %s\n", target.name.data());
    std::exit(2);
  }
  chosen = &*found;
  texts.emplace_back((*arguments)[0]);
  for (int i = 2; i < *count; ++i) texts.emplace_back((*arguments)[i]);
  if (*count == 2) {
    const char* wanted = std::getenv("KEHAI_FUZZ_ROUNDS");
    texts.push_back("-runs=" + (wanted == nullptr ? std::to_string(chosen->rounds) : wanted));
    texts.emplace_back("-seed=20260301");
    texts.emplace_back("-timeout=20");
    texts.emplace_back("-max_len=4096");
    texts.emplace_back("-verbosity=0");
    texts.emplace_back("-print_final_stats=1");
    // Files of the corpus are inputs to begin with, not a folder that new ones are written to.
    // Sorted: a folder has another order on another machine, and the run would be another one.
    std::vector<std::string> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator("fuzz/corpus/" + std::string(chosen->name)))
      paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    std::string files;
    for (const std::string& path : paths) files += (files.empty() ? "" : ",") + path;
    texts.push_back("-seed_inputs=" + files);
  }
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  *count = static_cast<int>(texts.size());
  *arguments = pointers.data();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    chosen->run({reinterpret_cast<const char*>(data), size});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
  }
  return 0;
}
