// The command line: serve, demo, user, import, export, seed, backup, restore, check.
#pragma once

namespace kehai::app {

// Exit codes: 0 fine, 1 the work failed (one sentence on standard error), 2 wrong usage, 3 cannot
// start.
int run_command_line(int argc, char** argv);

}  // namespace kehai::app
