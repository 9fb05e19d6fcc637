// The storage on a PostgreSQL server: a pool of connections, one transaction per closure.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <semaphore>
#include <string>

#include "db/database.h"
#include "db/postgres/pool.h"
#include "db/postgres/transaction.h"

namespace kehai::db::postgres {

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const PostgresOptions& options);
  ~PostgresDatabase() override;

  const Dialect& dialect() const override;
  void read(const std::function<void(Reader&)>& fn) override;
  void write(const std::function<void(Writer&)>& fn, Lane lane) override;
  void migrate(const std::function<void(Writer&)>& fn) override;
  bool exclusively(std::string_view name, const std::function<void()>& fn) override;
  void copy_to(const std::string& file) override;
  Statistics statistics() const override;
  std::string check() override;
  bool is_postgres() const override { return true; }
  void close() override;

 private:
  using Body = std::function<void(Transaction&)>;
  // How a transaction ends: durable; when the connection is used next; at once, without a trace.
  enum class End { Commit, Snapshot, Rollback };

  // Runs the body until it is through, or throws. At most `tries` times.
  void run(const char* begin, const Body& body, int tries, End end);
  // One run; the failure that asks for another, none when it is done.
  std::optional<ServerFailure> run_once(const char* begin, const Body& body, End end);
  std::optional<ServerFailure> commit(Pool::Lease& connection);

  Pool pool_;
  std::counting_semaphore<> bulk_places_;
  std::atomic<std::int64_t> commits_{0};
  std::atomic<std::int64_t> reads_{0};
  std::atomic<std::int64_t> retries_{0};
};

}  // namespace kehai::db::postgres
