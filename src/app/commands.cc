#include "app/commands.h"

#include <CLI/CLI.hpp>

#include "app/commands/common.h"
#include "app/configuration.h"
#include "app/transfer_commands.h"

namespace kehai::app {

void add_commands(CLI::App& cli, std::function<int()>& command) {
  // Commands inherit it when they are made: --config may stand after them.
  cli.fallthrough();
  add_serve(cli, command);
  add_user(cli, command);
  const auto transfer_options = std::make_shared<Options>();
  add_transfer_commands(
      cli, transfer_options,
      [transfer_options](CLI::App& added) { add_shared_flags(added, *transfer_options); }, command);
  add_seed(cli, command);
  add_backup(cli, command);
  add_check(cli, command);
  add_configuration_file(cli);
}

}  // namespace kehai::app
