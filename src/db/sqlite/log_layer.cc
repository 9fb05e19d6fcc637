#include "db/sqlite/log_layer.h"

#include <array>
#include <cstring>

namespace kehai::db::sqlite {

namespace {

// SQLite cuts what it hands to the kernel at 128 KiB.
constexpr std::size_t kGathered = 64 * 1024;

// Bytes that belong at `begin` of the log and are not there yet.
struct Gathered {
  std::array<char, kGathered> bytes;
  std::size_t size = 0;
  sqlite3_int64 begin = 0;
};

Gathered& gathered(sqlite3_file* file) {
  return *static_cast<Gathered*>(LayerFile::of(file).state);
}

// When it fails nothing stays gathered: SQLite takes the transaction back, and writes these places
// again with the next one.
int write_gathered(sqlite3_file* file) {
  Gathered& waiting = gathered(file);
  if (waiting.size == 0) return SQLITE_OK;
  const int size = static_cast<int>(waiting.size);
  waiting.size = 0;
  return below(file)->pMethods->xWrite(below(file), waiting.bytes.data(), size, waiting.begin);
}

int log_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  Gathered& waiting = gathered(file);
  const auto count = static_cast<std::size_t>(size);
  const bool follows = offset == waiting.begin + static_cast<sqlite3_int64>(waiting.size);
  if (!follows || waiting.size + count > kGathered) {
    const int code = write_gathered(file);
    if (code != SQLITE_OK) return code;
  }
  if (count > kGathered) return below(file)->pMethods->xWrite(below(file), data, size, offset);
  if (waiting.size == 0) waiting.begin = offset;
  std::memcpy(waiting.bytes.data() + waiting.size, data, count);
  waiting.size += count;
  return SQLITE_OK;
}

// Whatever else is done to the file finds everything written.
template <auto Function, typename... Arguments>
int when_written(sqlite3_file* file, Arguments... arguments) {
  const int code = write_gathered(file);
  if (code != SQLITE_OK) return code;
  return (below(file)->pMethods->*Function)(below(file), arguments...);
}

int log_close(sqlite3_file* file) {
  const int written = write_gathered(file);
  delete &gathered(file);
  const int closed = below(file)->pMethods->xClose(below(file));
  return written != SQLITE_OK ? written : closed;
}

}  // namespace

void LogLayer::opened(LayerFile& file, int flags) {
  if ((flags & SQLITE_OPEN_WAL) == 0) return;
  static const sqlite3_io_methods methods = [] {
    sqlite3_io_methods own = passing();
    own.xClose = log_close;
    own.xWrite = log_write;
    own.xRead = when_written<&sqlite3_io_methods::xRead>;
    own.xTruncate = when_written<&sqlite3_io_methods::xTruncate>;
    own.xSync = when_written<&sqlite3_io_methods::xSync>;
    own.xFileSize = when_written<&sqlite3_io_methods::xFileSize>;
    return own;
  }();
  file.state = new Gathered;
  file.base.pMethods = &methods;
}

}  // namespace kehai::db::sqlite
