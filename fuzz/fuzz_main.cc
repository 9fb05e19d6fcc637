// Replays a target's corpus and then mutations of it, the same ones each time.
//
//   fuzz TARGET [ROUNDS]        the corpus and ROUNDS mutations (KEHAI_FUZZ_ROUNDS; a short run
//   without) fuzz TARGET --round N       only mutation N: prints it and runs it in this process,
//   for a debugger fuzz TARGET --file FILE     only this file
//
// The work is done in a child process, so that a crash, a sanitizer's abort or an endless loop is
// reported with the round that caused it. Works with any compiler; the targets also fit libFuzzer
// and AFL++.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/random.h"
#include "targets.h"

namespace {

using kehai::fuzz::Target;

constexpr std::uint64_t kSeed = 20260301;
constexpr unsigned kSecondsPerInput = 20;  // also with sanitizers on a busy machine

using Corpus = std::vector<std::pair<std::string, std::string>>;  // name and bytes

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Corpus read_corpus(const Target& target) {
  Corpus corpus;
  for (const auto& entry :
       std::filesystem::directory_iterator("fuzz/corpus/" + std::string(target.name))) {
    corpus.emplace_back(entry.path().filename().string(), read_file(entry.path()));
  }
  std::sort(corpus.begin(), corpus.end());
  return corpus;
}

// Mutation `round` of the corpus; depends on nothing else.
std::string mutation(const Target& target, const Corpus& corpus, std::uint64_t round) {
  const auto random = kehai::base::make_seeded_random(kSeed + round);
  const auto any = [&]() -> const std::string& {
    return corpus[random->below(corpus.size())].second;
  };
  std::string bytes = any();
  for (std::uint64_t edits = random->below(5) + 1; edits > 0; --edits) {
    const std::size_t at = random->below(bytes.size() + 1);
    switch (random->below(7)) {
      case 0:
        bytes.insert(at, 1, static_cast<char>(random->below(256)));
        break;
      case 1:
        bytes.erase(at, random->below(8));
        break;
      case 2: {  // the begin of one, the end of another
        const std::string& other = any();
        bytes = bytes.substr(0, at) + other.substr(random->below(other.size() + 1));
        break;
      }
      case 3: {  // a piece several times
        const std::string piece = bytes.substr(at, random->below(20));
        for (std::uint64_t times = random->below(6); times > 0; --times) bytes.insert(at, piece);
        break;
      }
      case 4:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random->below(8)));
        break;
      default:
        if (at < bytes.size()) bytes[at] = target.spices[random->below(target.spices.size())];
    }
  }
  return bytes;
}

void print_bytes(const std::string& bytes) {
  std::printf("%zu bytes: ", bytes.size());
  for (const unsigned char c : bytes.substr(0, 2000)) {
    if (c >= 0x20 && c < 0x7f && c != '\\') {
      std::printf("%c", c);
    } else {
      std::printf("\\x%02x", c);
    }
  }
  std::printf("\n");
}

// The child's place: corpus files first, then mutations.
int work(const Target& target, const Corpus& corpus, std::uint64_t rounds,
         std::atomic<std::uint64_t>& place) {
  for (std::uint64_t step = 0; step < corpus.size() + rounds; ++step) {
    place = step;
    alarm(kSecondsPerInput);
    try {
      target.run(step < corpus.size() ? corpus[step].second
                                      : mutation(target, corpus, step - corpus.size()));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      return 1;
    }
  }
  return 0;
}

int run_all(const Target& target, std::uint64_t rounds) {
  const Corpus corpus = read_corpus(target);
  if (corpus.empty()) {
    std::printf("%s: the corpus is empty\n", target.name.data());
    return 1;
  }
  void* memory = mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  auto& place = *new (memory) std::atomic<std::uint64_t>(0);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) std::exit(work(target, corpus, rounds, place));
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    std::printf("fuzz %s: %zu inputs and %llu mutations without a finding\n", target.name.data(),
                corpus.size(), static_cast<unsigned long long>(rounds));
    return 0;
  }
  const std::uint64_t step = place;
  if (WIFSIGNALED(status))
    std::printf("signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
  if (step < corpus.size()) {
    std::printf("again: fuzz %s --file fuzz/corpus/%s/%s\n", target.name.data(), target.name.data(),
                corpus[step].first.c_str());
  } else {
    std::printf("again: fuzz %s --round %llu\n", target.name.data(),
                static_cast<unsigned long long>(step - corpus.size()));
    print_bytes(mutation(target, corpus, step - corpus.size()));
  }
  return 1;
}

int run_one(const Target& target, const std::string& bytes) {
  print_bytes(bytes);
  std::fflush(stdout);
  try {
    target.run(bytes);
  } catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto& all = kehai::fuzz::targets();
  const auto target = std::find_if(
      all.begin(), all.end(), [&](const Target& one) { return argc > 1 && one.name == argv[1]; });
  if (target == all.end()) {
    std::fprintf(stderr, "usage: fuzz TARGET [ROUNDS | --round N | --file FILE]\n");
    for (const Target& one : all) std::fprintf(stderr, "  %s\n", one.name.data());
    return 2;
  }
  if (argc == 4 && std::strcmp(argv[2], "--file") == 0) return run_one(*target, read_file(argv[3]));
  if (argc == 4 && std::strcmp(argv[2], "--round") == 0) {
    return run_one(*target,
                   mutation(*target, read_corpus(*target), std::strtoull(argv[3], nullptr, 10)));
  }
  const char* wanted = argc > 2 ? argv[2] : std::getenv("KEHAI_FUZZ_ROUNDS");
  return run_all(*target, wanted == nullptr ? static_cast<std::uint64_t>(target->rounds)
                                            : std::strtoull(wanted, nullptr, 10));
}
