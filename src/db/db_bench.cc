// How many durable creates per second, and how many fsyncs each costs, on both databases.
//
//   db_bench [SECONDS]        default 3
//
// A create is what the record engine does for one: a row of 260 bytes under one index, an audit row
// and an outbox row. PostgreSQL is measured when KEHAI_TEST_POSTGRES is set. Not part of the tests.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "db/dialect.h"
#include "db/sqlite/database.h"
#include "db/sqlite/failing_vfs.h"
#include "db/test_databases.h"

namespace kehai::db {
namespace {

using Clock = std::chrono::steady_clock;

struct Load {
  int clients;
  bool whole_record;  // false: only the row itself
};

void make_tables(Database& database) {
  database.migrate([](Writer& writer) {
    const Dialect& dialect = writer.dialect();
    const std::string integer(dialect.integer_type());
    const std::string text(dialect.text_type());
    const std::string end = ")" + std::string(dialect.table_suffix());
    writer.execute("CREATE TABLE account (id " + integer + " PRIMARY KEY, name " + text +
                   ", phone " + text + ", owner_id " + integer + ", updated_at " + integer +
                   ", note " + text + end);
    writer.execute("CREATE INDEX account_owner ON account (owner_id, updated_at, id)");
    writer.execute("CREATE TABLE audit (id " + integer + " PRIMARY KEY, at " + integer +
                   ", changes " + text + end);
    writer.execute("CREATE TABLE outbox (id " + integer + " PRIMARY KEY, event " + text + end);
  });
}

void create(Writer& writer, std::int64_t id, const Load& load) {
  static const std::string note(160, 'n');
  const Values account{id, "上海客海信息技术有限公司", "13800138000", id % 300, id * 7, note};
  writer.execute(
      "INSERT INTO account (id, name, phone, owner_id, updated_at, note) VALUES (?, ?, ?, ?, ?, ?)",
      account);
  if (!load.whole_record) return;
  const Values audit{id, id * 7, note};
  writer.execute("INSERT INTO audit (id, at, changes) VALUES (?, ?, ?)", audit);
  const Values event{id, "account.created"};
  writer.execute("INSERT INTO outbox (id, event) VALUES (?, ?)", event);
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(const std::string& name, Database& database, const Load& load, int seconds,
             const std::function<std::int64_t()>& fsyncs) {
  static std::atomic<std::int64_t> next_id{1};
  std::atomic<bool> stop{false};
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(load.clients));
  const std::int64_t fsyncs_before = fsyncs();
  const double cpu_before = cpu_seconds();
  const Clock::time_point started = Clock::now();
  std::vector<std::thread> threads;
  for (std::vector<double>& mine : latencies) {
    threads.emplace_back([&] {
      while (!stop) {
        const Clock::time_point begun = Clock::now();
        const std::int64_t id = next_id++;
        database.write([&](Writer& writer) { create(writer, id, load); });
        mine.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const double elapsed = std::chrono::duration<double>(Clock::now() - started).count();
  const double cpu = cpu_seconds() - cpu_before;
  std::vector<double> all;
  for (const std::vector<double>& mine : latencies) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  const auto count = static_cast<double>(all.size());
  const auto at = [&](double part) { return all[static_cast<std::size_t>((count - 1) * part)]; };
  fmt::print(
      "{:10} {:3} clients, {:13} {:7.0f} creates/s, {:5.3f} fsync each, p50 {:6.2f} ms, p99 "
      "{:6.2f} ms, max {:6.1f} ms, {:5.1f} us CPU each\n",
      name, load.clients, load.whole_record ? "whole record:" : "row only:", count / elapsed,
      static_cast<double>(fsyncs() - fsyncs_before) / count, at(0.5), at(0.99), all.back(),
      cpu / count * 1e6);
}

constexpr Load kLoads[] = {{1, false}, {16, false}, {64, false}, {64, true}};

void bench_sqlite(int seconds) {
  const TestDatabase place(Kind::Sqlite);
  sqlite::FailingVfs counting;
  sqlite::SqliteDatabase database({.file = place.folder() + "/bench.db"}, counting.name());
  make_tables(database);
  for (const Load& load : kLoads) {
    measure("SQLite", database, load, seconds,
            [&] { return static_cast<std::int64_t>(counting.syncs()); });
  }
}

void bench_postgres(int seconds) {
  const TestDatabase place(Kind::Postgres);
  const std::unique_ptr<Database> database =
      open_postgres({.url = place.address(), .connections = 64});
  make_tables(*database);
  const auto fsyncs = [&] {
    std::int64_t count = 0;
    database->read([&](Reader& reader) {
      count = reader.scalar("SELECT wal_sync FROM pg_stat_wal").as_int();
    });
    return count;
  };
  for (const Load& load : kLoads) measure("PostgreSQL", *database, load, seconds, fsyncs);
}

}  // namespace
}  // namespace kehai::db

int main(int count, char** arguments) {
  const int seconds = count > 1 ? std::max(std::atoi(arguments[1]), 1) : 3;
  for (const kehai::db::Kind kind : kehai::db::test_kinds()) {
    if (kind == kehai::db::Kind::Sqlite) {
      kehai::db::bench_sqlite(seconds);
    } else {
      kehai::db::bench_postgres(seconds);
    }
  }
}
