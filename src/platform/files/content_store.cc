#include "platform/files/content_store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace kehai::platform {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHashSize = 64;
constexpr std::string_view kLeaving = ".leaving";
constexpr std::string_view kDraft = "upload-";

base::Error not_stored(const std::string& code, int error) {
  const auto kind = error == ENOSPC || error == EDQUOT ? base::ErrorKind::StorageFull
                                                       : base::ErrorKind::Unavailable;
  return base::Error(kind, code, {{"reason", std::strerror(error)}});
}

timespec time_of(base::Instant instant) {
  return {instant / 1000, (instant % 1000) * 1'000'000};
}

// A mapping of a whole file for hashing.
std::optional<std::string> hash_of(int descriptor, std::uint64_t size) {
  if (size == 0) return base::sha256_hex("");
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (mapped == MAP_FAILED) return std::nullopt;
  std::string hex = base::sha256_hex({static_cast<const char*>(mapped), size});
  ::munmap(mapped, size);
  return hex;
}

// A file that vanishes unless it is kept.
class DraftFile {
 public:
  DraftFile(const std::string& folder, const std::string& code) : code_(code) {
    std::string pattern = folder + "/" + std::string(kDraft) + "XXXXXX";
    descriptor_ = mkostemp(pattern.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw not_stored(code_, errno);
    path_ = pattern;
  }
  ~DraftFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!kept_) ::unlink(path_.c_str());
  }
  DraftFile(const DraftFile&) = delete;
  DraftFile& operator=(const DraftFile&) = delete;

  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw not_stored(code_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  std::string hash(std::uint64_t size) const {
    auto hex = hash_of(descriptor_, size);
    if (!hex) throw not_stored(code_, errno);
    return std::move(*hex);
  }
  void keep_as(const std::string& path, base::Instant at) {
    const timespec times[2] = {time_of(at), time_of(at)};
    if ((at != 0 && ::futimens(descriptor_, times) != 0) || ::fsync(descriptor_) != 0 ||
        ::rename(path_.c_str(), path.c_str()) != 0)
      throw not_stored(code_, errno);
    kept_ = true;
  }

 private:
  const std::string& code_;
  int descriptor_ = -1;
  std::string path_;
  bool kept_ = false;
};

void make_folder(const fs::path& folder, const std::string& code) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw not_stored(code, error.value());
}

// The names in a folder are on the disk only after this.
void sync_folder(const fs::path& folder, const std::string& code) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!done) throw not_stored(code, reason);
}

bool is_older(const fs::path& path, base::Instant before) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  return status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000 < before;
}

// Somebody may put the content again just now. What was moved away and turns out to be new goes
// back; what was put after the move is not touched.
bool remove_old(const fs::path& path, base::Instant before) {
  fs::path away = path;
  away += kLeaving;
  if (::rename(path.c_str(), away.c_str()) != 0) return false;
  if (is_older(away, before)) return ::unlink(away.c_str()) == 0;
  ::rename(away.c_str(), path.c_str());
  return false;
}

}  // namespace

ByteProducer bytes_of(std::string content) {
  return [content = std::move(content)](const ByteBlock& block) { block(content); };
}

ContentStore::Stored ContentStore::put(const ByteProducer& produce, std::uint64_t limit,
                                       base::Instant at) const {
  make_folder(folder_, codes_.not_stored);
  DraftFile file(folder_, codes_.not_stored);
  std::uint64_t size = 0;
  produce([&](std::string_view bytes) {
    size += bytes.size();
    if (size > limit) {
      throw base::Error(base::ErrorKind::TooLarge, codes_.too_large,
                        {{"limit", std::to_string(limit)}});
    }
    file.append(bytes);
  });
  Stored stored{file.hash(size), static_cast<std::int64_t>(size)};
  const fs::path target = path(stored.hash);
  make_folder(target.parent_path(), codes_.not_stored);
  file.keep_as(target, at);
  sync_folder(target.parent_path(), codes_.not_stored);
  sync_folder(folder_, codes_.not_stored);
  return stored;
}

std::string ContentStore::path(const std::string& hash) const {
  return (fs::path(folder_) / hash.substr(0, 2) / hash).string();
}

bool ContentStore::has(const std::string& hash) const {
  return ::access(path(hash).c_str(), R_OK) == 0;
}

bool ContentStore::is_sound(const std::string& hash, std::int64_t size) const {
  const int descriptor = ::open(path(hash).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct stat status {};
  const bool same = ::fstat(descriptor, &status) == 0 && status.st_size == size &&
                    hash_of(descriptor, static_cast<std::uint64_t>(size)) == hash;
  ::close(descriptor);
  return same;
}

void ContentStore::remove(const std::string& hash) const {
  if (hash.empty()) return;
  ::unlink(path(hash).c_str());
}

std::int64_t ContentStore::remove_unwanted(
    base::Instant before, const std::function<bool(const std::string& hash)>& wanted) const {
  std::int64_t removed = 0;
  std::error_code code;
  std::vector<fs::path> old;
  for (const auto& folder : fs::directory_iterator(folder_, code)) {
    old.clear();
    if (!folder.is_directory(code)) {
      // A draft in the making is younger than this.
      if (folder.path().filename().string().starts_with(kDraft) && is_older(folder.path(), before))
        ::unlink(folder.path().c_str());
      continue;
    }
    for (const auto& entry : fs::directory_iterator(folder.path(), code)) {
      if (is_older(entry.path(), before)) old.push_back(entry.path());
    }
    for (auto path : old) {
      std::string hash = path.filename().string();
      if (hash.ends_with(kLeaving)) {  // a removal that was cut short
        hash.resize(hash.size() - kLeaving.size());
        const auto named = path.parent_path() / hash;
        if (::rename(path.c_str(), named.c_str()) != 0) continue;
        path = named;
      }
      if (hash.size() == kHashSize && !wanted(hash) && remove_old(path, before)) ++removed;
    }
  }
  return removed;
}

}  // namespace kehai::platform
