// Uploaded files in the data folder, named by their content (SHA-256): the same file twice is one
// file.
//
// A file appears under its name only when it is complete. Safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace kehai::platform {

// Hands out the content in pieces, in order.
using ByteBlock = std::function<void(std::string_view)>;
using ByteProducer = std::function<void(const ByteBlock&)>;

ByteProducer bytes_of(std::string content);
ByteProducer bytes_of_file(std::filesystem::path path);

class UploadStore {
 public:
  explicit UploadStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  struct Stored {
    std::string hash;
    std::int64_t size = 0;
  };
  // Throws TooLarge "import.file_too_large" {limit} above `limit` bytes, Unavailable
  // "import.not_stored" {reason}.
  Stored put(const ByteProducer& produce, std::uint64_t limit) const;
  std::filesystem::path path(const std::string& hash) const;
  void remove(const std::string& hash) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace kehai::platform
