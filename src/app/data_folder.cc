#include "app/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace kehai::app {

namespace fs = std::filesystem;

namespace {

base::Error folder_error(const char* code, const std::string& directory, int reason) {
  return base::Error(
      base::ErrorKind::Unavailable, code,
      {{"directory", directory}, {"reason", std::system_category().message(reason)}});
}

}  // namespace

void prepare_data_folder(const std::string& directory) {
  std::error_code code;
  const bool is_new = !fs::exists(directory, code);
  fs::create_directories(fs::path(directory) / "files", code);
  if (code) throw folder_error("data.cannot_create", directory, code.value());
  // What is inside is nobody else's business.
  if (is_new) fs::permissions(directory, fs::perms::owner_all, code);
  if (::access(directory.c_str(), W_OK) != 0)
    throw folder_error("data.not_writable", directory, errno);
}

FolderLock::FolderLock(const std::string& directory) {
  const std::string file = (fs::path(directory) / "lock").string();
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw folder_error("data.not_writable", directory, errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    char process[32] = {};
    const ssize_t size = ::pread(descriptor_, process, sizeof process - 1, 0);
    ::close(std::exchange(descriptor_, -1));
    const std::string number(process, static_cast<std::size_t>(size > 0 ? size : 0));
    throw base::Error(base::ErrorKind::Unavailable, "data.in_use",
                      {{"directory", directory}, {"process", number}});
  }
  // Only for the sentence above; the lock itself does not depend on it.
  const std::string number = std::to_string(::getpid());
  if (::ftruncate(descriptor_, 0) == 0)
    (void)!::pwrite(descriptor_, number.data(), number.size(), 0);
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace kehai::app
