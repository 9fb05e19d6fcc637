// The Writer (or Reader) that a closure sees: statements on one connection inside an open
// transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "db/database.h"
#include "db/sqlite/connection.h"

namespace kehai::db::sqlite {

// Lives as long as one closure. The transaction itself is begun and ended by the owner of the
// connection.
class Transaction final : public Writer {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction() override;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  const Dialect& dialect() const override;
  void query(std::string_view sql, std::span<const Value> parameters,
             const RowFunction& each) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  void lock(std::string_view kind, std::string_view key) override;
  void attempt(const std::function<void()>& fn) override;
  void set_budget(std::int64_t milliseconds) override;

  // The failure that spoiled this closure's part of the transaction, if any (also when the closure
  // swallowed it).
  const std::optional<base::Error>& failure() const { return failure_; }
  // Throws Internal "database.transaction_failed" when there is one.
  void refuse_when_failed() const;
  // The result code that stops the writer for good, 0 when none.
  int fatal_code() const { return fatal_code_; }

 private:
  StatementLease start(std::string_view sql, std::span<const Value> parameters);
  // Notes the failure and throws it.
  [[noreturn]] void fail(int code, std::string_view sql);

  Connection& connection_;
  std::optional<base::Error> failure_;
  int fatal_code_ = 0;
  std::int64_t budget_milliseconds_ = 0;
};

}  // namespace kehai::db::sqlite
