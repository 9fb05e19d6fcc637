#include "app/check.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/commands/common.h"
#include "db/bulk.h"
#include "platform/files/files.h"

namespace kehai::app {

namespace {

// Only reads, so that it may run beside the server.
std::unique_ptr<db::Database> open_to_read(const Options& options) {
  if (!options.database_url.empty()) return open_database(options);
  const std::string file = sqlite_file(options.data_directory);
  if (!std::filesystem::exists(file)) {
    throw base::Error(base::ErrorKind::Unavailable, "data.no_database",
                      {{"directory", options.data_directory}});
  }
  return db::read_sqlite(file);
}

int check(const Options& options) {
  const auto database = open_to_read(options);
  auto findings = check_database(*database);
  const auto files = std::filesystem::path(options.data_directory) / "files";
  // Without sound tables there is nothing to ask.
  if (findings.empty()) findings = platform::check_files(*database, files.string());
  for (const auto& finding : findings) std::fprintf(stderr, "kehai: %s\n", finding.c_str());
  if (findings.empty()) std::printf("The database is sound\n");
  return findings.empty() ? kFine : kFailed;
}

}  // namespace

void add_check(CLI::App& cli, Command& command) {
  const auto options = std::make_shared<Options>();
  auto* check_command =
      cli.add_subcommand("check", "Checks the database, also beside a running server");
  add_shared_flags(*check_command, *options);
  check_command->callback([options, &command] {
    command = interruptible([options](Interruption&) { return check(*options); });
  });
}

}  // namespace kehai::app
