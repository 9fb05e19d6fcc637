// The Writer (or Reader) that a closure sees: statements on one connection inside an open
// transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "db/database.h"
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
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  void lock(std::string_view kind, std::string_view key) override;
  void attempt(const std::function<void()>& fn) override;
  void set_budget(std::int64_t milliseconds) override;

  // Throws Internal "database.transaction_failed" when a failure was swallowed.
  void refuse_when_failed() const;
  // A failure that ends the whole transaction whatever the closure makes of it: a conflict, a lost
  // connection, a failed lock.
  const std::optional<ServerFailure>& doom() const { return doom_; }

 private:
  Result run(std::string_view sql, std::span<const Value> parameters);

  Connection& connection_;
  std::optional<base::Error> failure_;
  std::optional<ServerFailure> doom_;
};

}  // namespace kehai::db::postgres
