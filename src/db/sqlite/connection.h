// One SQLite connection with its cache of prepared statements. Used by one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "db/statement_text.h"

struct sqlite3;
struct sqlite3_stmt;

namespace kehai::db::sqlite {

enum class Role { Writer, Reader };

struct ConnectionOptions {
  std::string file;
  Role role = Role::Reader;
  int cache_kib = 0;
  std::string vfs{};  // "" = the system's; tests put a failing one here
};

class Connection;
class VfsLayer;

// A prepared statement in use. Resets it and hands it back to the cache when it goes.
class StatementLease {
 public:
  StatementLease(StatementLease&& other) noexcept;
  StatementLease& operator=(StatementLease&&) = delete;
  ~StatementLease();
  sqlite3_stmt* get() const { return statement_; }
  const std::shared_ptr<const StatementFacts>& facts() const { return facts_; }

 private:
  friend class Connection;
  StatementLease(sqlite3_stmt* statement, std::shared_ptr<const StatementFacts> facts, bool* busy)
      : statement_(statement), facts_(std::move(facts)), busy_(busy) {}
  sqlite3_stmt* statement_;
  std::shared_ptr<const StatementFacts> facts_;
  bool* busy_;  // flag of the cache entry; null: the statement is not cached
};

class Connection {
 public:
  // Opens (creating the file for its owner only) and sets the pragmas. Throws base::Error.
  explicit Connection(const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* handle() const { return handle_; }

  // Runs statements of the port itself; returns the result code.
  int control(const char* sql);
  // The same for one statement of a fixed few (BEGIN, SAVEPOINT, COMMIT …), which stays prepared.
  int control_often(const char* sql);

  // Prepares or takes from the cache (least recently used goes first beyond kCacheSize). The same
  // text may be leased twice at a time; the second is then not cached. Throws base::Error.
  StatementLease prepare(std::string_view sql);
  void drop_statements();
  std::size_t cached_statements() const { return by_text_.size(); }
  bool is_cached(std::string_view sql) const { return by_text_.contains(sql); }

  bool in_transaction() const;
  // Statements that run beyond it are interrupted; zero: none.
  void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  void enable_deadline(bool on);

  // Where the next transactions keep the pages to which their savepoints go back: in memory, as
  // much as they change, or beyond 64 KiB in a temporary file, which costs a write call for every
  // page (a quarter of the CPU of a create). Not within a transaction.
  void keep_undo_in_memory(bool in_memory);

  // After an input/output error: closing must not write any more.
  void forbid_checkpoint_on_close();
  // Frames in the write-ahead log after the last commit of this connection.
  int log_frames() const { return log_frames_; }
  void set_log_frames(int frames) { log_frames_ = frames; }

  static constexpr std::size_t kCacheSize = 256;

 private:
  struct Entry {
    std::string text;
    sqlite3_stmt* statement = nullptr;
    std::shared_ptr<const StatementFacts> facts;
    bool busy = false;
  };
  using Entries = std::list<Entry>;

  void configure(const ConnectionOptions& options);
  sqlite3_stmt* compile(std::string_view sql);
  void evict();
  static int on_progress(void* self);
  static int on_commit_to_log(void* self, sqlite3* connection, const char* name, int frames);

  std::unique_ptr<VfsLayer> log_layer_;  // of the writer
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string_view, sqlite3_stmt*> controls_;     // keys are literals
  Entries entries_;                                                  // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_text_;  // keys view into entries_
  std::chrono::steady_clock::time_point deadline_{};
  int log_frames_ = 0;
  bool undo_in_memory_ = false;
};

}  // namespace kehai::db::sqlite
