#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <pthread.h>

#include "app/application.h"
#include "app/commands.h"
#include "base/error.h"
#include "base/language.h"

namespace kehai::app {

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// One clear sentence in the language of the terminal.
void print_error(const base::Error& error) {
  const char* locale = std::getenv("LANG");
  const auto language = base::parse_language(locale == nullptr ? "" : locale, base::Language::English);
  const base::Texts texts;
  std::fprintf(stderr, "kehai: %s\n", texts.text(language, error.code(), error.params()).c_str());
  for (const auto& field : error.field_errors()) {
    std::fprintf(stderr, "  %s: %s\n", field.field.c_str(), texts.text(language, field.code, field.params).c_str());
  }
  if (!error.detail().empty()) std::fprintf(stderr, "  (%s)\n", error.detail().c_str());
}

}  // namespace

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
