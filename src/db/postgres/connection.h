// One PostgreSQL connection in pipeline mode, with its prepared statements. Used by one thread at a
// time.
//
// Commands whose result nobody waits for (BEGIN, savepoints, locks, DEALLOCATE) are queued and
// travel with the next statement, so a transaction of one statement costs one round trip plus the
// COMMIT. All members that talk to the server throw ServerFailure.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "db/postgres/errors.h"
#include "db/postgres/statement_cache.h"

struct pg_conn;
struct pg_result;

namespace kehai::db::postgres {

struct ResultDeleter {
  void operator()(pg_result* result) const;
};
using Result = std::unique_ptr<pg_result, ResultDeleter>;

class Connection {
 public:
  // Connects and refuses servers that cannot serve (version, encoding).
  explicit Connection(const std::string& url);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Queues the command that begins a transaction; forgotten statements are released with it.
  void begin(std::string_view command);
  // Queues a command of the port itself.
  void queue(std::string_view command);
  // Queues a statement whose result does not matter. One with a null may ask the server first, and
  // takes along what is queued; it may throw then.
  void queue_statement(std::string_view sql, base::Values parameters);

  std::shared_ptr<const StatementFacts> facts(std::string_view sql);

  struct Statement {
    std::string_view sql;
    std::span<const base::Value> parameters;
  };
  // Sends what is queued and the statements, waits, returns the result of each.
  // Throws Internal "database.parameter_count" when the parameters do not fit the text.
  std::vector<Result> run(std::span<const Statement> statements);
  // Sends what is queued and waits.
  void flush();
  // Sends what is queued without waiting; the results are read before the next sending.
  void flush_later();
  // Ends a transaction that has only read: the command travels with what is sent next.
  void end_snapshot();
  // Whether the server waits for that command.
  bool holds_snapshot() const { return holds_snapshot_; }
  // Ends a transaction that shall leave nothing behind, without waiting; nothing is sent when the
  // server knows of none.
  void roll_back();

  // Whether the last failure came from a queued command, not from the statement that took it along.
  bool queued_command_failed() const { return queued_command_failed_; }
  // The connection is of no more use.
  bool is_lost() const { return lost_; }
  // Whether the server has owed an answer for that long. From any thread while the connection is
  // there.
  bool waits_longer_than(std::chrono::milliseconds time) const;
  // Ends the wait for an answer: whoever waits gets "database.unreachable". From any thread while
  // the connection is there.
  void interrupt() const;
  void drop_statements();
  std::size_t cached_statements() const { return cache_.size(); }

 private:
  enum class Kind { Plain, Prepare, Describe, Execute };
  struct Command {
    Kind kind = Kind::Plain;
    std::string sql;              // with ?, the key of the cache; Plain: the command itself
    std::string numbered{};       // Prepare: with $1 …
    std::string name{};           // of the prepared statement
    std::vector<TypeId> types{};  // Prepare
    std::span<const base::Value> parameters{};
    base::Values owned{};  // what `parameters` views, when the command waits in the queue
  };
  struct ServerError {
    std::size_t command = 0;
    std::string sql{};  // of that command
    std::string state;
    std::string message;
  };

  void connect(const std::string& url);
  void configure();
  // The name of a prepared variant; queues its preparation when there is none.
  std::string prepare(std::string_view sql, std::span<const base::Value> parameters);
  // Asks the server which types the nulls have.
  std::string prepare_with_nulls(StatementCache::Entry& entry, std::vector<TypeId> types);

  // Sends the queue and reads the results; returns those of the last `answers` commands, fewer on
  // an error. `own` commands at its end belong to the caller, the others were queued before.
  std::vector<Result> exchange(std::size_t own, std::size_t answers,
                               std::optional<ServerError>& error);
  std::vector<Result> exchange_or_throw(std::size_t own, std::size_t answers);
  void send_queue();
  bool send(const Command& command);
  bool send_execution(const Command& command);
  std::vector<Result> read_results(std::size_t commands, std::size_t answers,
                                   std::optional<ServerError>& error);
  Result read_one();
  pg_result* wait_for_result();
  void read_unread();
  // Removes statements from the cache whose preparation was not reached.
  void forget_unprepared(std::size_t from);
  [[noreturn]] void lose(std::string_view doing);

  pg_conn* handle_ = nullptr;
  int socket_ = -1;
  StatementCache cache_;
  std::vector<std::string> forgotten_;  // prepared names that the server may release
  bool deallocate_all_ = false;
  std::vector<Command> queue_;
  std::optional<std::size_t> unread_;  // commands sent by flush_later()
  bool transaction_sent_ = false;
  bool holds_snapshot_ = false;
  bool queued_command_failed_ = false;
  bool lost_ = false;
  std::atomic<std::chrono::steady_clock::rep> waiting_since_ = 0;  // 0 = nothing is owed
};

// Whether a server answers at this address, be it with a refusal; waits for two seconds,
// or for the connect_timeout of the URL.
bool server_answers(const std::string& url);

}  // namespace kehai::db::postgres
