// kehai import and kehai export: files in and out without a browser.
#pragma once

#include <functional>
#include <memory>

namespace CLI {
class App;
}

namespace kehai::app {

struct Options;

// `add_shared` adds the flags that every command has; they fill `options`.
void add_transfer_commands(CLI::App& cli, const std::shared_ptr<Options>& options,
                           const std::function<void(CLI::App&)>& add_shared,
                           std::function<int()>& command);

}  // namespace kehai::app
