// The commands behind the command line; each parses its own flags and runs with the shared ones.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace kehai::app {

// Adds all subcommands; the chosen one stores itself in `command`, which outlives the call and must
// be kept by the caller until it was run.
void add_commands(CLI::App& cli, std::function<int()>& command);

}  // namespace kehai::app
