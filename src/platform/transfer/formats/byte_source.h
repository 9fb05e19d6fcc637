// Random-access bytes: a file on disk or a string in memory. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace kehai::platform {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  // Reads up to `count` bytes at `offset`; fewer only at the end. Throws Error
  // "import.file_unreadable".
  virtual std::size_t read(std::uint64_t offset, char* out, std::size_t count) = 0;
  // The first `count` bytes or fewer.
  std::string head(std::size_t count);
};

std::unique_ptr<ByteSource> open_byte_file(const std::filesystem::path& path);
std::unique_ptr<ByteSource> make_byte_source(std::string bytes);

}  // namespace kehai::platform
