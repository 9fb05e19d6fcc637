// A layer of SQLite's file system interface over another one: passes everything on, except what a
// subclass takes over file by file. Only connections opened with its name go through it.
//
// Registered from construction to destruction (close the connections before). The functions of a
// file are called by the thread of its connection, open by any.
#pragma once

#include <sqlite3.h>

#include <string>

namespace kehai::db::sqlite {

// A file of a layer; that of the layer below follows it in the same memory.
struct LayerFile {
  sqlite3_file base;
  void* state;  // the subclass's

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  static LayerFile& of(sqlite3_file* file) { return *reinterpret_cast<LayerFile*>(file); }
};

inline sqlite3_file* below(sqlite3_file* file) {
  return LayerFile::of(file).below();
}

class VfsLayer {
 public:
  // `kind` begins its name, a number makes it its own. `below` names the layer below, "" the
  // default one.
  VfsLayer(const std::string& kind, const std::string& below);
  virtual ~VfsLayer();
  VfsLayer(const VfsLayer&) = delete;
  VfsLayer& operator=(const VfsLayer&) = delete;

  const std::string& name() const { return name_; }

 protected:
  // Functions that only pass on: what a subclass begins its own list with.
  static const sqlite3_io_methods& passing();
  // A file stands open: gives it other functions and a state, or leaves it as it is. `flags` are
  // those of SQLite's xOpen.
  virtual void opened(LayerFile& file, int flags) = 0;

 private:
  static VfsLayer& of(sqlite3_vfs* vfs) { return *static_cast<VfsLayer*>(vfs->pAppData); }
  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* given);
  static int remove(sqlite3_vfs* vfs, const char* path, int sync);
  static int access(sqlite3_vfs* vfs, const char* path, int flags, int* out);
  static int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out);

  std::string name_;
  sqlite3_vfs* below_;
  sqlite3_vfs vfs_;
};

}  // namespace kehai::db::sqlite
