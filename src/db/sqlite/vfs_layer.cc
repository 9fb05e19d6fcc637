#include "db/sqlite/vfs_layer.h"

#include <atomic>
#include <new>

namespace kehai::db::sqlite {

namespace {

int pass_close(sqlite3_file* f) {
  return below(f)->pMethods->xClose(below(f));
}
int pass_read(sqlite3_file* f, void* data, int size, sqlite3_int64 offset) {
  return below(f)->pMethods->xRead(below(f), data, size, offset);
}
int pass_write(sqlite3_file* f, const void* data, int size, sqlite3_int64 offset) {
  return below(f)->pMethods->xWrite(below(f), data, size, offset);
}
int pass_truncate(sqlite3_file* f, sqlite3_int64 size) {
  return below(f)->pMethods->xTruncate(below(f), size);
}
int pass_sync(sqlite3_file* f, int flags) {
  return below(f)->pMethods->xSync(below(f), flags);
}
int pass_size(sqlite3_file* f, sqlite3_int64* size) {
  return below(f)->pMethods->xFileSize(below(f), size);
}
int pass_lock(sqlite3_file* f, int level) {
  return below(f)->pMethods->xLock(below(f), level);
}
int pass_unlock(sqlite3_file* f, int level) {
  return below(f)->pMethods->xUnlock(below(f), level);
}
int pass_check_lock(sqlite3_file* f, int* out) {
  return below(f)->pMethods->xCheckReservedLock(below(f), out);
}
int pass_control(sqlite3_file* f, int code, void* argument) {
  return below(f)->pMethods->xFileControl(below(f), code, argument);
}
int pass_sector(sqlite3_file* f) {
  return below(f)->pMethods->xSectorSize(below(f));
}
int pass_traits(sqlite3_file* f) {
  return below(f)->pMethods->xDeviceCharacteristics(below(f));
}
int pass_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return below(f)->pMethods->xShmMap(below(f), page, size, extend, out);
}
int pass_shm_lock(sqlite3_file* f, int offset, int count, int flags) {
  return below(f)->pMethods->xShmLock(below(f), offset, count, flags);
}
void pass_shm_barrier(sqlite3_file* f) {
  below(f)->pMethods->xShmBarrier(below(f));
}
int pass_shm_unmap(sqlite3_file* f, int remove) {
  return below(f)->pMethods->xShmUnmap(below(f), remove);
}

// Version 2: without the functions for files mapped into memory, which is off (connection.cc).
constexpr sqlite3_io_methods kPassing = {
    2,           pass_close,   pass_read,     pass_write,       pass_truncate,  pass_sync,
    pass_size,   pass_lock,    pass_unlock,   pass_check_lock,  pass_control,   pass_sector,
    pass_traits, pass_shm_map, pass_shm_lock, pass_shm_barrier, pass_shm_unmap, nullptr,
    nullptr};

}  // namespace

VfsLayer::VfsLayer(const std::string& kind, const std::string& below)
    : below_(sqlite3_vfs_find(below.empty() ? nullptr : below.c_str())) {
  static std::atomic<int> count{0};
  name_ = kind + std::to_string(++count);
  vfs_ = *below_;  // randomness, time and sleep stay those of the layer below
  vfs_.szOsFile = static_cast<int>(sizeof(LayerFile)) + below_->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  vfs_.xFullPathname = full_path;
  sqlite3_vfs_register(&vfs_, 0);
}

VfsLayer::~VfsLayer() {
  sqlite3_vfs_unregister(&vfs_);
}

const sqlite3_io_methods& VfsLayer::passing() {
  return kPassing;
}

int VfsLayer::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* given) {
  auto* layered = new (file) LayerFile{};
  sqlite3_vfs* below = of(vfs).below_;
  const int code = below->xOpen(below, path, layered->below(), flags, given);
  // Without functions SQLite does not close it.
  if (layered->below()->pMethods == nullptr) return code;
  layered->base.pMethods = &kPassing;
  of(vfs).opened(*layered, flags);
  return code;
}

int VfsLayer::remove(sqlite3_vfs* vfs, const char* path, int sync) {
  return of(vfs).below_->xDelete(of(vfs).below_, path, sync);
}

int VfsLayer::access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  return of(vfs).below_->xAccess(of(vfs).below_, path, flags, out);
}

int VfsLayer::full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return of(vfs).below_->xFullPathname(of(vfs).below_, path, size, out);
}

}  // namespace kehai::db::sqlite
