// What the commands share: flags, the operator, how an error is told. Each command has a file of
// its own here.
#pragma once

#include <atomic>
#include <functional>

#include "app/application.h"
#include "app/interruption.h"
#include "base/error.h"

namespace CLI {
class App;
}

namespace kehai::app {

inline constexpr int kFine = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kCannotStart = 3;

// What the chosen command will do.
using Command = std::function<int()>;

// A command that Ctrl-C and SIGTERM end; all but serving.
Command interruptible(std::function<int(Interruption&)> work);

// A company that this command begins to make; told to stop halfway, it takes the embedded database
// away again or says that it is only partly filled. Alive while the company is filled.
class UnfinishedCompany {
 public:
  // Before the database is opened.
  UnfinishedCompany(Interruption& interruption, const Options& options);
  // A company that is there already stays as it is.
  void open(Application& application);

 private:
  std::atomic<bool> is_filling_ = false;
  Interruption::Duty duty_;
};

// --data and --database; environment variables and the configuration file fill what is not given.
void add_shared_flags(CLI::App& command, Options& options);

// Whoever sits at the machine may do everything.
record::Actor operator_actor();

// One clear sentence on standard error, in the language of the terminal.
void print_error(const base::Error& error);

void add_serve(CLI::App& cli, Command& command);   // serve, demo
void add_user(CLI::App& cli, Command& command);    // user add, user reset
void add_seed(CLI::App& cli, Command& command);    // seed
void add_backup(CLI::App& cli, Command& command);  // backup, restore
void add_check(CLI::App& cli, Command& command);   // check

}  // namespace kehai::app
