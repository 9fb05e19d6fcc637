// A company for the tests of imports and exports: platform and modules on a fresh database, a clock
// that moves only when told, and people: admin, manager, sales1, sales2 (one department), viewer.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api.h"
#include "base/json.h"
#include "base/random.h"
#include "base/time.h"
#include "db/test_databases.h"
#include "platform/access/access.h"
#include "platform/dedupe/dedupe.h"
#include "platform/identity/identity.h"
#include "platform/jobs/job_runner.h"
#include "platform/registrar.h"
#include "platform/search/search.h"
#include "platform/settings/settings.h"
#include "platform/transfer/export.h"
#include "platform/transfer/import.h"
#include "record/engine.h"

namespace kehai::transfer_test {

class MovableClock : public base::Clock {
 public:
  base::Instant now() override { return now_; }
  void advance(std::int64_t milliseconds) { now_ += milliseconds; }

 private:
  std::atomic<base::Instant> now_{1'772'328'600'000};  // 2026-03-01, 09:30 in Shanghai
};

// Used by one thread, except where a test starts the job runner.
class World {
 public:
  explicit World(db::TestDatabase& database);
  ~World();

  record::Actor actor(const std::string& login) { return identity->actor_for_login(login); }
  // Everything anew on the same database, as after the end of the program.
  void restart();
  void index() { search->index_pending(*engine); }
  std::int64_t count(std::string_view object, std::string_view filter = "");
  // The values of one field, in order of id.
  std::vector<std::string> texts(std::string_view object, std::string_view field);
  std::int64_t user_id(const std::string& login) { return actor(login).user_id; }
  std::string folder() const { return database_.folder(); }

  MovableClock clock;
  base::TimeZone zone{"Asia/Shanghai"};
  std::unique_ptr<base::Random> random = base::make_system_random();
  std::unique_ptr<record::Registry> registry;
  std::unique_ptr<platform::Registrar> registrar;
  std::unique_ptr<platform::Dedupe> dedupe;
  std::shared_ptr<platform::Search> search;
  std::unique_ptr<platform::Settings> settings;
  std::unique_ptr<platform::Access> access;
  std::unique_ptr<record::Engine> engine;
  std::unique_ptr<platform::Identity> identity;
  std::unique_ptr<platform::Imports> imports;  // works at once, without job runner
  std::unique_ptr<platform::Exports> exports;
  std::unique_ptr<api::Api> api;

  // A request of the administrator's browser.
  http::Response send(std::string method, std::string path, std::string body = "",
                      std::string content_type = "application/json",
                      std::vector<std::pair<std::string, std::string>> query = {});

 private:
  void start();
  void make_company();
  db::TestDatabase& database_;
  api::Foundation foundation_;
  platform::SignIn admin_;
};

record::Actor system_actor();

// An import on its way, as JSON.
class Upload {
 public:
  Upload(World& world, const record::Actor& actor, std::string object,
         const std::filesystem::path& file);
  Upload(World& world, const record::Actor& actor, std::string object, std::string name,
         std::string content);

  Upload& settings(std::string_view json);
  Upload& validate();
  Upload& apply(bool all_or_nothing = false);
  Upload& cancel();

  std::int64_t id() const { return id_; }
  const base::JsonObject& json() const { return json_.as_object(); }
  std::string status() const { return base::json_text(json(), "status"); }
  std::string code() const { return base::json_text(json(), "code"); }
  std::int64_t counted(std::string_view what) const {
    return base::json_int(json().at("counts").as_object(), what);
  }
  // Field that a column is mapped to, "" = none.
  std::string field_of(std::string_view column) const;
  std::vector<std::string> columns() const;
  // {row, column, code} of the first findings.
  std::vector<std::string> findings(std::string_view status = "error");

 private:
  void take(const std::string& text) { json_ = base::parse_json(text); }
  World& world_;
  record::Actor actor_;
  std::int64_t id_ = 0;
  base::Json json_;
};

// Folder of real input files, "" when there is none.
std::filesystem::path data_folder();

#define KEHAI_NEED_DATA(folder)                                                           \
  const std::filesystem::path folder = kehai::transfer_test::data_folder();               \
  if (folder.empty()) {                                                                   \
    std::printf("SKIPPED: the folder of real input files is missing (../shared/data)\n"); \
    return;                                                                               \
  }

// Code of the Error that `fn` throws (the first field error's for field errors), "" when none.
std::string code_of(const std::function<void()>& fn);

}  // namespace kehai::transfer_test
