#include "db/sqlite/transaction.h"

#include <sqlite3.h>

#include <chrono>
#include <string>

#include "db/dialect.h"
#include "db/sqlite/errors.h"
#include "db/statement_text.h"

namespace kehai::db::sqlite {
namespace {

using base::Error;
using base::ErrorKind;

class StatementRow final : public Row {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}

  // Known only after the first step: a change of the schema shows itself there.
  int column_count() const override { return sqlite3_data_count(statement_); }
  bool is_null(int column) const override { return type(column) == SQLITE_NULL; }

  std::int64_t get_int(int column) const override {
    const int found = type(column);
    if (found == SQLITE_INTEGER) return sqlite3_column_int64(statement_, column);
    if (found != SQLITE_NULL) wrong_type(column);
    return 0;
  }

  std::string_view get_text(int column) const override {
    const int found = type(column);
    if (found == SQLITE_TEXT) return text(column);
    if (found != SQLITE_NULL) wrong_type(column);
    return {};
  }

  ValueView view(int column) const override {
    switch (type(column)) {
      case SQLITE_NULL:
        return {};
      case SQLITE_INTEGER:
        return static_cast<std::int64_t>(sqlite3_column_int64(statement_, column));
      case SQLITE_TEXT:
        return text(column);
      default:
        wrong_type(column);
    }
  }

 private:
  int type(int column) const {
    if (column < 0 || column >= column_count()) wrong_type(column);
    return sqlite3_column_type(statement_, column);
  }

  std::string_view text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

  [[noreturn]] void wrong_type(int column) const {
    throw Error(ErrorKind::Internal, "database.wrong_type", {},
                "column " + std::to_string(column) + " of: " + sqlite3_sql(statement_));
  }

  sqlite3_stmt* statement_;
};

int bind(sqlite3_stmt* statement, int position, const Value& value) {
  if (value.is_null()) return sqlite3_bind_null(statement, position);
  if (value.is_int()) return sqlite3_bind_int64(statement, position, value.as_int());
  const std::string& text = value.as_text();
  return sqlite3_bind_text64(statement, position, text.data(), text.size(), SQLITE_STATIC,
                             SQLITE_UTF8);
}

}  // namespace

namespace {

Values values_of(const Row& row) {
  Values values;
  const int count = row.column_count();
  values.reserve(static_cast<std::size_t>(count));
  for (int column = 0; column < count; ++column) values.push_back(row.get(column));
  return values;
}

}  // namespace

Transaction::~Transaction() {
  if (budget_milliseconds_ > 0) connection_.enable_deadline(false);
}

const Dialect& Transaction::dialect() const {
  return sqlite_dialect();
}

void Transaction::query(std::string_view sql, std::span<const Value> parameters,
                        const RowFunction& each) {
  const StatementLease statement = start(sql, parameters);
  step_through(statement, sql, each);
  note(*statement.facts());
}

void Transaction::step_through(const StatementLease& statement, std::string_view sql,
                               const RowFunction& each) {
  const StatementRow row(statement.get());
  for (;;) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return;
    if (code != SQLITE_ROW) fail(code, sql);
    each(row);
  }
}

void Transaction::query_remembered(std::string_view sql, std::span<const Value> parameters,
                                   const RowFunction& each) {
  RememberedRows::Found found;
  {
    const StatementLease statement = prepare(sql);
    if (!late_.empty()) insert(late_.take_for(*statement.facts()));
    found = remembered_.find(statement.facts(), parameters);
  }
  if (!found) {
    const StatementLease statement = start(sql, parameters);
    std::vector<Values> rows;
    step_through(statement, sql, [&](const Row& row) { rows.push_back(values_of(row)); });
    found = remembered_.keep(statement.facts(), parameters, std::move(rows));
  }
  db::each_row(*found, each);
}

std::int64_t Transaction::execute(std::string_view sql, std::span<const Value> parameters) {
  const StatementLease statement = start(sql, parameters);
  const sqlite3_int64 before = sqlite3_total_changes64(connection_.handle());
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement.get());
  if (code != SQLITE_DONE) fail(code, sql);
  note(*statement.facts());
  // Statements other than INSERT, UPDATE and DELETE leave the old count behind.
  if (sqlite3_total_changes64(connection_.handle()) == before) return 0;
  return sqlite3_changes64(connection_.handle());
}

void Transaction::note(const StatementFacts& facts) {
  if (facts.reads_only()) return;
  ++changes_;
  if (!remembered_.empty()) remembered_.forget(facts.changed_table());
}

void Transaction::insert_later(const std::shared_ptr<const RowInsert>& insert, Values row) {
  refuse_when_failed();
  check_parameters(row);
  late_.add(insert, std::move(row));
  ++changes_;
}

void Transaction::insert_waiting() {
  if (!late_.empty()) insert(late_.take_all());
}

void Transaction::insert(const std::vector<RowsToInsert>& tables) {
  for (const auto& rows : tables) insert(rows);
}

void Transaction::insert(const RowsToInsert& rows) {
  has_written_ = true;
  std::span<const Values> left(rows.rows);
  while (!left.empty()) {
    const auto& list = rows.insert->list_for(left.size());
    const StatementLease statement = prepare(list.sql);
    int place = 0;
    for (const Values& row : left.first(list.rows)) {
      for (const Value& value : row) {
        const int bound = bind(statement.get(), ++place, value);
        if (bound != SQLITE_OK) fail(bound, list.sql);
      }
    }
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_DONE) fail(code, list.sql);
    left = left.subspan(list.rows);
  }
  if (!remembered_.empty()) remembered_.forget(rows.insert->table_word());
}

// All writes run on one thread, so every closure already has every lock.
void Transaction::lock(std::string_view, std::string_view) {}
void Transaction::lock_all(std::string_view, std::span<const std::string>) {}

void Transaction::attempt(const std::function<void()>& fn) {
  refuse_when_failed();
  insert_waiting();
  const int code = connection_.control_often("SAVEPOINT attempt");
  if (code != SQLITE_OK) fail(code, "SAVEPOINT");
  try {
    fn();
    // A swallowed failure inside is a failure of the attempt.
    if (failure_) throw Error(*failure_);
    insert_waiting();
  } catch (...) {
    late_.forget();
    remembered_.forget_all();
    // Without a transaction (the failure ended it) there is nothing to go back to: the failure
    // stays.
    if (connection_.in_transaction() &&
        connection_.control("ROLLBACK TO attempt; RELEASE attempt") == SQLITE_OK &&
        fatal_code_ == 0) {
      failure_.reset();
    }
    throw;
  }
  const int released = connection_.control_often("RELEASE attempt");
  if (released != SQLITE_OK) fail(released, "RELEASE");
}

void Transaction::set_budget(std::int64_t milliseconds) {
  connection_.enable_deadline(milliseconds > 0);
  budget_milliseconds_ = milliseconds;
}

StatementLease Transaction::prepare(std::string_view sql) {
  refuse_when_failed();
  try {
    return connection_.prepare(sql);
  } catch (const Error& error) {
    const int code = sqlite3_extended_errcode(connection_.handle());
    if (is_fatal(code)) fatal_code_ = code;
    failure_ = error;
    throw;
  }
}

StatementLease Transaction::start(std::string_view sql, std::span<const Value> parameters) {
  refuse_when_failed();
  check_parameters(parameters);
  if (budget_milliseconds_ > 0) {
    connection_.set_deadline(std::chrono::steady_clock::now() +
                             std::chrono::milliseconds(budget_milliseconds_));
  }
  StatementLease statement = prepare(sql);
  if (!late_.empty()) insert(late_.take_for(*statement.facts()));
  try {
    const int wanted = sqlite3_bind_parameter_count(statement.get());
    if (wanted != static_cast<int>(parameters.size())) {
      throw Error(ErrorKind::Internal, "database.parameter_count", {}, std::string(sql));
    }
    for (int i = 0; i < wanted; ++i) {
      const int code = bind(statement.get(), i + 1, parameters[static_cast<std::size_t>(i)]);
      if (code != SQLITE_OK) throw make_error(connection_.handle(), code, sql);
    }
    has_written_ = has_written_ || !statement.facts()->reads_only();
    return statement;
  } catch (const Error& error) {
    const int code = sqlite3_extended_errcode(connection_.handle());
    if (is_fatal(code)) fatal_code_ = code;
    failure_ = error;
    throw;
  }
}

void Transaction::refuse_when_failed() const {
  if (!failure_) return;
  throw Error(ErrorKind::Internal, "database.transaction_failed", {},
              failure_->code() + ": " + failure_->detail());
}

void Transaction::fail(int code, std::string_view sql) {
  if (is_fatal(code)) fatal_code_ = code;
  failure_ = make_error(connection_.handle(), code, sql);
  throw Error(*failure_);
}

}  // namespace kehai::db::sqlite
