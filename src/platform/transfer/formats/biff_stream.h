// Records of an old Excel workbook stream, and the texts inside them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "platform/transfer/formats/byte_source.h"
#include "platform/transfer/formats/text_encoding.h"

namespace kehai::platform {

struct BiffRecord {
  std::uint16_t type = 0;
  std::uint64_t offset = 0;  // of the record in the stream
  std::string data;

  // Little-endian numbers; 0 beyond the end.
  std::uint32_t u8(std::size_t at) const;
  std::uint32_t u16(std::size_t at) const;
  std::uint32_t u32(std::size_t at) const;
  std::uint64_t u64(std::size_t at) const;
};

class BiffStream {
 public:
  explicit BiffStream(ByteSource& source) : source_(source) {}
  // False at the end of the stream or where it is cut off.
  bool next(BiffRecord& record);
  // Type of the record that next() would give, 0 at the end.
  std::uint16_t peek_type();
  void seek(std::uint64_t offset);
  std::uint64_t position() const { return start_ + at_; }
  std::uint64_t size() const { return source_.size(); }

 private:
  bool fill(std::size_t count);
  ByteSource& source_;
  std::string buffer_;
  std::uint64_t start_ = 0;  // stream offset of buffer_[0]
  std::size_t at_ = 0;
};

// The bytes of a record and of the CONTINUE records behind it.
class BiffText {
 public:
  // Reads on from byte `at` of `record`; `stream` stands behind it. For BIFF5 `narrow` decodes
  // bytes.
  BiffText(BiffStream& stream, BiffRecord& record, std::size_t at, StringDecoder* narrow)
      : stream_(stream), record_(record), at_(at), narrow_(narrow) {}
  std::uint32_t u8();
  std::uint32_t u16();
  std::uint32_t u32();
  void skip(std::uint64_t count);
  // `length` characters; in BIFF8 with a flags byte and, as in the shared strings, with formatting
  // runs behind. Appends UTF-8; texts longer than `limit` bytes throw "import.cell_too_long".
  void read(std::string& out, std::size_t length, std::size_t limit);
  bool at_end();

 private:
  bool advance();
  void read_characters(std::string& out, std::size_t length, bool wide, std::size_t limit);

  BiffStream& stream_;
  BiffRecord& record_;
  std::size_t at_;
  StringDecoder* narrow_;
};

}  // namespace kehai::platform
