#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>

#include "app/commands/common.h"

namespace kehai::app {

namespace {

struct UserFlags {
  Options options;
  std::string login;
  std::string name;
  std::string role;
  bool password_on_stdin = false;
};

std::string read_password() {
  std::string password;
  std::getline(std::cin, password);
  return password;
}

int add(const UserFlags& flags) {
  Application application(flags.options);
  record::ListRequest request;
  request.default_top = 500;
  std::int64_t role = 0;
  application.engine().list_typed(operator_actor(), "role", request,
                                  [&](const record::TypedRow& row) {
                                    if (row.record.text("name") == flags.role)
                                      role = row.record.id();
                                  });
  if (role == 0) throw base::Error::fields({{"role", "field.reference_not_found", {}}});
  platform::Identity::NewUser user;
  user.login = flags.login;
  user.name = flags.name;
  user.password = read_password();
  user.role_ids = {role};
  application.identity().create_user(operator_actor(), user);
  std::printf("User %s added with role %s\n", flags.login.c_str(), flags.role.c_str());
  return kFine;
}

int reset(const UserFlags& flags) {
  Application application(flags.options);
  const auto actor = application.identity().actor_for_login(flags.login);
  application.identity().reset_password(operator_actor(), actor.user_id, read_password());
  std::printf("Password of %s set; all sessions of that person have ended\n", flags.login.c_str());
  return kFine;
}

}  // namespace

void add_user(CLI::App& cli, Command& command) {
  const auto flags = std::make_shared<UserFlags>();
  auto* user_command = cli.add_subcommand("user", "Adds users and resets passwords");
  user_command->require_subcommand(1);
  user_command->fallthrough();

  auto* add_command = user_command->add_subcommand("add", "Adds a user");
  add_shared_flags(*add_command, flags->options);
  add_command->add_option("--login", flags->login, "Login name")->required();
  add_command->add_option("--name", flags->name, "Name")->required();
  add_command
      ->add_option("--role", flags->role, "admin, manager, sales, finance, service or viewer")
      ->required();
  add_command
      ->add_flag("--password-stdin", flags->password_on_stdin,
                 "Reads the password from standard input")
      ->required();
  add_command->callback([flags, &command] {
    command = interruptible([flags](Interruption&) { return add(*flags); });
  });

  auto* reset_command = user_command->add_subcommand("reset", "Sets a user's password");
  add_shared_flags(*reset_command, flags->options);
  reset_command->add_option("--login", flags->login, "Login name")->required();
  reset_command
      ->add_flag("--password-stdin", flags->password_on_stdin,
                 "Reads the password from standard input")
      ->required();
  reset_command->callback([flags, &command] {
    command = interruptible([flags](Interruption&) { return reset(*flags); });
  });
}

}  // namespace kehai::app
