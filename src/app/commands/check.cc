#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/commands/common.h"
#include "db/bulk.h"

namespace kehai::app {

namespace {

bool has_company(db::Database& database) {
  bool found = false;
  database.read([&](db::Reader& reader) { found = db::has_table(reader, "schema_meta"); });
  return found;
}

// Only reads, so that it may run beside the server.
int check(const Options& options) {
  std::string problem;
  if (options.database_url.empty()) {
    const std::string file = sqlite_file(options.data_directory);
    if (!std::filesystem::exists(file)) {
      throw base::Error(base::ErrorKind::Unavailable, "data.no_database",
                        {{"directory", options.data_directory}});
    }
    problem = db::check_sqlite(file);
  } else {
    const auto database = open_database(options);
    problem = database->check();
    if (problem.empty() && !has_company(*database)) {
      throw base::Error(base::ErrorKind::Unavailable, "data.no_database",
                        {{"directory", "PostgreSQL"}});
    }
  }
  if (problem.empty()) {
    std::printf("The database is sound\n");
    return kFine;
  }
  std::fprintf(stderr, "kehai: %s\n", problem.c_str());
  return kFailed;
}

}  // namespace

void add_check(CLI::App& cli, Command& command) {
  const auto options = std::make_shared<Options>();
  auto* check_command =
      cli.add_subcommand("check", "Checks the database, also beside a running server");
  add_shared_flags(*check_command, *options);
  check_command->callback([options, &command] { command = [options] { return check(*options); }; });
}

}  // namespace kehai::app
