// A file system layer for tests that fails on demand and counts.
#pragma once

#include <atomic>

#include "db/sqlite/vfs_layer.h"

namespace kehai::db::sqlite {

class FailingVfs final : public VfsLayer {
 public:
  FailingVfs() : VfsLayer("failing", {}) {}

  void fail_syncs(bool on) { syncs_fail_ = on; }
  void fail_writes(bool on) { writes_fail_ = on; }
  void fill_disk(bool on) { full_ = on; }  // writes answer "no space left"
  int syncs() const { return syncs_; }
  int writes() const { return writes_; }

 protected:
  void opened(LayerFile& file, int flags) override;

 private:
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset);
  static int sync(sqlite3_file* file, int flags);

  std::atomic<bool> syncs_fail_{false};
  std::atomic<bool> writes_fail_{false};
  std::atomic<bool> full_{false};
  std::atomic<int> syncs_{0};
  std::atomic<int> writes_{0};
};

}  // namespace kehai::db::sqlite
