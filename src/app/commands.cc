#include "app/commands.h"

#include <CLI/CLI.hpp>

#include "app/commands/common.h"
#include "app/configuration.h"

namespace kehai::app {

void add_commands(CLI::App& cli, std::function<int()>& command) {
  add_serve(cli, command);
  add_user(cli, command);
  add_transfer(cli, command);
  add_seed(cli, command);
  add_backup(cli, command);
  add_check(cli, command);
  add_configuration_file(cli);
}

}  // namespace kehai::app
