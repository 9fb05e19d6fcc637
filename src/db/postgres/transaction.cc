#include "db/postgres/transaction.h"

#include <endian.h>
#include <libpq-fe.h>

#include <cstdlib>
#include <cstring>
#include <string>

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

}  // namespace

const Dialect& Transaction::dialect() const {
  return postgres_dialect();
}

void Transaction::query(std::string_view sql, std::span<const Value> parameters,
                        const RowFunction& each) {
  const Result result = run(sql, parameters);
  const int count = PQntuples(result.get());
  ResultRow row(result.get(), sql);
  for (int i = 0; i < count; ++i) {
    row.move_to(i);
    each(row);
  }
}

std::int64_t Transaction::execute(std::string_view sql, std::span<const Value> parameters) {
  const Result result = run(sql, parameters);
  // A SELECT also reports a count, of the rows that it found.
  if (std::strncmp(PQcmdStatus(result.get()), "SELECT", 6) == 0) return 0;
  const char* affected = PQcmdTuples(result.get());
  return *affected == '\0' ? 0 : std::strtoll(affected, nullptr, 10);
}

void Transaction::lock(std::string_view kind, std::string_view key) {
  refuse_when_failed();
  Values parameters{kind, key};
  check_parameters(parameters);
  connection_.queue_statement("SELECT pg_advisory_xact_lock(hashtextextended(? || ':' || ?, 0))",
                              std::move(parameters));
}

void Transaction::attempt(const std::function<void()>& fn) {
  refuse_when_failed();
  connection_.queue("SAVEPOINT attempt");
  try {
    fn();
    // A swallowed failure inside is a failure of the attempt.
    if (failure_) throw Error(*failure_);
  } catch (...) {
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
  connection_.queue("SET LOCAL statement_timeout = " + std::to_string(milliseconds));
}

void Transaction::refuse_when_failed() const {
  if (!failure_) return;
  throw Error(ErrorKind::Internal, "database.transaction_failed", {},
              failure_->code() + ": " + failure_->detail());
}

Result Transaction::run(std::string_view sql, std::span<const Value> parameters) {
  refuse_when_failed();
  check_parameters(parameters);
  try {
    return connection_.run(sql, parameters);
  } catch (const ServerFailure& failure) {
    failure_ = failure;
    // A queued command may have been a savepoint, so going back to one is not safe.
    if (failure.remedy != ServerFailure::Remedy::None || connection_.queued_command_failed()) {
      doom_ = failure;
    }
    throw;
  } catch (const Error& error) {
    failure_ = error;
    throw;
  }
}

}  // namespace kehai::db::postgres
