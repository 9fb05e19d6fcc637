// The folder of one company: made for its owner only, and owned by one process while the database
// lies inside.
#pragma once

#include <string>

namespace kehai::app {

// Makes <directory>/files. Throws Unavailable "data.cannot_create" and "data.not_writable"
// {directory, reason}.
void prepare_data_folder(const std::string& directory);

// Held for the object's life; the system releases it also when the process dies.
class FolderLock {
 public:
  FolderLock() = default;
  // Throws Unavailable "data.in_use" {directory, process}, "data.not_writable".
  explicit FolderLock(const std::string& directory);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace kehai::app
