// The parts of a ZIP file, with limits against archives that are made to hurt.
//
// Refused before anything is unpacked: too many entries, two entries of one name, encrypted
// entries, a total size or a compression ratio beyond the limits. What an entry unpacks to never
// exceeds what its header declares.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "platform/transfer/formats/byte_source.h"
#include "platform/transfer/formats/table_reader.h"

namespace kehai::platform {

class ZipArchive;

// One entry being unpacked. Several may be open at once.
class ZipStream {
 public:
  virtual ~ZipStream() = default;
  // Up to `count` bytes; 0 at the end. Throws Error "import.file_broken".
  virtual std::size_t read(char* out, std::size_t count) = 0;
  virtual std::uint64_t size() const = 0;      // unpacked
  virtual std::uint64_t position() const = 0;  // unpacked bytes given so far
};

class ZipArchive {
 public:
  virtual ~ZipArchive() = default;
  // Names are compared without case, with forward slashes and without a leading slash.
  virtual bool has(std::string_view name) const = 0;
  virtual std::unique_ptr<ZipStream> open(std::string_view name) = 0;
  // A small part at once; throws "import.file_too_large" beyond `limit`.
  std::string read_all(std::string_view name, std::size_t limit);
};

// `source` must outlive the archive. Throws Error "import.file_broken", "import.file_encrypted",
// "import.file_too_large".
std::unique_ptr<ZipArchive> open_zip(ByteSource& source, const TableLimits& limits);

}  // namespace kehai::platform
