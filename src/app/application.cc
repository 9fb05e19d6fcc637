#include "app/application.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "api/credentials.h"
#include "api/events.h"
#include "api/log.h"
#include "api/problem.h"
#include "api/transfer_routes.h"
#include "app/backup/backup.h"
#include "app/modules.h"
#include "app/progress.h"
#include "app/routes.h"
#include "base/error.h"
#include "http/response_head.h"
#include "http/security_headers.h"
#include "http/static_files.h"
#include "platform/identity/organisation_rules.h"
#include "platform/merge/merge.h"
#include "platform/notify/notify.h"
#include "platform/recycle_bin/recycle_bin.h"
#include "record/invariants.h"
#include "record/migrator.h"

namespace kehai::app {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

namespace {

// Splits "127.0.0.1:8420" and "[::1]:8420".
void split_listen(const std::string& listen, std::string& address, std::uint16_t& port) {
  const std::size_t colon = listen.rfind(':');
  int number = -1;
  try {
    number = colon == std::string::npos ? -1 : std::stoi(listen.substr(colon + 1));
  } catch (const std::exception&) {
    number = -1;
  }
  if (number < 0 || number > 65'535)
    throw Error(ErrorKind::Invalid, "config.listen", {{"value", listen}});
  address = listen.substr(0, colon);
  if (address.size() > 2 && address.front() == '[') address = address.substr(1, address.size() - 2);
  port = static_cast<std::uint16_t>(number);
}

constexpr std::uint64_t kUploadLimit = 120U << 20U;
constexpr std::uint64_t kBodyLimit = 1U << 20U;

constexpr std::uint64_t kFormLimit = 64U << 10U;  // what a form adds to the file in it

bool is_import(const http::Request& request) {
  return request.path == "/api/v1/imports";
}

bool is_file(const http::Request& request) {
  return request.path == "/api/v1/files";
}

std::uint64_t file_limit(const Options& options) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(options.file_megabytes, 1)) << 20U;
}

std::uint64_t body_limit(const Options& options, const http::Request& request) {
  if (is_file(request)) return file_limit(options) + kFormLimit;
  return is_import(request) ? kUploadLimit : kBodyLimit;
}

http::Response problem(const base::Texts& texts, const Error& error, const http::Request& request) {
  const auto language = api::accepted_language(request.header("accept-language"));
  return api::problem(error,
                      {texts, language.value_or(base::Language::SimplifiedChinese), request.id});
}

http::Response refused(http::Response response) {
  response.route = "refused";
  return response;
}

// Large bodies of people who show nothing to sign in with are not even read.
std::optional<http::Response> admit(const base::Texts& texts, const http::Request& request) {
  if (!(is_import(request) || is_file(request)) || request.method != "POST") return std::nullopt;
  if (!request.header("cookie").empty() || !request.header("authorization").empty()) {
    return std::nullopt;
  }
  return refused(problem(texts, Error(ErrorKind::Unauthenticated, "session.required"), request));
}

// What the server refuses before the interface sees it. People meet only the file that is too
// large; they are told in words.
http::Response refuse(const base::Texts& texts, const Options& options, int status,
                      const http::Request* request) {
  if (status == 413 && request != nullptr) {
    const auto too_large = [&](const char* code, std::uint64_t limit) {
      return problem(texts, Error(ErrorKind::TooLarge, code, {{"limit", std::to_string(limit)}}),
                     *request);
    };
    if (is_import(*request)) return too_large("import.file_too_large", kUploadLimit);
    if (is_file(*request)) return too_large("file.too_large", file_limit(options));
    return problem(texts, Error(ErrorKind::TooLarge, "request.too_large"), *request);
  }
  http::Response response;
  response.body = std::string(http::status_text(status)) + "\n";
  response.header("Content-Type", "text/plain; charset=utf-8");
  return response;
}

}  // namespace

std::string sqlite_file(const std::string& data_directory) {
  return (fs::path(data_directory) / "kehai.db").string();
}

std::unique_ptr<db::Database> open_database(const Options& options) {
  if (!options.database_url.empty()) return db::open_postgres({.url = options.database_url});
  // A reader's pages are the system's as well, and are dropped with every commit of others.
  constexpr int kReaderCacheKib = 8 * 1024;
  return db::open_sqlite(
      {.file = sqlite_file(options.data_directory), .reader_cache_kib = kReaderCacheKib});
}

namespace {

api::Foundation register_all(platform::Registrar& registrar, platform::Dedupe& dedupe,
                             const std::shared_ptr<platform::Search>& search,
                             const std::shared_ptr<platform::Webhooks>& webhooks) {
  platform::register_identity(registrar);
  platform::register_access(registrar);
  platform::register_settings(registrar);
  platform::register_notify(registrar);
  platform::register_search(registrar, search);
  platform::register_files(registrar);
  platform::register_recycle_bin(registrar);
  platform::register_merge(registrar);
  platform::register_imports(registrar);
  platform::register_exports(registrar);
  platform::register_webhooks(registrar, webhooks);
  api::Foundation foundation = api::register_api(registrar);
  register_modules(registrar, dedupe);
  registrar.schedules.push_back(
      {"totals.fold", 300'000, [](record::Engine& engine) { engine.fold_totals(); }});
  return foundation;
}

std::vector<db::TableDefinition> fixed_tables(const record::Registry& registry) {
  auto tables = record::Allocator::tables();
  tables.insert(tables.end(), registry.tables().begin(), registry.tables().end());
  return tables;
}

}  // namespace

Tables program_tables() {
  record::Registry registry;
  platform::Registrar registrar{registry, {}, {}};
  platform::Dedupe dedupe;
  register_all(registrar, dedupe, std::make_shared<platform::Search>(),
               std::make_shared<platform::Webhooks>());
  Tables tables{registry.definitions(), fixed_tables(registry), registry.invariants()};
  const auto add = [&](std::vector<record::Invariant> more) {
    tables.invariants.insert(tables.invariants.end(), more.begin(), more.end());
  };
  add(record::invariants_of(tables.objects));
  add(platform::organisation_invariants(tables.objects));
  add(platform::search_invariants(tables.objects));
  add(platform::file_invariants(tables.objects));
  add(dedupe.invariants(tables.objects));
  add(platform::merge_invariants(tables.objects));
  return tables;
}

Application::Application(Options options, std::unique_ptr<base::Clock> clock,
                         std::unique_ptr<base::Random> random)
    : options_(std::move(options)),
      clock_(clock ? std::move(clock) : base::make_system_clock()),
      random_(random ? std::move(random) : base::make_system_random()),
      search_(std::make_shared<platform::Search>()),
      webhooks_(std::make_shared<platform::Webhooks>()) {
  prepare_data_folder(options_.data_directory);
  if (options_.database_url.empty()) lock_ = FolderLock(options_.data_directory);
  database_ = open_database(options_);
  register_everything();
  open_engine();
}

Application::~Application() {
  stop();
}

std::string Application::files_directory() const {
  return (fs::path(options_.data_directory) / "files").string();
}

void Application::register_everything() {
  foundation_ = register_all(registrar_, dedupe_, search_, webhooks_);
  registrar_.schedules.push_back({"transfer.remove_expired", 3'600'000,
                                  [this](record::Engine&) {
                                    imports_->remove_expired();
                                    exports_->remove_expired();
                                  },
                                  true});
  registrar_.schedules.push_back(
      {"files.remove_loose", 3'600'000, [this](record::Engine&) { files_->remove_loose(); }});
  registrar_.schedules.push_back({"files.remove_contents", 86'400'000,
                                  [this](record::Engine&) { files_->remove_contents(); }});
  // Last uses of sessions and throttles are kept in memory and written now and then.
  registrar_.schedules.push_back(
      {"identity.maintain", 60'000, [this](record::Engine&) { identity_->maintain(); }, true});
  registrar_.schedules.push_back({"transfer.keep_going", 20'000,
                                  [this](record::Engine&) {
                                    imports_->keep_going();
                                    exports_->keep_going();
                                  },
                                  true});
  if (options_.extra_modules) options_.extra_modules(registrar_);
  // A notification reaches its reader's open pages at once, and so does one that now stands for one
  // more record.
  registry_.add_event_handler([hub = foundation_.events, this](const record::Event& event) {
    if (event.object != "notification" || event.kind == "deleted") return;
    database_->read([&](db::Reader& reader) {
      const auto schema = engine_->schema();
      const auto records =
          engine_->store().load_many(reader, schema->at("notification"), {event.record_id});
      if (records.empty()) return;
      const auto& record = records[0];
      if (!record.is_null("read_at")) return;
      std::string json;
      base::JsonWriter writer(json);
      writer.begin_object().key("id").integer(record.id()).key("kind").text(record.text("kind"));
      writer.key("text").text(record.text("text")).key("object").text(record.text("object"));
      writer.key("record_id");
      if (record.is_null("record_id")) {
        writer.null();
      } else {
        writer.integer(record.integer("record_id"));
      }
      writer.key("created_at")
          .text(base::format_instant(record.integer("created_at")))
          .end_object();
      hub->publish(record.integer("user_id"), "notification", json);
    });
  });
}

void Application::migrate(const record::Steps& steps) {
  record::migrate(*database_, registry_.definitions(), fixed_tables(registry_), {}, steps);
}

void Application::open_engine() {
  const auto objects = static_cast<std::int64_t>(registry_.definitions().size());
  const auto steps = [](Progress& progress) {
    return [&progress](std::int64_t done, std::int64_t) { progress.set(done); };
  };
  {
    Progress progress("Bringing the tables up to this version", objects, "objects");
    record::migrate(
        *database_, registry_.definitions(), fixed_tables(registry_),
        [this] { back_up_before_upgrade(options_, *database_, clock_->now()); }, steps(progress));
  }
  settings_ = std::make_unique<platform::Settings>(*database_, *clock_);
  std::string zone = settings_->organisation().time_zone;
  if (zone.empty()) zone = options_.time_zone;
  zone_ = std::make_unique<base::TimeZone>(zone);
  access_ = platform::make_access(*database_, registry_, *clock_);
  engine_ = std::make_unique<record::Engine>(
      record::Engine::Parts{*database_, registry_, *access_, *access_, *clock_, *zone_,
                            settings_->installation_secret(*random_)});
  identity_ = platform::make_identity(*engine_, *random_);
  {
    Progress progress("Computing what is kept beside the records", objects, "objects");
    engine_->prepare_derived(steps(progress));
  }
  for (const auto& starter : registrar_.starters) starter(*engine_);
  jobs_ = std::make_unique<platform::JobRunner>(*engine_, registrar_.schedules);
  webhooks_->open(
      {*engine_,
       settings_->installation_secret(*random_),
       {.allowed_networks = options_.outbound_networks, .certificate_authorities = {}}});
  const auto tell = [hub = foundation_.events](const char* event) {
    return [hub, event](std::int64_t user_id, const std::string& json) {
      hub->publish(user_id, event, json);
    };
  };
  imports_ = std::make_unique<platform::Imports>(platform::Imports::Parts{
      *engine_, dedupe_, jobs_.get(), files_directory(), tell("import"), options_.import_rows});
  exports_ = std::make_unique<platform::Exports>(
      platform::Exports::Parts{*engine_, jobs_.get(), files_directory(), {}, tell("export")});
  files_ = std::make_unique<platform::Files>(
      platform::Files::Parts{*engine_, files_directory(), file_limit(options_)});
  api::Parts parts{*engine_, *identity_, *access_, *random_};
  parts.exporter = api::list_exporter(*exports_);
  parts.answers = foundation_.answers;
  parts.events = foundation_.events;
  parts.metrics = &metrics_;
  metrics_.gauge_function("kehai_database_commits", "Durable commits since the start",
                          [this] { return database_->statistics().commits; });
  metrics_.gauge_function("kehai_database_writes", "Write transactions that were committed",
                          [this] { return database_->statistics().write_closures; });
  metrics_.gauge_function("kehai_webhook_waiting_seconds",
                          "Age of the oldest change that a webhook's receiver does not have yet",
                          [webhooks = webhooks_] { return webhooks->waiting_seconds(); });
  parts.settings.public_origin = options_.public_origin;
  parts.settings.file_bytes = static_cast<std::int64_t>(file_limit(options_));
  parts.settings.metrics_token = options_.metrics_token;
  parts.organisation = [this] {
    const auto organisation = settings_->organisation();
    return api::Organisation{organisation.name, organisation.time_zone, organisation.currency};
  };
  parts.log = options_.log;
  if (options_.quiet_log) parts.log = [](bool, std::string_view) {};
  auto routes = service_routes(*this);
  api_ = std::make_unique<api::Api>(std::move(parts), std::move(routes));
}

// The interface logs what it answers, and knows more about it.
void Application::log_served(const http::Served& served) const {
  if (options_.quiet_log || (served.route != "static" && served.route != "refused")) return;
  const std::string line = api::served_line(served);
  if (options_.log) {
    options_.log(false, line);
  } else if (options_.edge_log) {
    options_.edge_log(line);
  } else {
    spdlog::info("{}", line);
  }
}

std::uint16_t Application::start() {
  http::ServerOptions options;
  split_listen(options_.listen, options.address, options.port);
  options.inherited_socket = std::exchange(options_.inherited_socket, -1);
  options.certificate_file = options_.certificate_file;
  options.key_file = options_.key_file;
  options.host_names = options_.host_names;
  options.trusted_proxies = options_.trusted_proxies;
  options.metrics = &metrics_;
  if (!options_.quiet_log) options.warn = [](const std::string& line) { spdlog::warn("{}", line); };
  // What the interface does not say itself; above all the pages of the web UI get these. Behind a
  // proxy the address that people use tells whether it is HTTPS.
  options.headers = http::security_headers(!options_.certificate_file.empty() ||
                                           options_.public_origin.starts_with("https://"));
  options.body_limit_for = [this](const http::Request& request) {
    return body_limit(options_, request);
  };
  options.admit = [texts = base::Texts()](const http::Request& request) {
    return admit(texts, request);
  };
  options.refusal = [this, texts = base::Texts()](int status, const char*,
                                                  const http::Request* request) {
    return refuse(texts, options_, status, request);
  };
  options.served = [this](const http::Served& served) { log_served(served); };
  const auto assets = std::make_shared<http::StaticFiles>(http::embedded_assets());
  options.lane = [assets](const http::Request& request) {
    if (assets->serve(request)) return http::Lane::Inline;
    // Whether the process lives is answered in a flood, too; only a cookie would have to be looked
    // up.
    if (request.path == "/healthz" && request.header("cookie").empty()) return http::Lane::Inline;
    return request.path == "/api/v1/session" && request.method == "POST" ? http::Lane::Slow
                                                                         : http::Lane::Normal;
  };
  server_ = std::make_unique<http::Server>(std::move(options),
                                           [this, assets](const http::Request& request) {
                                             if (auto file = assets->serve(request))
                                               return std::move(*file);
                                             return api_->handle(request);
                                           });
  server_->start();
  jobs_->start();
  imports_->resume();
  exports_->resume();
  return server_->port();
}

bool Application::stop() {
  bool clean = true;
  if (server_) clean = server_->stop(std::chrono::seconds(30));
  if (imports_) imports_->stop();
  if (exports_) exports_->stop();
  if (jobs_) jobs_->stop();
  if (imports_) imports_->give_back();
  if (exports_) exports_->give_back();
  if (foundation_.events) foundation_.events->stop();
  server_.reset();
  return clean;
}

}  // namespace kehai::app
