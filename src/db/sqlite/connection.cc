#include "db/sqlite/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "db/sqlite/errors.h"
#include "db/sqlite/functions.h"
#include "db/sqlite/log_layer.h"
#include "db/statement_text.h"

// Older versions lose data when two connections write or checkpoint a log at once.
static_assert(SQLITE_VERSION_NUMBER >= 3051003);

namespace kehai::db::sqlite {
namespace {

constexpr int kBusyMilliseconds = 5000;
constexpr int kProgressSteps = 2000;  // virtual machine steps between two looks at the clock
constexpr int kLookasideSize = 1200;
constexpr int kLookasideCount = 100;

// SQLite gives the log files the mode of the database file, so only this one needs care.
void create_for_owner_only(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    throw base::Error(base::ErrorKind::Unavailable, "database.io_error", {},
                      file + ": " + std::strerror(errno));
  }
  ::close(descriptor);
}

}  // namespace

StatementLease::StatementLease(StatementLease&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      facts_(std::move(other.facts_)),
      busy_(other.busy_) {}

StatementLease::~StatementLease() {
  if (statement_ == nullptr) return;
  if (busy_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);  // bound texts belong to the caller
  *busy_ = false;
}

Connection::Connection(const ConnectionOptions& options) {
  std::string vfs = options.vfs;
  if (options.role == Role::Writer) {
    create_for_owner_only(options.file);
    log_layer_ = std::make_unique<LogLayer>(options.vfs);
    vfs = log_layer_->name();
  }
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code =
      sqlite3_open_v2(options.file.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str());
  try {
    if (code != SQLITE_OK) throw make_error(handle_, code, "open");
    configure(options);
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

Connection::~Connection() {
  drop_statements();
  for (const auto& [sql, statement] : controls_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

void Connection::configure(const ConnectionOptions& options) {
  register_functions(handle_);
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_LOOKASIDE, nullptr, kLookasideSize, kLookasideCount);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // A prepared statement keeps its plan; without this it is prepared anew for every other value
  // that the statistics could say something about.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
  const bool writer = options.role == Role::Writer;
  // The writer alone checkpoints, also at the end.
  if (!writer) forbid_checkpoint_on_close();
  const std::string pragmas[] = {
      "PRAGMA mmap_size=0",
      // The log must be durable before a write is acknowledged.
      "PRAGMA synchronous=FULL",
      "PRAGMA wal_autocheckpoint=0",
      "PRAGMA cache_size=-" + std::to_string(options.cache_kib),
      writer ? "PRAGMA journal_mode=WAL" : "PRAGMA query_only=1",
      writer ? "PRAGMA journal_size_limit=67108864" : "",
  };
  for (const std::string& pragma : pragmas) {
    if (pragma.empty()) continue;
    const int code = control(pragma.c_str());
    if (code != SQLITE_OK) throw make_error(handle_, code, pragma);
  }
  // Reads the first page, so a file that is no database is found here.
  const int code = control("SELECT count(*) FROM sqlite_schema");
  if (code != SQLITE_OK) throw make_error(handle_, code, "open");
  if (writer) sqlite3_wal_hook(handle_, on_commit_to_log, this);
}

int Connection::control(const char* sql) {
  return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
}

void Connection::keep_undo_in_memory(bool in_memory) {
  if (in_memory == undo_in_memory_) return;
  const int code = control(in_memory ? "PRAGMA temp_store=MEMORY" : "PRAGMA temp_store=FILE");
  if (code == SQLITE_OK) undo_in_memory_ = in_memory;
}

int Connection::control_often(const char* sql) {
  sqlite3_stmt*& statement = controls_[sql];
  if (statement == nullptr) {
    const int prepared =
        sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (prepared != SQLITE_OK) return prepared;
  }
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

sqlite3_stmt* Connection::compile(std::string_view sql) {
  refuse_transaction_control(sql);
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  if (code != SQLITE_OK) throw make_error(handle_, code, sql);
  const std::string_view rest(tail, static_cast<std::size_t>(sql.data() + sql.size() - tail));
  if (statement == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement);
    throw base::Error(base::ErrorKind::Internal, "database.sql_error", {},
                      "expected exactly one statement: " + std::string(sql));
  }
  return statement;
}

StatementLease Connection::prepare(std::string_view sql) {
  if (const auto found = by_text_.find(sql); found != by_text_.end()) {
    Entry& entry = *found->second;
    if (entry.busy) return StatementLease(compile(sql), entry.facts, nullptr);
    entries_.splice(entries_.begin(), entries_, found->second);
    entry.busy = true;
    return StatementLease(entry.statement, entry.facts, &entry.busy);
  }
  sqlite3_stmt* statement = compile(sql);
  entries_.push_front(
      Entry{std::string(sql), statement, std::make_shared<const StatementFacts>(sql), true});
  Entry& entry = entries_.front();
  by_text_.emplace(entry.text, entries_.begin());
  evict();
  return StatementLease(statement, entry.facts, &entry.busy);
}

void Connection::evict() {
  auto oldest = entries_.end();
  while (by_text_.size() > kCacheSize && oldest != entries_.begin()) {
    --oldest;
    if (oldest->busy) continue;
    sqlite3_finalize(oldest->statement);
    by_text_.erase(oldest->text);
    oldest = entries_.erase(oldest);
  }
}

void Connection::drop_statements() {
  for (Entry& entry : entries_) sqlite3_finalize(entry.statement);
  by_text_.clear();
  entries_.clear();
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

void Connection::enable_deadline(bool on) {
  sqlite3_progress_handler(handle_, on ? kProgressSteps : 0, on ? on_progress : nullptr, this);
}

int Connection::on_progress(void* self) {
  return std::chrono::steady_clock::now() >= static_cast<Connection*>(self)->deadline_ ? 1 : 0;
}

int Connection::on_commit_to_log(void* self, sqlite3*, const char*, int frames) {
  static_cast<Connection*>(self)->log_frames_ = frames;
  return SQLITE_OK;
}

void Connection::forbid_checkpoint_on_close() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

}  // namespace kehai::db::sqlite
