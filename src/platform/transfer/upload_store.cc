#include "platform/transfer/upload_store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace kehai::platform {

namespace {

base::Error not_stored(int error) {
  const auto kind = error == ENOSPC || error == EDQUOT ? base::ErrorKind::StorageFull
                                                       : base::ErrorKind::Unavailable;
  return base::Error(kind, "import.not_stored", {{"reason", std::strerror(error)}});
}

// A file that vanishes unless it is kept.
class DraftFile {
 public:
  explicit DraftFile(const std::filesystem::path& folder) {
    std::string pattern = (folder / "upload-XXXXXX").string();
    descriptor_ = mkostemp(pattern.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw not_stored(errno);
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
      if (written < 0) throw not_stored(errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  std::string hash(std::uint64_t size) const {
    if (size == 0) return base::sha256_hex("");
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (mapped == MAP_FAILED) throw not_stored(errno);
    std::string hex = base::sha256_hex({static_cast<const char*>(mapped), size});
    ::munmap(mapped, size);
    return hex;
  }
  void keep_as(const std::filesystem::path& path) {
    if (::fsync(descriptor_) != 0 || ::rename(path_.c_str(), path.c_str()) != 0)
      throw not_stored(errno);
    kept_ = true;
  }

 private:
  int descriptor_ = -1;
  std::filesystem::path path_;
  bool kept_ = false;
};

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw not_stored(error.value());
}

}  // namespace

ByteProducer bytes_of(std::string content) {
  return [content = std::move(content)](const ByteBlock& block) { block(content); };
}

ByteProducer bytes_of_file(std::filesystem::path path) {
  return [path = std::move(path)](const ByteBlock& block) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      throw base::Error(base::ErrorKind::Invalid, "import.file_unreadable",
                        {{"reason", std::strerror(errno)}});
    }
    std::vector<char> buffer(1 << 16);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
           file.gcount() > 0) {
      block({buffer.data(), static_cast<std::size_t>(file.gcount())});
    }
  };
}

UploadStore::Stored UploadStore::put(const ByteProducer& produce, std::uint64_t limit) const {
  make_folder(folder_);
  DraftFile file(folder_);
  std::uint64_t size = 0;
  produce([&](std::string_view bytes) {
    size += bytes.size();
    if (size > limit) {
      throw base::Error(base::ErrorKind::TooLarge, "import.file_too_large",
                        {{"limit", std::to_string(limit)}});
    }
    file.append(bytes);
  });
  Stored stored{file.hash(size), static_cast<std::int64_t>(size)};
  const auto target = path(stored.hash);
  make_folder(target.parent_path());
  file.keep_as(target);
  return stored;
}

std::filesystem::path UploadStore::path(const std::string& hash) const {
  return folder_ / hash.substr(0, 2) / hash;
}

void UploadStore::remove(const std::string& hash) const {
  if (hash.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(path(hash), ignored);
}

}  // namespace kehai::platform
