// Gathers what SQLite writes to its log into large writes.
//
// For every page of a commit SQLite writes a header of 24 bytes and the page behind it: two calls
// and three touched pages of the file. Gathered, a page costs a sixteenth of a call and one touched
// page. What is gathered is written before the log is synced, read, measured, cut or closed; with
// synchronous=FULL nobody else is told of a page before the sync.
#pragma once

#include <string>

#include "db/sqlite/vfs_layer.h"

namespace kehai::db::sqlite {

class LogLayer final : public VfsLayer {
 public:
  explicit LogLayer(const std::string& below) : VfsLayer("log", below) {}

 protected:
  void opened(LayerFile& file, int flags) override;
};

}  // namespace kehai::db::sqlite
