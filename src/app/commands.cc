#include "app/commands.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>

#include "app/application.h"
#include "app/demo/demo.h"
#include "app/transfer_commands.h"
#include "base/error.h"

namespace kehai::app {

namespace {

// Flags that every command shares; environment variables and the configuration file fill what is not given.
void add_shared(CLI::App& command, Options& options) {
  command.add_option("--data", options.data_directory, "Folder of this company: database, files, keys")
      ->envname("KEHAI_DATA")
      ->required();
  command.add_option("--database", options.database_url, "postgres://… in place of the embedded database")
      ->envname("KEHAI_DATABASE");
}

void add_serving(CLI::App& command, Options& options) {
  command.add_option("--listen", options.listen, "Address and port")->envname("KEHAI_LISTEN")->capture_default_str();
  command.add_option("--tls-cert", options.certificate_file, "Certificate chain (PEM)")->envname("KEHAI_TLS_CERT");
  command.add_option("--tls-key", options.key_file, "Private key (PEM)")->envname("KEHAI_TLS_KEY");
  command.add_option("--public-origin", options.public_origin, "Address that people use, e.g. https://crm.example.cn")
      ->envname("KEHAI_PUBLIC_ORIGIN");
  command.add_option("--host-name", options.host_names, "Host names that are answered; all when none is given")
      ->envname("KEHAI_HOST_NAME");
  command.add_option("--trusted-proxy", options.trusted_proxies, "Networks whose X-Forwarded-* is believed")
      ->envname("KEHAI_TRUSTED_PROXY");
  command.add_option("--metrics-token", options.metrics_token, "Bearer secret for /metrics")
      ->envname("KEHAI_METRICS_TOKEN");
}

std::string origin(const Options& options, std::uint16_t port) {
  if (!options.public_origin.empty()) return options.public_origin;
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  return (options.certificate_file.empty() ? "http://" : "https://") +
         (host == "0.0.0.0" || host.empty() ? "127.0.0.1" : host) + ":" + std::to_string(port);
}

// Serves until SIGTERM or SIGINT.
int serve(Application& application) {
  const std::uint16_t port = application.start();
  const std::string base = origin(application.options(), port);
  std::printf("Kehai is ready at %s\n", base.c_str());
  if (application.identity().setup_required()) {
    std::printf("Set up the first administrator here (valid once):\n  %s/setup?token=%s\n", base.c_str(),
                application.identity().make_setup_token().c_str());
  }
  std::fflush(stdout);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int received = 0;
  sigwait(&signals, &received);
  std::printf("Stopping: finishing what runs\n");
  std::fflush(stdout);
  application.stop();
  return 0;
}

std::string read_password() {
  std::string password;
  std::getline(std::cin, password);
  return password;
}

record::Actor operator_actor() {
  record::Actor actor;
  actor.system = true;
  actor.via = "command_line";
  return actor;
}

struct UserFlags {
  std::string login;
  std::string name;
  std::string role;
  bool password_on_stdin = false;
};

int add_user(const Options& options, const UserFlags& flags) {
  Application application(options);
  record::ListRequest request;
  std::int64_t role = 0;
  application.engine().list_typed(operator_actor(), "role", request, [&](const record::TypedRow& row) {
    if (row.record.text("name") == flags.role) role = row.record.id();
  });
  if (role == 0) throw base::Error::fields({{"role", "field.reference_not_found", {}}});
  platform::Identity::NewUser user;
  user.login = flags.login;
  user.name = flags.name;
  user.password = read_password();
  user.role_ids = {role};
  application.identity().create_user(operator_actor(), user);
  std::printf("User %s added with role %s\n", flags.login.c_str(), flags.role.c_str());
  return 0;
}

int reset_user(const Options& options, const UserFlags& flags) {
  Application application(options);
  const auto actor = application.identity().actor_for_login(flags.login);
  application.identity().reset_password(operator_actor(), actor.user_id, read_password());
  std::printf("Password of %s set; all sessions of that person have ended\n", flags.login.c_str());
  return 0;
}

int check(const Options& options) {
  Application application(options);
  const std::string problem = application.database().check();
  if (problem.empty()) {
    std::printf("The database is sound\n");
    return 0;
  }
  std::fprintf(stderr, "kehai: %s\n", problem.c_str());
  return 1;
}

}  // namespace

void add_commands(CLI::App& cli, std::function<int()>& command) {
  const auto options = std::make_shared<Options>();
  cli.set_config("--config", "", "Configuration file (TOML)");

  auto* serve_command = cli.add_subcommand("serve", "Serves the company in the data folder");
  add_shared(*serve_command, *options);
  add_serving(*serve_command, *options);
  serve_command->callback([options, &command] {
    command = [options] {
      Application application(*options);
      return serve(application);
    };
  });

  auto* demo_command = cli.add_subcommand("demo", "Fills a demo company, prints its accounts and serves it");
  const auto no_serve = std::make_shared<bool>(false);
  add_shared(*demo_command, *options);
  add_serving(*demo_command, *options);
  demo_command->add_flag("--no-serve", *no_serve, "Only fill the company");
  demo_command->callback([options, no_serve, &command] {
    command = [options, no_serve] {
      Application application(*options);
      print_accounts(fill_demo(application));
      return *no_serve ? 0 : serve(application);
    };
  });

  auto* user_command = cli.add_subcommand("user", "Adds users and resets passwords");
  user_command->require_subcommand(1);
  const auto flags = std::make_shared<UserFlags>();
  auto* add_command = user_command->add_subcommand("add", "Adds a user");
  add_shared(*add_command, *options);
  add_command->add_option("--login", flags->login, "Login name")->required();
  add_command->add_option("--name", flags->name, "Name")->required();
  add_command->add_option("--role", flags->role, "admin, manager, sales, finance, service or viewer")->required();
  add_command->add_flag("--password-stdin", flags->password_on_stdin, "Reads the password from standard input")->required();
  add_command->callback([options, flags, &command] { command = [options, flags] { return add_user(*options, *flags); }; });
  auto* reset_command = user_command->add_subcommand("reset", "Sets a user's password");
  add_shared(*reset_command, *options);
  reset_command->add_option("--login", flags->login, "Login name")->required();
  reset_command->add_flag("--password-stdin", flags->password_on_stdin, "Reads the password from standard input")->required();
  reset_command->callback([options, flags, &command] { command = [options, flags] { return reset_user(*options, *flags); }; });

  add_transfer_commands(cli, options, [options](CLI::App& added) { add_shared(added, *options); }, command);

  auto* check_command = cli.add_subcommand("check", "Checks the database");
  add_shared(*check_command, *options);
  check_command->callback([options, &command] { command = [options] { return check(*options); }; });
}

}  // namespace kehai::app
