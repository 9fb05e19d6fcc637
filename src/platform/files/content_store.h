// Contents in a folder, named by what they are (SHA-256): the same content twice is one file.
//
// A content appears under its name only when it is complete and on the disk, its name as well, so
// that a row that names it can be written afterwards. Safe from any thread and, in a shared folder,
// from several processes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace kehai::platform {

// Hands out the content in pieces, in order.
using ByteBlock = std::function<void(std::string_view)>;
using ByteProducer = std::function<void(const ByteBlock&)>;

ByteProducer bytes_of(std::string content);

class ContentStore {
 public:
  // What the errors are called: TooLarge {limit} and Unavailable or StorageFull {reason}.
  struct Codes {
    std::string too_large;
    std::string not_stored;
  };
  ContentStore(std::string folder, Codes codes)
      : folder_(std::move(folder)), codes_(std::move(codes)) {}

  struct Stored {
    std::string hash;
    std::int64_t size = 0;
  };
  // Throws the codes; what is already there becomes new again (`at`: when that is, 0 = now).
  Stored put(const ByteProducer& produce, std::uint64_t limit, base::Instant at = 0) const;
  std::string path(const std::string& hash) const;
  bool has(const std::string& hash) const;
  // Whether the content is there and is what its name says.
  bool is_sound(const std::string& hash, std::int64_t size) const;
  void remove(const std::string& hash) const;
  // Removes what was put before `before` and is not `wanted`, and the drafts of writers that died.
  // A content that is put again meanwhile stays. Returns how many contents went.
  std::int64_t remove_unwanted(base::Instant before,
                               const std::function<bool(const std::string& hash)>& wanted) const;

 private:
  std::string folder_;
  Codes codes_;
};

}  // namespace kehai::platform
