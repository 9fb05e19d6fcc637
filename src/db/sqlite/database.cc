#include "db/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "db/bulk.h"
#include "db/dialect.h"
#include "db/reentry.h"
#include "db/sqlite/errors.h"
#include "db/sqlite/file_reader.h"
#include "db/sqlite/transaction.h"

namespace kehai::db::sqlite {
namespace {

using base::Error;
using base::ErrorKind;

constexpr int kToolCacheKib = 2048;

void sync_path(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool good = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!good) {
    throw Error(ErrorKind::Unavailable, "database.io_error", {},
                path + ": " + std::strerror(reason));
  }
}

void vacuum_into(const std::string& from, const std::string& to) {
  // query_only would refuse VACUUM INTO, although it only reads.
  Connection connection(
      {.file = from, .role = Role::Reader, .cache_kib = kToolCacheKib, .vfs = {}});
  connection.control("PRAGMA query_only=0");
  const StatementLease statement = connection.prepare("VACUUM INTO ?");
  sqlite3_bind_text(statement.get(), 1, to.c_str(), -1, SQLITE_STATIC);
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_DONE) throw make_error(connection.handle(), code, "VACUUM INTO");
}

}  // namespace

SqliteDatabase::SqliteDatabase(const SqliteOptions& options, const std::string& writer_vfs)
    : file_(options.file),
      writer_({.file = options.file,
               .role = Role::Writer,
               .cache_kib = options.writer_cache_kib,
               .vfs = writer_vfs}),
      readers_({.file = options.file,
                .role = Role::Reader,
                .cache_kib = options.reader_cache_kib,
                .vfs = {}},
               options.readers) {}

SqliteDatabase::~SqliteDatabase() {
  close();
}

const Dialect& SqliteDatabase::dialect() const {
  return sqlite_dialect();
}

void SqliteDatabase::read(const std::function<void(Reader&)>& fn) {
  const Reentry guard(this);
  ++reads_;
  readers_.run(fn);
}

void SqliteDatabase::write(const std::function<void(Writer&)>& fn, Lane lane) {
  Reentry::refuse(this);
  writer_.run(this, fn, lane);
}

void SqliteDatabase::migrate(const std::function<void(Writer&)>& fn) {
  Reentry::refuse(this);
  writer_.run_alone(this, fn, [this] { readers_.drop_statements(); });
}

bool SqliteDatabase::exclusively(std::string_view, const std::function<void()>& fn) {
  fn();
  return true;
}

void SqliteDatabase::copy_to(const std::string& file) {
  Reentry::refuse(this);
  copy_sqlite(file_, file);
}

Statistics SqliteDatabase::statistics() const {
  const WriterThread::Counters& counters = writer_.counters();
  return {.commits = counters.commits,
          .write_closures = counters.closures,
          .reads = reads_,
          .retries = counters.reruns};
}

std::string SqliteDatabase::check() {
  const std::string stopped = writer_.failure();
  if (!stopped.empty()) {
    return "The database takes no more writes after a disk error; check the disk and its free "
           "space, then restart: " +
           stopped;
  }
  // On a connection of its own: FTS5 judges by the structure that a connection saw first, and calls
  // what others have changed since corrupt.
  try {
    return FileReader(file_).check();
  } catch (const Error& error) {
    return sentence_of(error.code() + ": " + error.detail());
  }
}

void SqliteDatabase::close() {
  // Readers first: the last checkpoint can then empty the log.
  readers_.close();
  writer_.close();
}

}  // namespace kehai::db::sqlite

namespace kehai::db {

void copy_sqlite(const std::string& from, const std::string& file) {
  const std::string unfinished = file + ".part";
  std::remove(unfinished.c_str());
  try {
    sqlite::vacuum_into(from, unfinished);
    sqlite::sync_path(unfinished);
    if (std::rename(unfinished.c_str(), file.c_str()) != 0) {
      throw base::Error(base::ErrorKind::Unavailable, "database.io_error", {},
                        file + ": " + std::strerror(errno));
    }
    const std::string folder = std::filesystem::path(file).parent_path().string();
    sqlite::sync_path(folder.empty() ? "." : folder);
  } catch (...) {
    std::remove(unfinished.c_str());
    throw;
  }
}

std::unique_ptr<Database> open_sqlite(const SqliteOptions& options) {
  try {
    return std::make_unique<sqlite::SqliteDatabase>(options);
  } catch (const base::Error& error) {
    throw base::Error(base::ErrorKind::Unavailable, "database.cannot_open",
                      {{"reason", error.code()}}, options.file + ": " + error.detail());
  }
}

}  // namespace kehai::db
