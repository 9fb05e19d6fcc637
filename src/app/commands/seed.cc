#include "app/seed/seed.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands/common.h"

namespace kehai::app {

namespace {

struct SeedFlags {
  Options options;
  SeedOptions seed;
};

}  // namespace

void add_seed(CLI::App& cli, Command& command) {
  const auto flags = std::make_shared<SeedFlags>();
  auto* seed_command = cli.add_subcommand(
      "seed", "Fills an empty company with bulk data for measurements and prints logins");
  add_shared_flags(*seed_command, flags->options);
  seed_command->add_option("--accounts", flags->seed.accounts, "Number of customers")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{2'000'000}))
      ->required();
  seed_command->add_option("--opportunities", flags->seed.opportunities, "Number of opportunities")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{10'000'000}))
      ->required();
  seed_command
      ->add_option("--random-seed", flags->seed.random_seed, "Another number makes another company")
      ->capture_default_str();
  seed_command->callback([flags, &command] {
    command = interruptible([flags](Interruption& interruption) {
      UnfinishedCompany unfinished(interruption, flags->options);
      Application application(flags->options);
      unfinished.open(application);
      print_seed(flags->seed, seed(application, flags->seed));
      return kFine;
    });
  });
}

}  // namespace kehai::app
