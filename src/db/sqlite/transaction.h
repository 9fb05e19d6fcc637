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
#include "db/late_rows.h"
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
  void query_remembered(std::string_view sql, std::span<const Value> parameters,
                        const RowFunction& each) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  void insert_later(const std::shared_ptr<const RowInsert>& insert, Values row) override;
  std::uint64_t changes() const override { return changes_; }
  void lock(std::string_view kind, std::string_view key) override;
  void lock_all(std::string_view kind, std::span<const std::string> keys) override;
  void attempt(const std::function<void()>& fn) override;
  void set_budget(std::int64_t milliseconds) override;

  // What waits to be inserted goes in; the owner calls it before the transaction ends.
  void insert_waiting();

  // The failure that spoiled this closure's part of the transaction, if any (also when the closure
  // swallowed it).
  const std::optional<base::Error>& failure() const { return failure_; }
  // Throws Internal "database.transaction_failed" when there is one.
  void refuse_when_failed() const;
  // Whether a statement has begun that may have changed something.
  bool has_written() const { return has_written_; }
  // The result code that stops the writer for good, 0 when none.
  int fatal_code() const { return fatal_code_; }

 private:
  StatementLease prepare(std::string_view sql);
  StatementLease start(std::string_view sql, std::span<const Value> parameters);
  void step_through(const StatementLease& statement, std::string_view sql, const RowFunction& each);
  void insert(const std::vector<RowsToInsert>& tables);
  void insert(const RowsToInsert& rows);
  // What follows for what is remembered from a statement that has run.
  void note(const StatementFacts& facts);
  // Notes the failure and throws it.
  [[noreturn]] void fail(int code, std::string_view sql);

  Connection& connection_;
  std::optional<base::Error> failure_;
  int fatal_code_ = 0;
  bool has_written_ = false;
  std::int64_t budget_milliseconds_ = 0;
  LateRows late_;
  RememberedRows remembered_;
  std::uint64_t changes_ = 0;
};

}  // namespace kehai::db::sqlite
