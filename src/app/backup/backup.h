// Backup and restore of a whole company: one archive, portable between the two databases, taken
// while the server runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/application.h"

namespace kehai::app {

struct BackupResult {
  std::int64_t rows = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;  // of the archive
};

// All tables of one moment, then the files. Throws Conflict "backup.file_exists", Unavailable
// "backup.no_database", "backup.other_version" (the server has not yet upgraded this database),
// "backup.cannot_write"; leaves no half archive.
BackupResult back_up(const Options& options, const std::string& archive);

// An upgrade must not strand anybody: the state before it is kept in the data folder, as a copy of
// the embedded database (put it back as kehai.db) or as an archive of the tables as the older
// program left them (which that program restores). Throws like back_up().
void back_up_before_upgrade(const Options& options, db::Database& database, base::Instant now);

// What a backup to this file leaves when its process is told to stop.
void remove_unfinished_backup(const std::string& archive);

// Into an empty folder and an empty database.
class Restorer {
 public:
  Restorer(Options target, std::string archive);
  ~Restorer();
  Restorer(const Restorer&) = delete;
  Restorer& operator=(const Restorer&) = delete;
  // Verifies first; on any error nothing is left. Throws Conflict "restore.not_empty", what
  // verify_archive() throws, Unavailable "restore.newer_version", "engine.stopping" after stop().
  BackupResult run();
  // From another thread: run() ends soon and leaves nothing; waits for that, but no longer than a
  // person would.
  void stop();

 private:
  class Work;
  std::unique_ptr<Work> work_;
};
BackupResult restore(const Options& options, const std::string& archive);

}  // namespace kehai::app
