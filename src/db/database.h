// The storage port: read(fn) and write(fn) on SQLite (embedded) or PostgreSQL (scale).
//
// read(fn): one consistent snapshot, read-only.
// write(fn): a transaction; returns only after it is durable. On SQLite all writes run on one
// writer thread (group commit: closures that wait together are parts of one transaction and
// share one fsync); on PostgreSQL each runs in its own READ COMMITTED transaction, retried on
// 40001/40P01/55P03.
//
// A closure may therefore run more than once: it must be free of side effects outside the
// transaction, and it must not parse, hash, tokenise or do any other input/output.
// An exception thrown by the closure rolls back that closure alone and is rethrown to the caller.
// A statement that fails outside attempt() spoils its transaction on both databases: later
// statements throw Internal "database.transaction_failed", and the closure is rolled back even if
// it swallows the exception.
//
// All members are safe from any thread. read() inside read() and write() inside either is a bug
// (throws Internal "database.nested"), unless the databases differ.
//
// SQL text is the same for both databases where possible: placeholders are `?` (never inside
// literals), integers are 64-bit, text is compared bytewise. What differs stands in dialect.h.
// Statements are cached per connection by text.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace kehai::db {

using base::Value;
using base::Values;
using base::ValueView;

class Dialect;    // dialect.h
class RowInsert;  // row_insert.h

// One row of a running query; views are valid until the next row.
// Columns hold 64-bit integers or text. Reading one as the other throws Internal
// "database.wrong_type", as does a result of another type (floating point, numeric, bytes): cast in
// SQL.
class Row {
 public:
  virtual ~Row() = default;
  virtual int column_count() const = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t get_int(int column) const = 0;       // 0 when null
  virtual std::string_view get_text(int column) const = 0;  // "" when null
  virtual ValueView view(int column) const = 0;             // null, integer or text as stored
  Value get(int column) const { return view(column).value(); }
};

using RowFunction = std::function<void(const Row&)>;

// A statement whose rows are wanted; views what the caller keeps.
struct Question {
  std::string_view sql;
  std::span<const Value> parameters;
  const RowFunction& each;
};

// Reading part of a transaction. Used by one thread at a time.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual const Dialect& dialect() const = 0;
  // Calls `each` for every row in order. Throws Error Unavailable/StorageFull/Internal; detail
  // carries the driver's text. Further codes: Limit "query.too_expensive" (budget), Conflict
  // "database.constraint", Invalid "query.overflow" and "database.invalid_text" (NUL or not UTF-8).
  // `each` may run other statements. PostgreSQL holds the whole result in memory meanwhile: page
  // large tables by key. One statement per call; the port alone controls transactions.
  virtual void query(std::string_view sql, std::span<const Value> parameters,
                     const RowFunction& each) = 0;
  // Several statements, one after the other; on PostgreSQL they travel together. The rows of all
  // are there before the first `each` is called there, so none may depend on another's.
  virtual void query_all(std::span<const Question> questions);
  // The same as query() for what a transaction asks again and again (who somebody is, which rules
  // hold): the rows of the first time are kept until a statement of this transaction changes one of
  // the tables, takes a lock or goes back to a savepoint. `each` gets them after the statement has
  // ended.
  virtual void query_remembered(std::string_view sql, std::span<const Value> parameters,
                                const RowFunction& each) {
    query(sql, parameters, each);
  }
  // From now on a statement of this transaction that runs longer than this throws Limit
  // "query.too_expensive". 0 removes the budget.
  virtual void set_budget(std::int64_t milliseconds) = 0;

  // Conveniences on top of query().
  std::vector<Values> rows(std::string_view sql, std::span<const Value> parameters = {});
  // First column of the first row; null without rows.
  Value scalar(std::string_view sql, std::span<const Value> parameters = {});
  bool exists(std::string_view sql, std::span<const Value> parameters = {});
};

class Writer : public Reader {
 public:
  // Returns the number of affected rows.
  virtual std::int64_t execute(std::string_view sql, std::span<const Value> parameters = {}) = 0;
  // Inserts a row of all columns, at the latest before a statement that names the table runs, an
  // attempt() begins or ends, or the transaction commits: the rows of a table go in together. What
  // the database says against the row is thrown then; what is no text is thrown here.
  virtual void insert_later(const std::shared_ptr<const RowInsert>& insert, Values row) = 0;
  // Statements and rows that changed something so far.
  virtual std::uint64_t changes() const = 0;
  // Serialises all transactions that lock the same (kind, key) until commit. Mandatory for every
  // cross-row rule (capacity, quota, pool xor owner, sums). A no-op on SQLite, where writes are
  // serial; an advisory transaction lock on PostgreSQL. Take several locks in sorted order.
  virtual void lock(std::string_view kind, std::string_view key) = 0;
  // Several of one kind at once, in an order that is the same for everybody.
  virtual void lock_all(std::string_view kind, std::span<const std::string> keys) = 0;
  // Runs fn in a savepoint; if it throws, the savepoint is rolled back and the exception goes on.
  virtual void attempt(const std::function<void()>& fn) = 0;
};

// Interactive closures go first; bulk closures (imports, jobs) must take at most about 20 ms each.
enum class Lane { Interactive, Bulk };

struct Statistics {
  std::int64_t commits = 0;         // durable commits (fsync groups on SQLite)
  std::int64_t write_closures = 0;  // closures that were committed
  std::int64_t reads = 0;
  std::int64_t retries = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  virtual const Dialect& dialect() const = 0;
  virtual void read(const std::function<void(Reader&)>& fn) = 0;
  virtual void write(const std::function<void(Writer&)>& fn, Lane lane = Lane::Interactive) = 0;
  // Runs DDL scripts outside the ordinary path (schema lane): one transaction, cached statements
  // dropped afterwards.
  virtual void migrate(const std::function<void(Writer&)>& fn) = 0;
  // Runs fn unless another process of this database is inside with the same name; says whether it
  // ran. fn may read and write as usual. A process that loses its connection meanwhile also loses
  // the exclusiveness: what must never happen twice is also guarded by its rows. With SQLite one
  // process owns the file and fn always runs.
  virtual bool exclusively(std::string_view name, const std::function<void()>& fn) = 0;
  // Consistent copy of a SQLite database while running (VACUUM INTO or the backup interface). Not
  // for PostgreSQL, where backups read all tables inside one read() snapshot.
  virtual void copy_to(const std::string& file) = 0;
  virtual Statistics statistics() const = 0;
  // Empty when sound, else one sentence a person can act on.
  virtual std::string check() = 0;
  virtual bool is_postgres() const = 0;
  // Refuses new work (Unavailable "database.closing"), finishes what is queued or running, then
  // closes. May be called again; the destructor does it too, but by then no other thread may be
  // inside any member.
  virtual void close() = 0;
};

struct SqliteOptions {
  std::string file;
  int readers = 8;
  int writer_cache_kib = 64 * 1024;
  int reader_cache_kib = 16 * 1024;  // each
};
struct PostgresOptions {
  std::string url;  // postgres://user:password@host/database
  int connections = 16;
};
// Throw Error Unavailable "database.cannot_open" {reason} when the database cannot be used.
std::unique_ptr<Database> open_sqlite(const SqliteOptions& options);
std::unique_ptr<Database> open_postgres(const PostgresOptions& options);

}  // namespace kehai::db
