// The streams of a compound file (OLE2), the container of old Office documents and of encrypted new
// ones.
//
// Chains of sectors are followed with a bound, so that a loop in the allocation table ends in an
// error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/transfer/formats/byte_source.h"

namespace kehai::platform {

class CompoundFile {
 public:
  // `source` must outlive the file and its streams. Throws Error "import.file_broken".
  explicit CompoundFile(ByteSource& source);
  // Streams and storages of any folder, compared exactly.
  bool has(std::string_view name) const;
  // Throws Error "import.file_broken" when the stream is damaged.
  std::unique_ptr<ByteSource> open(std::string_view name);

 private:
  struct Entry {
    std::string name;  // UTF-8; characters beyond ASCII are '?'
    std::uint32_t start = 0;
    std::uint64_t size = 0;
    bool stream = false;
  };

  std::uint32_t read_word(std::uint64_t offset);
  std::uint64_t sector_offset(std::uint32_t sector) const;
  void load_table();
  void load_directory(std::uint32_t first);
  void add_table_sector(std::uint32_t sector);
  std::vector<std::uint32_t> chain(std::uint32_t first,
                                   const std::vector<std::uint32_t>& table) const;

  ByteSource& source_;
  std::string header_;
  std::uint32_t sector_size_ = 512;
  std::uint32_t small_limit_ = 4096;
  std::vector<std::uint32_t> table_;          // sector → next sector
  std::vector<std::uint32_t> small_table_;    // 64-byte sector → next
  std::vector<std::uint32_t> small_sectors_;  // sectors that hold the 64-byte sectors
  std::vector<Entry> entries_;
};

}  // namespace kehai::platform
