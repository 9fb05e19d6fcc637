#include "app/command_line.h"

#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/commands/common.h"

namespace kehai::app {

int run_command_line(int argc, char** argv) {
  // Threads inherit the mask: only the waiting main thread takes these signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App cli("Kehai 客海: a CRM in one program", "kehai");
  cli.set_version_flag("--version", KEHAI_VERSION);
  cli.require_subcommand(1);
  std::function<int()> command;
  add_commands(cli, command);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = cli.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : kUsage;
  }
  try {
    return command();
  } catch (const base::Error& error) {
    print_error(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kehai: %s\n", error.what());
  }
  return kFailed;
}

}  // namespace kehai::app
