// Two nodes and one table of jobs: a job has one node, and goes to another when its node is gone.
#include "platform/transfer/own_jobs.h"

#include <doctest/doctest.h>

#include "db/test_databases.h"

namespace kehai::platform {
namespace {

const db::Table kJobs("job");
constexpr std::int64_t kFinished = 2;
constexpr std::int64_t kUnfinished = 1;

void make_job(db::Database& database, std::int64_t id, std::int64_t status, base::Instant at) {
  database.write([&](db::Writer& writer) {
    kJobs.insert(writer, {{"id", id}, {"status", status}, {"updated_at", at}});
  });
}

base::Instant updated_at(db::Database& database, std::int64_t id) {
  base::Instant at = 0;
  database.read([&](db::Reader& reader) {
    at = reader.scalar("SELECT updated_at FROM job WHERE id = ?", base::Values{id}).as_int();
  });
  return at;
}

}  // namespace

TEST_CASE("a job has one node, and goes to another when its node is gone") {
  db::on_each_database([](db::TestDatabase& test) {
    INFO(test.name());
    db::Database& database = test.get();
    database.migrate([](db::Writer& writer) {
      writer.execute("CREATE TABLE job (id BIGINT PRIMARY KEY, status BIGINT, updated_at BIGINT)");
    });
    const bool has_nodes = database.is_postgres();
    OwnJobs here(database, "job", {kUnfinished});
    OwnJobs there(database, "job", {kUnfinished});
    make_job(database, 1, kUnfinished, 100'000);
    make_job(database, 2, kFinished, 100'000);
    here.add(1);
    here.add(2);

    CHECK(there.take(1, 100'000, 159'999) == !has_nodes);
    CHECK_FALSE(here.take(1, 100'000, 300'000));  // it is at work on it
    here.keep_alive(160'000);
    CHECK(updated_at(database, 1) == 160'000);
    CHECK(updated_at(database, 2) == 100'000);
    CHECK_FALSE(there.take(1, 100'000, 200'000));  // what was read is no longer so
    if (!has_nodes) return;

    // Its node ends well: at once.
    here.give_back(170'000);
    CHECK(updated_at(database, 2) == 100'000);
    const auto given = updated_at(database, 1);
    CHECK(there.take(1, given, 170'000));
    CHECK_FALSE(here.take(1, given, 170'000));
    CHECK(updated_at(database, 1) == 170'000);

    // Its node dies: after a minute without a sign of life.
    CHECK_FALSE(here.take(1, 170'000, 229'999));
    CHECK(here.take(1, 170'000, 230'000));

    // It comes to its end.
    const std::atomic<bool> stopping = false;
    { const OwnJobs::Work work(here, 1, stopping); }
    here.keep_alive(400'000);
    CHECK(updated_at(database, 1) == 230'000);
  });
}

}  // namespace kehai::platform
