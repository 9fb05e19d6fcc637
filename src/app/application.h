// The composition root: one value owns everything of one company, so that tests run several side by
// side.
//
// Order of life: open the database → migrate → read settings → engine → identity → starters →
// serve. Not copyable; the destructor stops jobs and the server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "app/data_folder.h"
#include "base/random.h"
#include "base/time.h"
#include "db/database.h"
#include "http/metrics.h"
#include "http/server.h"
#include "modules/pool/holding.h"
#include "platform/access/access.h"
#include "platform/dedupe/dedupe.h"
#include "platform/files/files.h"
#include "platform/identity/identity.h"
#include "platform/jobs/job_runner.h"
#include "platform/merge/merge.h"
#include "platform/registrar.h"
#include "platform/search/search.h"
#include "platform/settings/settings.h"
#include "platform/transfer/export.h"
#include "platform/transfer/import.h"
#include "platform/webhooks/webhooks.h"
#include "record/engine.h"

namespace kehai::app {

struct Options {
  std::string data_directory;  // database (when embedded), files, keys
  std::string database_url;    // postgres://…; "" = SQLite inside the data directory
  std::string listen = "127.0.0.1:8420";
  int inherited_socket = -1;  // already listening, instead of `listen`; becomes the server's
  std::string certificate_file;
  std::string key_file;
  std::string public_origin;
  std::vector<std::string> host_names;
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> outbound_networks;  // that may be called although they are not public
  std::string metrics_token;
  std::string time_zone = "Asia/Shanghai";           // of a new installation
  std::int64_t import_rows = platform::kImportRows;  // most rows of one imported file; 0 = no limit
  std::int64_t file_megabytes = platform::kFileMegabytes;  // most of one attached file
  bool quiet_log = false;
  // For tests: modules of their own, registered after ours, and a reader of the interface's log.
  std::function<void(platform::Registrar&)> extra_modules = {};
  api::LogLine log = {};
  // Takes the access lines of the I/O threads and must not block; the ordinary log without it.
  std::function<void(const std::string&)> edge_log = {};
};

class Application {
 public:
  // Opens and migrates. Throws Error Unavailable "database.…", "data.…" with one clear sentence
  // behind the code. Clock and random may be replaced by tests.
  explicit Application(Options options, std::unique_ptr<base::Clock> clock = nullptr,
                       std::unique_ptr<base::Random> random = nullptr);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  record::Engine& engine() { return *engine_; }
  db::Database& database() { return *database_; }
  platform::Identity& identity() { return *identity_; }
  platform::Access& access() { return *access_; }
  platform::Settings& settings() { return *settings_; }
  platform::Dedupe& dedupe() { return dedupe_; }
  platform::Search& search() { return *search_; }
  platform::Merges& merges() { return merges_; }
  const platform::Switches& switches() const { return *registrar_.switches; }
  platform::JobRunner& jobs() { return *jobs_; }
  platform::Imports& imports() { return *imports_; }
  platform::Exports& exports() { return *exports_; }
  platform::Files& files() { return *files_; }
  const platform::Webhooks& webhooks() const { return *webhooks_; }
  base::Clock& clock() { return *clock_; }
  base::Random& random() { return *random_; }
  api::Api& api() { return *api_; }
  api::EventHub& events() { return *foundation_.events; }
  const Options& options() const { return options_; }
  std::string files_directory() const;
  // Once more, for what a bulk load took away.
  void migrate(const record::Steps& steps = {});

  // Listens and runs jobs; returns the port.
  std::uint16_t start();
  // Finishes what runs (up to 30 s), ends the server and the jobs. True when nothing was cut.
  bool stop();

 private:
  void register_everything();
  void open_engine();
  void log_served(const http::Served& served) const;

  Options options_;
  std::unique_ptr<base::Clock> clock_;
  std::unique_ptr<base::Random> random_;
  record::Registry registry_;
  platform::Registrar registrar_{registry_, {}, {}};
  FolderLock lock_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<base::TimeZone> zone_;
  std::unique_ptr<platform::Access> access_;
  std::unique_ptr<platform::Settings> settings_;
  platform::Dedupe dedupe_;
  platform::Merges merges_{registrar_.merge_rules};
  std::shared_ptr<platform::Search> search_;
  std::shared_ptr<platform::Webhooks> webhooks_;
  api::Foundation foundation_;
  std::unique_ptr<record::Engine> engine_;
  std::unique_ptr<platform::Identity> identity_;
  std::unique_ptr<platform::JobRunner> jobs_;
  std::unique_ptr<platform::Imports> imports_;
  std::unique_ptr<platform::Exports> exports_;
  std::unique_ptr<platform::Files> files_;
  http::Metrics metrics_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<http::Server> server_;
};

// Everything that decides the tables, without a database: for backups, which work beside a running
// server.
struct Tables {
  std::vector<record::ObjectDefinition> objects;
  std::vector<db::TableDefinition> fixed;  // besides the engine's own
  std::vector<record::Invariant> invariants;
};
Tables program_tables();

// The database of the options; does not lock the folder.
std::unique_ptr<db::Database> open_database(const Options& options);
std::string sqlite_file(const std::string& data_directory);

}  // namespace kehai::app
