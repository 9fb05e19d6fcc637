#include "db/sqlite/failing_vfs.h"

namespace kehai::db::sqlite {

namespace {

FailingVfs& self(sqlite3_file* file) {
  return *static_cast<FailingVfs*>(LayerFile::of(file).state);
}

}  // namespace

int FailingVfs::write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  FailingVfs& layer = self(file);
  ++layer.writes_;
  if (layer.writes_fail_) return SQLITE_IOERR_WRITE;
  if (layer.full_) return SQLITE_FULL;
  return passing().xWrite(file, data, size, offset);
}

int FailingVfs::sync(sqlite3_file* file, int flags) {
  FailingVfs& layer = self(file);
  ++layer.syncs_;
  if (layer.syncs_fail_) return SQLITE_IOERR_FSYNC;
  return passing().xSync(file, flags);
}

void FailingVfs::opened(LayerFile& file, int /*flags*/) {
  static const sqlite3_io_methods methods = [] {
    sqlite3_io_methods own = passing();
    own.xWrite = write;
    own.xSync = sync;
    return own;
  }();
  file.state = this;
  file.base.pMethods = &methods;
}

}  // namespace kehai::db::sqlite
