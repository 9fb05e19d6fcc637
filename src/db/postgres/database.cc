#include "db/postgres/database.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "base/error.h"
#include "db/dialect.h"
#include "db/reentry.h"

namespace kehai::db::postgres {
namespace {

using base::Error;
using base::ErrorKind;
using Remedy = ServerFailure::Remedy;

constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr const char* kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
constexpr int kReadTries = 2;
constexpr int kWriteTries = 8;
constexpr int kFirstPauseMilliseconds = 4;
constexpr int kLongestPauseMilliseconds = 250;

// Closures that got into each other's way must not meet again at once.
void pause_before_try(int number) {
  const int longest =
      std::min(kFirstPauseMilliseconds << std::min(number, 10), kLongestPauseMilliseconds);
  std::random_device seed;
  std::uniform_int_distribution<int> pause(0, longest * 1000);
  std::this_thread::sleep_for(std::chrono::microseconds(pause(seed)));
}

// Ends a transaction that shall leave nothing behind.
void roll_back(Connection& connection) {
  if (connection.is_lost()) return;
  try {
    connection.roll_back();
  } catch (const Error&) {
    // The connection is marked as lost and goes.
  }
}

}  // namespace

PostgresDatabase::PostgresDatabase(const PostgresOptions& options)
    : pool_(options.url, std::max(options.connections, 2)),
      bulk_places_(std::max(options.connections / 4, 1)) {
  pool_.take();  // finds out now whether the server can be used
}

PostgresDatabase::~PostgresDatabase() {
  close();
}

const Dialect& PostgresDatabase::dialect() const {
  return postgres_dialect();
}

void PostgresDatabase::read(const std::function<void(Reader&)>& fn) {
  const Reentry guard(this);
  ++reads_;
  run(
      kBeginRead, [&fn](Transaction& transaction) { fn(transaction); }, kReadTries, End::Snapshot);
}

void PostgresDatabase::write(const std::function<void(Writer&)>& fn, Lane lane) {
  const Reentry guard(this);
  const Body body = [&fn](Transaction& transaction) { fn(transaction); };
  if (lane == Lane::Interactive) {
    run(kBeginWrite, body, kWriteTries, End::Commit);
    return;
  }
  // Bulk work may hold only a part of the connections.
  bulk_places_.acquire();
  try {
    run(kBeginWrite, body, kWriteTries, End::Commit);
  } catch (...) {
    bulk_places_.release();
    throw;
  }
  bulk_places_.release();
}

void PostgresDatabase::migrate(const std::function<void(Writer&)>& fn) {
  const Reentry guard(this);
  const auto body = [&fn](Transaction& transaction) {
    transaction.lock("kehai", "migrate");
    fn(transaction);
  };
  run(kBeginWrite, body, kWriteTries, End::Commit);
  pool_.drop_statements();
}

void PostgresDatabase::run(const char* begin, const Body& body, int tries, End end) {
  for (int number = 1;; ++number) {
    const std::optional<ServerFailure> failure = run_once(begin, body, end);
    if (!failure) return;
    if (number >= tries) throw Error(*failure);
    ++retries_;
    if (failure->remedy == Remedy::Rerun) pause_before_try(number);
  }
}

std::optional<ServerFailure> PostgresDatabase::run_once(const char* begin, const Body& body,
                                                        End end) {
  Pool::Lease connection = pool_.take();
  connection->begin(begin);
  Transaction transaction(*connection);
  try {
    body(transaction);
    transaction.refuse_when_failed();
    transaction.insert_waiting();
  } catch (...) {
    roll_back(*connection);
    const std::optional<ServerFailure>& doom = transaction.doom();
    if (!doom) throw;
    if (doom->remedy == Remedy::Replan) connection->drop_statements();
    // A failed lock or the like dooms without asking for another run.
    if (doom->remedy == Remedy::None) throw Error(*doom);
    return doom;
  }
  if (end == End::Commit) return commit(connection);
  if (end == End::Snapshot) {
    connection->end_snapshot();
  } else {
    roll_back(*connection);
  }
  return std::nullopt;
}

std::optional<ServerFailure> PostgresDatabase::commit(Pool::Lease& connection) {
  connection->queue("COMMIT");
  try {
    connection->flush();
  } catch (const ServerFailure& failure) {
    if (connection->is_lost()) {
      throw Error(ErrorKind::Unavailable, "database.unknown_outcome", {}, failure.detail());
    }
    roll_back(*connection);
    if (failure.remedy == Remedy::None) throw Error(failure);
    if (failure.remedy == Remedy::Replan) connection->drop_statements();
    return failure;
  }
  ++commits_;
  return std::nullopt;
}

bool PostgresDatabase::exclusively(std::string_view name, const std::function<void()>& fn) {
  // The lock is that of a transaction which waits, without a snapshot, until fn is done: it goes
  // with the connection, so a process that dies leaves nothing behind.
  bool ran = false;
  const Body body = [&](Transaction& transaction) {
    if (!transaction
             .scalar("SELECT pg_try_advisory_xact_lock(hashtextextended('alone:' || ?, 0))",
                     Values{name})
             .int_or(0))
      return;
    ran = true;
    fn();
  };
  run(kBeginWrite, body, 1, End::Rollback);
  return ran;
}

void PostgresDatabase::copy_to(const std::string&) {
  throw Error(ErrorKind::NotImplemented, "database.copy_not_supported", {},
              "a PostgreSQL database is backed up by reading its tables");
}

Statistics PostgresDatabase::statistics() const {
  return {.commits = commits_, .write_closures = commits_, .reads = reads_, .retries = retries_};
}

std::string PostgresDatabase::check() {
  try {
    bool standby = false;
    bool read_only = false;
    read([&](Reader& reader) {
      reader.query(
          "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on'", {},
          [&](const Row& row) {
            standby = row.get_int(0) != 0;
            read_only = row.get_int(1) != 0;
          });
    });
    if (standby) return "The PostgreSQL server is a standby; use the URL of the primary server.";
    if (read_only) return "The PostgreSQL database is set to read-only; allow writing.";
    return {};
  } catch (const Error& error) {
    return "The PostgreSQL server cannot be used; check that it runs and that the URL is right: " +
           error.code() + ": " + error.detail();
  }
}

void PostgresDatabase::close() {
  pool_.close();
}

}  // namespace kehai::db::postgres

namespace kehai::db {

std::unique_ptr<Database> open_postgres(const PostgresOptions& options) {
  try {
    return std::make_unique<postgres::PostgresDatabase>(options);
  } catch (const base::Error& error) {
    throw base::Error(base::ErrorKind::Unavailable, "database.cannot_open",
                      {{"reason", error.code()}}, error.detail());
  }
}

}  // namespace kehai::db
