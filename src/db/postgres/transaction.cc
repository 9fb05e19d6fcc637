#include "db/postgres/transaction.h"

#include <endian.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "db/bulk.h"
#include "db/dialect.h"
#include "db/statement_text.h"

namespace kehai::db::postgres {
namespace {

using base::Error;
using base::ErrorKind;

// Numbers of PostgreSQL's types (pg_type.oid).
constexpr TypeId kBool = 16;
constexpr TypeId kInternalChar = 18;
constexpr TypeId kName = 19;
constexpr TypeId kInt2 = 21;
constexpr TypeId kInt4 = 23;
constexpr TypeId kObjectId = 26;
constexpr TypeId kUnknownLiteral = 705;
constexpr TypeId kPaddedText = 1042;
constexpr TypeId kVarchar = 1043;

enum class Storage { Integer, Text, Other };

Storage storage_of(TypeId type) {
  switch (type) {
    case kBool:
    case kIntegerType:
    case kInt2:
    case kInt4:
    case kObjectId:
      return Storage::Integer;
    case kTextType:
    case kInternalChar:
    case kName:
    case kUnknownLiteral:
    case kPaddedText:
    case kVarchar:
      return Storage::Text;
    default:
      return Storage::Other;
  }
}

template <typename Integer>
Integer load(const char* bytes) {
  Integer value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::int64_t decode_integer(TypeId type, const char* bytes) {
  switch (type) {
    case kBool:
      return *bytes != 0 ? 1 : 0;
    case kInt2:
      return static_cast<std::int16_t>(be16toh(load<std::uint16_t>(bytes)));
    case kInt4:
      return static_cast<std::int32_t>(be32toh(load<std::uint32_t>(bytes)));
    case kObjectId:
      return be32toh(load<std::uint32_t>(bytes));
    default:
      return static_cast<std::int64_t>(be64toh(load<std::uint64_t>(bytes)));
  }
}

class ResultRow final : public Row {
 public:
  ResultRow(const pg_result* result, std::string_view sql)
      : result_(result), sql_(sql), column_count_(PQnfields(result)) {}

  void move_to(int row) { row_ = row; }

  int column_count() const override { return column_count_; }

  bool is_null(int column) const override {
    if (column < 0 || column >= column_count_) wrong_type(column);
    return PQgetisnull(result_, row_, column) == 1;
  }

  std::int64_t get_int(int column) const override {
    if (is_null(column)) return 0;
    const TypeId type = PQftype(result_, column);
    if (storage_of(type) != Storage::Integer) wrong_type(column);
    return decode_integer(type, PQgetvalue(result_, row_, column));
  }

  std::string_view get_text(int column) const override {
    if (is_null(column)) return {};
    if (storage_of(PQftype(result_, column)) != Storage::Text) wrong_type(column);
    return text(column);
  }

  ValueView view(int column) const override {
    if (is_null(column)) return {};
    const TypeId type = PQftype(result_, column);
    switch (storage_of(type)) {
      case Storage::Integer:
        return decode_integer(type, PQgetvalue(result_, row_, column));
      case Storage::Text:
        return text(column);
      default:
        wrong_type(column);
    }
  }

 private:
  std::string_view text(int column) const {
    return {PQgetvalue(result_, row_, column),
            static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }

  [[noreturn]] void wrong_type(int column) const {
    throw Error(ErrorKind::Internal, "database.wrong_type", {},
                "column " + std::to_string(column) + " of: " + std::string(sql_));
  }

  const pg_result* result_;
  std::string_view sql_;
  int column_count_;
  int row_ = 0;
};

void each_row(const pg_result* result, std::string_view sql, const RowFunction& each) {
  const int count = PQntuples(result);
  ResultRow row(result, sql);
  for (int i = 0; i < count; ++i) {
    row.move_to(i);
    each(row);
  }
}

}  // namespace

const Dialect& Transaction::dialect() const {
  return postgres_dialect();
}

void Transaction::query(std::string_view sql, std::span<const Value> parameters,
                        const RowFunction& each) {
  const Result result = run(sql, parameters);
  each_row(result.get(), sql, each);
}

void Transaction::query_all(std::span<const Question> questions) {
  std::vector<Connection::Statement> statements;
  for (const auto& question : questions) statements.push_back({question.sql, question.parameters});
  const auto results = run(statements);
  for (std::size_t i = 0; i < questions.size(); ++i)
    each_row(results[i].get(), questions[i].sql, questions[i].each);
}

void Transaction::query_remembered(std::string_view sql, std::span<const Value> parameters,
                                   const RowFunction& each) {
  refuse_when_failed();
  const auto facts = connection_.facts(sql);
  if (!late_.empty()) insert(late_.take_for(*facts));
  auto found = remembered_.find(facts, parameters);
  if (!found) {
    std::vector<Values> rows;
    query(sql, parameters, [&](const Row& row) {
      auto& values = rows.emplace_back();
      for (int column = 0; column < row.column_count(); ++column) values.push_back(row.get(column));
    });
    found = remembered_.keep(facts, parameters, std::move(rows));
  }
  db::each_row(*found, each);
}

std::int64_t Transaction::execute(std::string_view sql, std::span<const Value> parameters) {
  const Result result = run(sql, parameters);
  // A SELECT also reports a count, of the rows that it found.
  if (std::strncmp(PQcmdStatus(result.get()), "SELECT", 6) == 0) return 0;
  const char* affected = PQcmdTuples(result.get());
  return *affected == '\0' ? 0 : std::strtoll(affected, nullptr, 10);
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
  constexpr std::size_t kRowsPerArray = 1000;
  for (const auto& [insert, rows] : tables) {
    std::span<const Values> left(rows);
    if (left.size() == 1) {
      send(insert->list_for(1).sql, rows[0]);
      left = {};
    }
    while (!left.empty()) {
      const auto some = left.first(std::min(left.size(), kRowsPerArray));
      Values parameters;
      for (std::size_t column = 0; column < insert->columns(); ++column)
        parameters.emplace_back(array_literal(some, column));
      send(insert->arrays(), std::move(parameters));
      left = left.subspan(some.size());
    }
    if (!remembered_.empty()) remembered_.forget(insert->table_word());
  }
}

void Transaction::send(std::string_view sql, Values parameters) {
  try {
    if (attempts_ > 0) {
      const Connection::Statement statement{sql, parameters};
      connection_.run({&statement, 1});
    } else {
      connection_.queue_statement(sql, std::move(parameters));
    }
  } catch (const ServerFailure& failure) {
    note_failure(failure);
    throw;
  } catch (const Error& error) {
    failure_ = error;
    throw;
  }
}

bool Transaction::note_lock(std::string name) {
  if (!locked_.insert(name).second) return false;
  locks_in_order_.push_back(std::move(name));
  // Whoever had it before may have committed what is remembered otherwise.
  remembered_.forget_all();
  return true;
}

void Transaction::lock(std::string_view kind, std::string_view key) {
  refuse_when_failed();
  Values parameters{kind, key};
  check_parameters(parameters);
  if (!note_lock(std::string(kind) + ':' + std::string(key))) return;
  connection_.queue_statement("SELECT pg_advisory_xact_lock(hashtextextended(? || ':' || ?, 0))",
                              std::move(parameters));
}

void Transaction::lock_all(std::string_view kind, std::span<const std::string> keys) {
  refuse_when_failed();
  std::vector<Values> names;
  for (const auto& key : keys) {
    Values name{std::string(kind) + ':' + key};
    check_parameters(name);
    if (note_lock(name[0].as_text())) names.push_back(std::move(name));
  }
  if (names.empty()) return;
  connection_.queue_statement(
      "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM (SELECT name FROM "
      "unnest(?::TEXT::TEXT[]) AS given(name) ORDER BY name COLLATE \"C\") AS in_order",
      Values{array_literal(names, 0)});
}

void Transaction::attempt(const std::function<void()>& fn) {
  refuse_when_failed();
  insert_waiting();
  const std::size_t locks = locks_in_order_.size();
  connection_.queue("SAVEPOINT attempt");
  ++attempts_;
  try {
    fn();
    // A swallowed failure inside is a failure of the attempt.
    if (failure_) throw Error(*failure_);
    insert_waiting();
    --attempts_;
  } catch (...) {
    --attempts_;
    late_.forget();
    remembered_.forget_all();
    for (; locks_in_order_.size() > locks; locks_in_order_.pop_back())
      locked_.erase(locks_in_order_.back());
    if (!doom_) {
      connection_.queue("ROLLBACK TO SAVEPOINT attempt");
      connection_.queue("RELEASE SAVEPOINT attempt");
      failure_.reset();
    }
    throw;
  }
  connection_.queue("RELEASE SAVEPOINT attempt");
}

void Transaction::set_budget(std::int64_t milliseconds) {
  refuse_when_failed();
  // What a person filters by may have no index: under a budget a statement may read a whole table.
  connection_.queue_statement(
      "SELECT set_config('statement_timeout', ?, true), set_config('enable_seqscan', ?, true)",
      Values{std::to_string(milliseconds), milliseconds > 0 ? "on" : "off"});
}

void Transaction::refuse_when_failed() const {
  if (!failure_) return;
  throw Error(ErrorKind::Internal, "database.transaction_failed", {},
              failure_->code() + ": " + failure_->detail());
}

void Transaction::note_failure(const ServerFailure& failure) {
  failure_ = failure;
  // A queued command may have been a savepoint, so going back to one is not safe.
  if (failure.remedy != ServerFailure::Remedy::None || connection_.queued_command_failed())
    doom_ = failure;
}

Result Transaction::run(std::string_view sql, std::span<const Value> parameters) {
  const Connection::Statement statement{sql, parameters};
  return std::move(run({&statement, 1}).front());
}

std::vector<Result> Transaction::run(std::span<const Connection::Statement> statements) {
  refuse_when_failed();
  for (const auto& statement : statements) check_parameters(statement.parameters);
  try {
    std::vector<std::shared_ptr<const StatementFacts>> all;
    for (const auto& statement : statements) {
      const auto& facts = all.emplace_back(connection_.facts(statement.sql));
      if (!late_.empty()) insert(late_.take_for(*facts));
      if (facts->locks_rows()) remembered_.forget_all();
    }
    auto results = connection_.run(statements);
    for (const auto& facts : all) {
      if (facts->reads_only()) continue;
      ++changes_;
      if (!remembered_.empty()) remembered_.forget(facts->changed_table());
    }
    return results;
  } catch (const ServerFailure& failure) {
    note_failure(failure);
    throw;
  } catch (const Error& error) {
    failure_ = error;
    throw;
  }
}

}  // namespace kehai::db::postgres
