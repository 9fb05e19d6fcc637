// Which encoding a text file has, and a stream of UTF-8 out of it.
//
// Encodings are named canonically: UTF-8, UTF-16LE, UTF-16BE, UTF-32LE, UTF-32BE, GB18030 (also
// stands for GBK and GB2312, which it contains), Big5, windows-1252. Any other name that ICU knows
// can be asked for explicitly.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "platform/transfer/formats/byte_source.h"

namespace kehai::platform {

struct TextEncoding {
  std::string name;
  std::size_t mark_bytes = 0;       // length of the byte order mark
  std::uint64_t damaged_bytes = 0;  // bytes that do not fit, although nothing fits better
  bool clean = false;               // the whole file was proven to be valid (UTF-8 only)
};

// Reads the whole file once: an export may have its first Chinese letter after a million rows.
// Throws Error "import.binary_file" for bytes that are no text at all.
TextEncoding detect_encoding(ByteSource& source);

// The encoding asked for; a byte order mark of the same encoding is skipped.
// Throws Error "import.encoding_unknown".
TextEncoding named_encoding(ByteSource& source, const std::string& name);

// Gives the file as valid UTF-8 without the byte order mark, in pieces.
class TextDecoder {
 public:
  virtual ~TextDecoder() = default;
  // Appends the next piece; false at the end. A piece may be empty.
  virtual bool read(std::string& out) = 0;
  virtual std::uint64_t damaged_bytes() const = 0;
  virtual std::uint64_t bytes_read() const = 0;
};
// `source` must outlive the decoder.
std::unique_ptr<TextDecoder> make_text_decoder(ByteSource& source, const TextEncoding& encoding);

// Decodes short texts of one encoding, one after the other.
class StringDecoder {
 public:
  virtual ~StringDecoder() = default;
  virtual void append(std::string& out, std::string_view bytes) = 0;
};
std::unique_ptr<StringDecoder> make_string_decoder(const std::string& encoding);

// Length of the longest prefix that is valid UTF-8 (no surrogates, no overlong forms, up to
// U+10FFFF).
std::size_t valid_utf8_prefix(std::string_view text);

}  // namespace kehai::platform
