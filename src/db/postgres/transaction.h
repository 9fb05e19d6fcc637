// The Writer (or Reader) that a closure sees: statements on one connection inside an open
// transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "db/database.h"
#include "db/late_rows.h"
#include "db/postgres/connection.h"
#include "db/postgres/errors.h"

namespace kehai::db::postgres {

// Lives as long as one run of one closure. Beginning and ending are the owner's task.
class Transaction final : public Writer {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  const Dialect& dialect() const override;
  void query(std::string_view sql, std::span<const Value> parameters,
             const RowFunction& each) override;
  void query_all(std::span<const Question> questions) override;
  void query_remembered(std::string_view sql, std::span<const Value> parameters,
                        const RowFunction& each) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  void insert_later(const std::shared_ptr<const RowInsert>& insert, Values row) override;
  std::uint64_t changes() const override { return changes_; }
  void lock(std::string_view kind, std::string_view key) override;
  void lock_all(std::string_view kind, std::span<const std::string> keys) override;
  void attempt(const std::function<void()>& fn) override;
  void set_budget(std::int64_t milliseconds) override;

  // What waits to be inserted travels with the next command; the owner calls it before the
  // transaction ends.
  void insert_waiting();

  // Throws Internal "database.transaction_failed" when a failure was swallowed.
  void refuse_when_failed() const;
  // A failure that ends the whole transaction whatever the closure makes of it: a conflict, a lost
  // connection, a failed lock.
  const std::optional<ServerFailure>& doom() const { return doom_; }

 private:
  std::vector<Result> run(std::span<const Connection::Statement> statements);
  Result run(std::string_view sql, std::span<const Value> parameters);
  void insert(const std::vector<RowsToInsert>& tables);
  // Runs inside an attempt, which an error belongs to; else it is queued.
  void send(std::string_view sql, Values parameters);
  void note_failure(const ServerFailure& failure);
  // False when this transaction has the lock already.
  bool note_lock(std::string name);

  Connection& connection_;
  LateRows late_;
  RememberedRows remembered_;
  std::uint64_t changes_ = 0;
  int attempts_ = 0;  // open ones
  std::unordered_set<std::string> locked_;
  std::vector<std::string> locks_in_order_;  // a savepoint that is gone back to lets go of its own
  std::optional<base::Error> failure_;
  std::optional<ServerFailure> doom_;
};

}  // namespace kehai::db::postgres
