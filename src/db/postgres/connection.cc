#include "db/postgres/connection.h"

#include <endian.h>
#include <libpq-fe.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <utility>

namespace kehai::db::postgres {
namespace {

using base::Error;
using base::ErrorKind;
using base::Value;

constexpr int kOldestServer = 150000;
constexpr int kBinary = 1;
constexpr const char* kConnectSeconds = "2";
constexpr std::string_view kUndeterminedType = "42P18";
constexpr std::string_view kRollBack = "ROLLBACK";

std::string field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

std::string describe(const pg_result* result) {
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  if (!constraint.empty()) message += " (" + constraint + ")";
  return message;
}

// "could not determine data type of parameter $3": 3; 0 when there is no such number.
std::size_t parameter_in(std::string_view message) {
  std::size_t number = 0;
  for (std::size_t at = message.find('$'); at != std::string_view::npos && ++at < message.size();) {
    if (message[at] < '0' || message[at] > '9') break;
    number = number * 10 + static_cast<std::size_t>(message[at] - '0');
  }
  return number;
}

}  // namespace

void ResultDeleter::operator()(pg_result* result) const {
  PQclear(result);
}

Connection::Connection(const std::string& url) {
  try {
    connect(url);
    configure();
  } catch (...) {
    PQfinish(handle_);
    throw;
  }
}

Connection::~Connection() {
  PQfinish(handle_);
}

void Connection::connect(const std::string& url) {
  // What stands before dbname may be overridden by the URL, what stands behind may not. A server
  // that cannot be reached any more is noticed within three seconds, however long it may calculate.
  const char* const keys[] = {
      "connect_timeout",  "application_name", "keepalives_idle", "keepalives_interval",
      "tcp_user_timeout", "dbname",           "client_encoding", nullptr};
  const char* const values[] = {kConnectSeconds, "kehai",     "1",    "1",
                                "2500",          url.c_str(), "UTF8", nullptr};
  handle_ = PQconnectdbParams(keys, values, 1);
  if (handle_ == nullptr || PQstatus(handle_) != CONNECTION_OK) {
    throw make_failure("", handle_ == nullptr ? "out of memory" : PQerrorMessage(handle_),
                       "connect");
  }
  socket_ = PQsocket(handle_);
  PQsetNoticeProcessor(
      handle_, [](void*, const char*) {}, nullptr);
}

void Connection::configure() {
  const char* encoding = PQparameterStatus(handle_, "server_encoding");
  if (PQserverVersion(handle_) < kOldestServer) {
    throw Error(ErrorKind::Unavailable, "database.too_old", {},
                "PostgreSQL 15 or newer is needed, this is " +
                    std::to_string(PQserverVersion(handle_) / 10000));
  }
  if (encoding == nullptr || std::strcmp(encoding, "UTF8") != 0) {
    throw Error(ErrorKind::Unavailable, "database.not_utf8", {},
                "the database must be created with encoding UTF8");
  }
  // A waiting lock ends as a conflict, after which the closure runs again. Plans are kept: one that
  // was made when a table was empty would read all of it when it is full (Transaction::set_budget).
  const Result result(
      PQexec(handle_, "SET lock_timeout = '10s'; SET jit = off; SET enable_seqscan = off"));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    throw make_failure(field(result.get(), PG_DIAG_SQLSTATE), PQerrorMessage(handle_), "SET");
  }
  // A search looks at rows that lie scattered: when they are not in memory, reading many at a time
  // takes half as long. A server that cannot read ahead refuses, and stays as it is.
  PQclear(PQexec(handle_, "SET effective_io_concurrency = 64"));
  if (PQenterPipelineMode(handle_) != 1) lose("enter pipeline mode");
}

void Connection::begin(std::string_view command) {
  queue_.clear();
  transaction_sent_ = false;
  queued_command_failed_ = false;
  if (holds_snapshot_) queue(kRollBack);
  queue(command);
  if (deallocate_all_) queue("DEALLOCATE ALL");
  deallocate_all_ = false;
  for (const std::string& name : forgotten_) queue("DEALLOCATE " + name);
  forgotten_.clear();
}

void Connection::queue(std::string_view command) {
  queue_.push_back({.kind = Kind::Plain, .sql = std::string(command)});
}

void Connection::queue_statement(std::string_view sql, base::Values parameters) {
  std::string name = prepare(sql, parameters);
  Command command{.kind = Kind::Execute, .sql = std::string(sql), .name = std::move(name)};
  command.owned = std::move(parameters);
  command.parameters = command.owned;
  queue_.push_back(std::move(command));
}

std::shared_ptr<const StatementFacts> Connection::facts(std::string_view sql) {
  return cache_.entry(sql, forgotten_).facts;
}

std::vector<Result> Connection::run(std::span<const Statement> statements) {
  const std::size_t before = queue_.size();
  std::vector<std::string> names;
  for (const auto& statement : statements)
    names.push_back(prepare(statement.sql, statement.parameters));
  // The preparations are these statements' own, unless they went ahead (and took the queue along).
  const std::size_t own = queue_.size() - std::min(before, queue_.size()) + statements.size();
  for (std::size_t i = 0; i < statements.size(); ++i) {
    queue_.push_back({.kind = Kind::Execute,
                      .sql = std::string(statements[i].sql),
                      .name = std::move(names[i]),
                      .parameters = statements[i].parameters});
  }
  return exchange_or_throw(own, statements.size());
}

void Connection::flush() {
  exchange_or_throw(0, 0);
}

void Connection::end_snapshot() {
  queue_.clear();
  if (transaction_sent_) holds_snapshot_ = true;
}

void Connection::roll_back() {
  queue_.clear();
  if (!transaction_sent_ && !holds_snapshot_) return;
  queue(kRollBack);
  flush_later();
}

void Connection::flush_later() {
  read_unread();
  send_queue();
  unread_ = queue_.size();
  queue_.clear();
}

std::string Connection::prepare(std::string_view sql, std::span<const Value> parameters) {
  StatementCache::Entry& entry = cache_.entry(sql, forgotten_);
  if (entry.parameter_count != static_cast<int>(parameters.size())) {
    throw Error(ErrorKind::Internal, "database.parameter_count", {}, std::string(sql));
  }
  if (const StatementCache::Variant* variant = StatementCache::fitting(entry, parameters)) {
    return variant->name;
  }
  std::vector<TypeId> types;
  bool has_null = false;
  for (const Value& value : parameters) {
    types.push_back(type_of(value));
    has_null = has_null || value.is_null();
  }
  if (has_null) return prepare_with_nulls(entry, std::move(types));
  std::string name = cache_.new_name();
  queue_.push_back({.kind = Kind::Prepare,
                    .sql = entry.text,
                    .numbered = entry.numbered,
                    .name = name,
                    .types = types});
  StatementCache::add(entry, {name, std::move(types)}, forgotten_);
  return name;
}

std::string Connection::prepare_with_nulls(StatementCache::Entry& entry,
                                           std::vector<TypeId> types) {
  const std::string name = cache_.new_name();
  queue("SAVEPOINT preparing");
  for (;;) {
    queue_.push_back({.kind = Kind::Prepare,
                      .sql = entry.text,
                      .numbered = entry.numbered,
                      .name = name,
                      .types = types});
    queue_.push_back({.kind = Kind::Describe, .sql = entry.text, .name = name});
    std::optional<ServerError> error;
    const auto answers = exchange(2, 1, error);
    if (!error) {
      for (std::size_t i = 0; i < types.size(); ++i) {
        types[i] = PQparamtype(answers.front().get(), static_cast<int>(i));
      }
      queue("RELEASE SAVEPOINT preparing");
      StatementCache::add(entry, {name, std::move(types)}, forgotten_);
      return name;
    }
    // Nothing tells the type of this null (`? IS NULL`), so any will do.
    const std::size_t number = !queued_command_failed_ && error->state == kUndeterminedType
                                   ? parameter_in(error->message)
                                   : 0;
    if (number == 0 || number > types.size() || types[number - 1] != kUnknownType) {
      throw make_failure(error->state, error->message, entry.text);
    }
    types[number - 1] = kTextType;
    queue("ROLLBACK TO SAVEPOINT preparing");
  }
}

std::vector<Result> Connection::exchange_or_throw(std::size_t own, std::size_t answers) {
  std::optional<ServerError> error;
  auto results = exchange(own, answers, error);
  if (!error) return results;
  if (queued_command_failed_) error->sql = "(queued) " + error->sql;
  ServerFailure failure = make_failure(error->state, error->message, error->sql);
  if (failure.remedy == ServerFailure::Remedy::Reconnect) lost_ = true;
  throw failure;
}

std::vector<Result> Connection::exchange(std::size_t own, std::size_t answers,
                                         std::optional<ServerError>& error) {
  read_unread();
  if (queue_.empty()) return {};
  send_queue();
  transaction_sent_ = true;
  const std::size_t count = queue_.size();
  auto results = read_results(count, answers, error);
  queued_command_failed_ = error && error->command + own < count;
  if (error) {
    error->sql = queue_[error->command].sql;
    forget_unprepared(error->command);
  }
  queue_.clear();
  return results;
}

void Connection::forget_unprepared(std::size_t from) {
  for (std::size_t i = from; i < queue_.size(); ++i) {
    if (queue_[i].kind != Kind::Prepare) continue;
    cache_.remove(queue_[i].sql, queue_[i].name);
    std::erase(forgotten_, queue_[i].name);
  }
}

void Connection::send_queue() {
  holds_snapshot_ = false;  // what ends it is the first of the queue
  for (const Command& command : queue_) {
    if (!send(command)) lose("send");
  }
  if (PQpipelineSync(handle_) != 1) lose("send");
}

bool Connection::send(const Command& command) {
  switch (command.kind) {
    case Kind::Plain:
      return PQsendQueryParams(handle_, command.sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                               kBinary) == 1;
    case Kind::Prepare:
      return PQsendPrepare(handle_, command.name.c_str(), command.numbered.c_str(),
                           static_cast<int>(command.types.size()), command.types.data()) == 1;
    case Kind::Describe:
      return PQsendDescribePrepared(handle_, command.name.c_str()) == 1;
    case Kind::Execute:
      return send_execution(command);
  }
  return false;
}

bool Connection::send_execution(const Command& command) {
  const std::size_t count = command.parameters.size();
  std::vector<std::uint64_t> integers(count);
  std::vector<const char*> values(count);
  std::vector<int> lengths(count);
  const std::vector<int> formats(count, kBinary);
  for (std::size_t i = 0; i < count; ++i) {
    const Value& value = command.parameters[i];
    if (value.is_int()) {
      integers[i] = htobe64(static_cast<std::uint64_t>(value.as_int()));
      values[i] = reinterpret_cast<const char*>(&integers[i]);
      lengths[i] = sizeof integers[i];
    } else if (value.is_text()) {
      values[i] = value.as_text().data();
      lengths[i] = static_cast<int>(value.as_text().size());
    }
  }
  return PQsendQueryPrepared(handle_, command.name.c_str(), static_cast<int>(count), values.data(),
                             lengths.data(), formats.data(), kBinary) == 1;
}

std::vector<Result> Connection::read_results(std::size_t commands, std::size_t answers,
                                             std::optional<ServerError>& error) {
  std::vector<Result> results;
  for (std::size_t i = 0; i < commands; ++i) {
    Result result = read_one();
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_FATAL_ERROR && !error) {
      error = ServerError{.command = i,
                          .state = field(result.get(), PG_DIAG_SQLSTATE),
                          .message = describe(result.get())};
      // Such an error comes from libpq itself.
      if (error->state.empty()) lose("receive");
    }
    if (!error && i + answers >= commands) results.push_back(std::move(result));
    while (const Result more{wait_for_result()}) {
      // One statement gives one result; the null behind it ends the loop.
    }
    if (PQstatus(handle_) != CONNECTION_OK && !error) lose("receive");
    if (PQstatus(handle_) != CONNECTION_OK) {
      lost_ = true;
      return results;
    }
  }
  const Result end = read_one();
  if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) lose("synchronise");
  return results;
}

Result Connection::read_one() {
  Result result(wait_for_result());
  if (result == nullptr) lose("receive");
  return result;
}

pg_result* Connection::wait_for_result() {
  waiting_since_ = std::chrono::steady_clock::now().time_since_epoch().count();
  pg_result* result = PQgetResult(handle_);
  waiting_since_ = 0;
  return result;
}

bool Connection::waits_longer_than(std::chrono::milliseconds time) const {
  const auto since = waiting_since_.load();
  return since != 0 && std::chrono::steady_clock::now().time_since_epoch() -
                               std::chrono::steady_clock::duration(since) >
                           time;
}

void Connection::interrupt() const {
  shutdown(socket_, SHUT_RDWR);
}

bool server_answers(const std::string& url) {
  const char* const keys[] = {"connect_timeout", "dbname", nullptr};
  const char* const values[] = {kConnectSeconds, url.c_str(), nullptr};
  return PQpingParams(keys, values, 1) != PQPING_NO_RESPONSE;
}

void Connection::read_unread() {
  if (lost_) lose("use");
  if (!unread_) return;
  const std::size_t commands = *unread_;
  unread_.reset();
  std::optional<ServerError> ignored;
  read_results(commands, 0, ignored);
  if (lost_) lose("receive");
}

void Connection::lose(std::string_view doing) {
  lost_ = true;
  throw make_failure("", PQerrorMessage(handle_), doing);
}

void Connection::drop_statements() {
  cache_.clear();
  forgotten_.clear();
  deallocate_all_ = true;
}

}  // namespace kehai::db::postgres
