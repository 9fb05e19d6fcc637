#include "db/sqlite/failing_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>

namespace kehai::db::sqlite {

struct FailingVfs::State {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::string name;
  std::atomic<bool> syncs_fail{false};
  std::atomic<bool> writes_fail{false};
  std::atomic<bool> full{false};
  std::atomic<int> syncs{0};
  std::atomic<int> writes{0};
};

namespace {

// The real file follows this header in the same memory.
struct File {
  sqlite3_file base;
  FailingVfs::State* state;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* self(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return self(file)->real();
}

int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  FailingVfs::State& state = *self(file)->state;
  ++state.writes;
  if (state.writes_fail) return SQLITE_IOERR_WRITE;
  if (state.full) return SQLITE_FULL;
  return real(file)->pMethods->xWrite(real(file), data, size, offset);
}

int file_sync(sqlite3_file* file, int flags) {
  FailingVfs::State& state = *self(file)->state;
  ++state.syncs;
  if (state.syncs_fail) return SQLITE_IOERR_FSYNC;
  return real(file)->pMethods->xSync(real(file), flags);
}

// The rest only passes on.
int file_close(sqlite3_file* f) {
  return real(f)->pMethods->xClose(real(f));
}
int file_read(sqlite3_file* f, void* data, int size, sqlite3_int64 offset) {
  return real(f)->pMethods->xRead(real(f), data, size, offset);
}
int file_truncate(sqlite3_file* f, sqlite3_int64 size) {
  return real(f)->pMethods->xTruncate(real(f), size);
}
int file_size(sqlite3_file* f, sqlite3_int64* size) {
  return real(f)->pMethods->xFileSize(real(f), size);
}
int file_lock(sqlite3_file* f, int level) {
  return real(f)->pMethods->xLock(real(f), level);
}
int file_unlock(sqlite3_file* f, int level) {
  return real(f)->pMethods->xUnlock(real(f), level);
}
int file_check_lock(sqlite3_file* f, int* out) {
  return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
int file_control(sqlite3_file* f, int code, void* argument) {
  return real(f)->pMethods->xFileControl(real(f), code, argument);
}
int file_sector(sqlite3_file* f) {
  return real(f)->pMethods->xSectorSize(real(f));
}
int file_traits(sqlite3_file* f) {
  return real(f)->pMethods->xDeviceCharacteristics(real(f));
}
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int offset, int count, int flags) {
  return real(f)->pMethods->xShmLock(real(f), offset, count, flags);
}
void shm_barrier(sqlite3_file* f) {
  real(f)->pMethods->xShmBarrier(real(f));
}
int shm_unmap(sqlite3_file* f, int remove) {
  return real(f)->pMethods->xShmUnmap(real(f), remove);
}

const sqlite3_io_methods kMethods = {
    2,         file_close,  file_read,       file_write,   file_truncate, file_sync,   file_size,
    file_lock, file_unlock, file_check_lock, file_control, file_sector,   file_traits, shm_map,
    shm_lock,  shm_barrier, shm_unmap,       nullptr,      nullptr};

FailingVfs::State* state_of(sqlite3_vfs* vfs) {
  return static_cast<FailingVfs::State*>(vfs->pAppData);
}

int vfs_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  File* opened = new (file) File{};
  opened->state = state_of(vfs);
  sqlite3_vfs* below = opened->state->real;
  const int code = below->xOpen(below, path, opened->real(), flags, out_flags);
  if (opened->real()->pMethods != nullptr) opened->base.pMethods = &kMethods;
  return code;
}

int vfs_delete(sqlite3_vfs* vfs, const char* path, int sync) {
  return state_of(vfs)->real->xDelete(state_of(vfs)->real, path, sync);
}
int vfs_access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  return state_of(vfs)->real->xAccess(state_of(vfs)->real, path, flags, out);
}
int vfs_full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return state_of(vfs)->real->xFullPathname(state_of(vfs)->real, path, size, out);
}

}  // namespace

FailingVfs::FailingVfs() : state_(std::make_unique<State>()) {
  static std::atomic<int> count{0};
  state_->name = "failing" + std::to_string(++count);
  state_->real = sqlite3_vfs_find(nullptr);
  state_->vfs = *state_->real;  // randomness, time and sleep stay the real ones
  state_->vfs.szOsFile = static_cast<int>(sizeof(File)) + state_->real->szOsFile;
  state_->vfs.pNext = nullptr;
  state_->vfs.zName = state_->name.c_str();
  state_->vfs.pAppData = state_.get();
  state_->vfs.xOpen = vfs_open;
  state_->vfs.xDelete = vfs_delete;
  state_->vfs.xAccess = vfs_access;
  state_->vfs.xFullPathname = vfs_full_path;
  sqlite3_vfs_register(&state_->vfs, 0);
}

FailingVfs::~FailingVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& FailingVfs::name() const {
  return state_->name;
}
void FailingVfs::fail_syncs(bool on) {
  state_->syncs_fail = on;
}
void FailingVfs::fail_writes(bool on) {
  state_->writes_fail = on;
}
void FailingVfs::fill_disk(bool on) {
  state_->full = on;
}
int FailingVfs::syncs() const {
  return state_->syncs;
}
int FailingVfs::writes() const {
  return state_->writes;
}

}  // namespace kehai::db::sqlite
