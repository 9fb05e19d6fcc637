// The configuration file: flat TOML whose keys are the names of the flags, valid for every command.
//
// A flag beats its environment variable, which beats the file. Keys of other commands are ignored,
// unknown ones refused.
#pragma once

namespace CLI {
class App;
}

namespace kehai::app {

// Adds --config (or KEHAI_CONFIG) to the command line; call when all commands are there.
void add_configuration_file(CLI::App& cli);

}  // namespace kehai::app
