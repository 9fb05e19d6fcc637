#include "app/seed/seed.h"

#include <chrono>
#include <cstdio>
#include <future>

#include "app/application.h"
#include "app/progress.h"
#include "app/seed/business.h"
#include "app/seed/company.h"
#include "base/error.h"
#include "db/bulk.h"
#include "db/search_table.h"
#include "record/audit.h"
#include "record/migrator.h"

namespace kehai::app {

namespace {

// Larger than what an import may take at once: nobody else is waiting for this database.
constexpr std::int64_t kAccountsPerBatch = 4000;

class Loader {
 public:
  explicit Loader(Application& application) : application_(application) {
    const auto schema = application.engine().schema();
    for (const auto* name : kObjects)
      tables_.push_back(record::object_table(schema->at(name).definition()));
  }

  void write(const SeedBatch& batch) {
    application_.database().write(
        [&](db::Writer& writer) {
          db::insert_rows(writer, tables_[0], batch.accounts);
          db::insert_rows(writer, tables_[1], batch.opportunities);
          db::insert_rows(writer, tables_[2], batch.stage_changes);
          db::insert_rows(writer, ownership_, batch.ownership);
          db::insert_rows(writer, duplicate_keys_, batch.duplicate_keys);
          db::insert_rows(writer, audit_, batch.audit);
          db::SearchTable::put_new(writer, batch.search);
        },
        db::Lane::Bulk);
  }

  void drop_indexes() {
    record::drop_indexes(application_.database(), application_.engine().registry().definitions(),
                         {kObjects.begin(), kObjects.end()}, {ownership_, duplicate_keys_, audit_});
    application_.database().migrate(
        [](db::Writer& writer) { db::SearchTable::begin_bulk(writer); });
  }
  void make_indexes() {
    const auto objects =
        static_cast<std::int64_t>(application_.engine().registry().definitions().size());
    {
      Progress progress("Making the indexes", objects, "objects");
      application_.migrate([&](std::int64_t done, std::int64_t) { progress.set(done); });
    }
    Progress progress("Computing what is kept beside the records", objects, "objects");
    application_.engine().prepare_derived(
        [&](std::int64_t done, std::int64_t) { progress.set(done); });
    application_.database().migrate([](db::Writer& writer) { db::SearchTable::end_bulk(writer); });
  }

 private:
  static constexpr std::array<const char*, 3> kObjects = {"account", "opportunity", "stage_change"};
  Application& application_;
  std::vector<db::TableDefinition> tables_;
  db::TableDefinition ownership_ = modules::ownership_table();
  db::TableDefinition duplicate_keys_ = platform::Dedupe::table();
  db::TableDefinition audit_ = record::audit_table();
};

}  // namespace

SeedResult seed(Application& application, const SeedOptions& options) {
  if (!application.identity().setup_required()) {
    throw base::Error(base::ErrorKind::Conflict, "seed.not_empty");
  }
  const auto random = base::make_seeded_random(options.random_seed);
  const SeedCompany company = make_company(application, *random);
  SeedResult result{kSeedPassword,
                    company.admin_login,
                    company.manager_login,
                    company.sellers[1].login,
                    company.departments,
                    company.users,
                    0};
  const auto start = std::chrono::steady_clock::now();
  Loader loader(application);
  loader.drop_indexes();
  {
    BusinessMaker maker(application, options, company);
    Progress progress("Seeding", options.accounts + options.opportunities, "rows");
    // One batch is made while the one before is written.
    const auto make = [&maker] { return maker.next(kAccountsPerBatch); };
    for (SeedBatch batch = make(); !batch.accounts.empty();) {
      auto following = std::async(std::launch::async, make);
      loader.write(batch);
      progress.add(static_cast<std::int64_t>(batch.accounts.size() + batch.opportunities.size()));
      batch = following.get();
    }
  }
  loader.make_indexes();
  {
    Progress progress("Search index", 0, "records");
    while (const auto indexed = application.search().index_pending(application.engine()))
      progress.add(static_cast<std::int64_t>(indexed));
  }
  db::refresh_statistics(application.database());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

void print_seed(const SeedOptions& options, const SeedResult& result) {
  const auto rows = static_cast<double>(options.accounts + options.opportunities);
  std::printf(
      "%lld departments, %lld users, %lld accounts, %lld opportunities in %.1f s (%.0f rows/s)\n",
      static_cast<long long>(result.departments), static_cast<long long>(result.users),
      static_cast<long long>(options.accounts), static_cast<long long>(options.opportunities),
      result.seconds, rows / std::max(result.seconds, 0.001));
  std::printf("Password of everybody: %s\nAdministrator: %s\nManager of an area: %s\nSales: %s\n",
              result.password.c_str(), result.admin_login.c_str(), result.manager_login.c_str(),
              result.sales_login.c_str());
  std::fflush(stdout);
}

}  // namespace kehai::app
