#include "app/configuration.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace kehai::app {

namespace {

bool is_known(const CLI::App* app, const std::string& name) {
  if (app->get_option_no_throw("--" + name) != nullptr) return true;
  for (const auto* command : app->get_subcommands([](const CLI::App*) { return true; })) {
    if (is_known(command, name)) return true;
  }
  return false;
}

class FlatToml : public CLI::ConfigTOML {
 public:
  explicit FlatToml(const CLI::App& cli) : cli_(cli) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    // The chosen command, with its own subcommand when it has any.
    std::vector<std::string> path;
    const CLI::App* command = &cli_;
    while (!command->get_subcommands().empty()) {
      command = command->get_subcommands().front();
      path.push_back(command->get_name());
    }
    std::vector<CLI::ConfigItem> entries;
    for (auto& item : CLI::ConfigTOML::from_config(input)) {
      if (!item.parents.empty() || !is_known(&cli_, item.name))
        throw CLI::ConfigError::Extras(item.fullname());
      const auto* option = command->get_option_no_throw("--" + item.name);
      if (option == nullptr || (!option->get_envname().empty() &&
                                std::getenv(option->get_envname().c_str()) != nullptr)) {
        continue;
      }
      item.parents = path;
      entries.push_back(std::move(item));
    }
    return entries;
  }

 private:
  const CLI::App& cli_;
};

}  // namespace

void add_configuration_file(CLI::App& cli) {
  const char* given = std::getenv("KEHAI_CONFIG");
  const std::string file = given == nullptr ? "" : given;
  cli.config_formatter(std::make_shared<FlatToml>(cli));
  cli.set_config("--config", file,
                 "Configuration file: TOML, keys are the names of the flags (KEHAI_CONFIG)",
                 !file.empty());
}

}  // namespace kehai::app
