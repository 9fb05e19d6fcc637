#include <spdlog/async.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "app/commands/common.h"
#include "app/commands/service_manager.h"
#include "app/demo/demo.h"
#include "app/log_format.h"

namespace kehai::app {

namespace {

void add_serving_flags(CLI::App& command, Options& options) {
  command.add_option("--listen", options.listen, "Address and port")
      ->envname("KEHAI_LISTEN")
      ->capture_default_str();
  command.add_option("--tls-cert", options.certificate_file, "Certificate chain (PEM)")
      ->envname("KEHAI_TLS_CERT");
  command.add_option("--tls-key", options.key_file, "Private key (PEM)")->envname("KEHAI_TLS_KEY");
  command
      .add_option("--public-origin", options.public_origin,
                  "Address that people use, e.g. https://crm.example.cn")
      ->envname("KEHAI_PUBLIC_ORIGIN");
  command
      .add_option("--host-name", options.host_names,
                  "Host names that are answered; all when none is given")
      ->envname("KEHAI_HOST_NAME");
  command
      .add_option("--trusted-proxy", options.trusted_proxies,
                  "Networks whose X-Forwarded-* is believed")
      ->envname("KEHAI_TRUSTED_PROXY");
  command
      .add_option("--outbound-network", options.outbound_networks,
                  "Inner networks that webhooks may call")
      ->envname("KEHAI_OUTBOUND_NETWORK");
  command.add_option("--metrics-token", options.metrics_token, "Bearer secret for /metrics")
      ->envname("KEHAI_METRICS_TOKEN");
  command.add_option("--time-zone", options.time_zone, "Time zone of a new company")
      ->envname("KEHAI_TIME_ZONE")
      ->capture_default_str();
  command
      .add_option("--import-rows", options.import_rows,
                  "Most rows of one imported file; 0 = no limit")
      ->envname("KEHAI_IMPORT_ROWS")
      ->capture_default_str();
  command
      .add_option("--file-megabytes", options.file_megabytes, "Most megabytes of one attached file")
      ->envname("KEHAI_FILE_MEGABYTES")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

std::string origin(const Options& options, std::uint16_t port) {
  if (!options.public_origin.empty()) return options.public_origin;
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  return (options.certificate_file.empty() ? "http://" : "https://") +
         (host == "0.0.0.0" || host.empty() ? "127.0.0.1" : host) + ":" + std::to_string(port);
}

// Trouble is written at once, the rest at most a second later.
void set_up_log() {
  spdlog::set_formatter(std::make_unique<LogFormat>());
  spdlog::flush_on(spdlog::level::warn);
  spdlog::flush_every(std::chrono::seconds(1));
}

// A log for I/O threads, which must not wait for whoever reads the lines: of more than it has room
// for, the oldest are left out.
std::function<void(const std::string&)> log_without_waiting() {
  constexpr std::size_t kLines = 8192;
  const auto thread = std::make_shared<spdlog::details::thread_pool>(kLines, 1);
  const auto& sinks = spdlog::default_logger()->sinks();
  const auto logger = std::make_shared<spdlog::async_logger>(
      "edge", sinks.begin(), sinks.end(), thread, spdlog::async_overflow_policy::overrun_oldest);
  return [thread, logger](const std::string& line) { logger->info("{}", line); };
}

constexpr rlim_t kMostDescriptors = 65'536;

// Shells give 1024 descriptors unless a program asks for what it may have.
void take_all_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kMostDescriptors));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Until it serves, it ends at once when it is told to: an upgrade goes on at the next start.
std::unique_ptr<Application> open_company(Options options) {
  Interruption interruption;
  set_up_log();
  options.edge_log = log_without_waiting();
  return std::make_unique<Application>(std::move(options));
}

std::unique_ptr<Application> open_demo(Options options) {
  Interruption interruption;
  set_up_log();
  options.edge_log = log_without_waiting();
  UnfinishedCompany unfinished(interruption, options);
  auto owned_clock = std::make_unique<DemoClock>();
  DemoClock& clock = *owned_clock;
  auto application = std::make_unique<Application>(std::move(options), std::move(owned_clock));
  unfinished.open(*application);
  print_accounts(fill_demo(*application, clock));
  return application;
}

// Serves until SIGTERM or SIGINT.
int serve(std::unique_ptr<Application> opened) {
  Application& application = *opened;
  take_all_descriptors();
  const std::uint16_t port = application.start();
  const std::string base = origin(application.options(), port);
  std::printf("Kehai is ready at %s\n", base.c_str());
  if (application.identity().setup_required()) {
    std::printf("Set up the first administrator here (valid once):\n  %s/setup?token=%s\n",
                base.c_str(), application.identity().make_setup_token().c_str());
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
  if (!application.stop())
    std::fprintf(stderr, "kehai: Some answers were cut off after 30 seconds\n");
  return kFine;
}

// Whoever starts the server by a script tells "cannot start" from everything else.
Command starting(Command command) {
  return [command = std::move(command)] {
    try {
      return command();
    } catch (const base::Error& error) {
      print_error(error);
    } catch (const std::exception& error) {
      print_error(base::Error(base::ErrorKind::Internal, "start.failed", {}, error.what()));
    }
    return kCannotStart;
  };
}

}  // namespace

void add_serve(CLI::App& cli, Command& command) {
  const auto options = std::make_shared<Options>();
  auto* serve_command = cli.add_subcommand("serve", "Serves the company in the data folder");
  add_shared_flags(*serve_command, *options);
  add_serving_flags(*serve_command, *options);
  serve_command->callback([options, &command] {
    command = starting([options] {
      options->inherited_socket = take_inherited_socket();
      return serve(open_company(*options));
    });
  });

  auto* demo_command =
      cli.add_subcommand("demo", "Fills a demo company, prints its accounts and serves it");
  const auto no_serve = std::make_shared<bool>(false);
  add_shared_flags(*demo_command, *options);
  add_serving_flags(*demo_command, *options);
  demo_command->add_flag("--no-serve", *no_serve, "Only fill the company");
  demo_command->callback([options, no_serve, &command] {
    command = starting([options, no_serve] {
      auto application = open_demo(*options);
      return *no_serve ? kFine : serve(std::move(application));
    });
  });
}

}  // namespace kehai::app
