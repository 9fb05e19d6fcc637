#include <unicode/ucnv.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "platform/transfer/formats/text_encoding.h"

namespace kehai::platform {

namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the UTF-8 sequence at `bytes`, 0 when invalid, -1 when it is only cut off.
int sequence_length(const unsigned char* bytes, std::size_t left) {
  const unsigned char lead = bytes[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = 0x80, high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (int i = 1; i < length; ++i) {
    if (static_cast<std::size_t>(i) >= left) return -1;
    if (bytes[i] < low || bytes[i] > high) return 0;
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

// Proven valid: the bytes are the text.
class CleanUtf8 : public TextDecoder {
 public:
  CleanUtf8(ByteSource& source, std::uint64_t offset) : source_(source), offset_(offset) {}
  bool read(std::string& out) override {
    const std::size_t before = out.size();
    out.resize(before + kChunk);
    const std::size_t got = source_.read(offset_, out.data() + before, kChunk);
    out.resize(before + got);
    offset_ += got;
    return got > 0;
  }
  std::uint64_t damaged_bytes() const override { return 0; }
  std::uint64_t bytes_read() const override { return offset_; }

 private:
  ByteSource& source_;
  std::uint64_t offset_;
};

// Replaces what is not UTF-8 by U+FFFD, byte by byte.
class MendedUtf8 : public TextDecoder {
 public:
  MendedUtf8(ByteSource& source, std::uint64_t offset) : source_(source), offset_(offset) {}
  bool read(std::string& out) override {
    const std::size_t kept = carry_.size();
    carry_.resize(kept + kChunk);
    const std::size_t got = source_.read(offset_, carry_.data() + kept, kChunk);
    carry_.resize(kept + got);
    offset_ += got;
    if (carry_.empty()) return false;
    mend(out, got == 0);
    return true;
  }
  std::uint64_t damaged_bytes() const override { return damaged_; }
  std::uint64_t bytes_read() const override { return offset_; }

 private:
  void mend(std::string& out, bool last) {
    std::string_view rest = carry_;
    while (!rest.empty()) {
      const std::size_t good = valid_utf8_prefix(rest);
      out.append(rest.substr(0, good));
      rest.remove_prefix(good);
      if (rest.empty()) break;
      const auto* bytes = reinterpret_cast<const unsigned char*>(rest.data());
      if (!last && sequence_length(bytes, rest.size()) < 0) break;
      out.append(kReplacement);
      ++damaged_;
      rest.remove_prefix(1);
    }
    carry_.erase(0, carry_.size() - rest.size());
  }

  ByteSource& source_;
  std::uint64_t offset_;
  std::uint64_t damaged_ = 0;
  std::string carry_;
};

void count_damage(const void* context, UConverterToUnicodeArgs* arguments, const char* units,
                  std::int32_t length, UConverterCallbackReason reason, UErrorCode* status) {
  if (reason <= UCNV_IRREGULAR) {
    *static_cast<std::uint64_t*>(const_cast<void*>(context)) += static_cast<std::uint64_t>(length);
  }
  UCNV_TO_U_CALLBACK_SUBSTITUTE(nullptr, arguments, units, length, reason, status);
}

struct ConverterClose {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterClose>;

Converter open_converter(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(name.c_str(), &status));
  if (U_FAILURE(status) || !converter) {
    throw base::Error(base::ErrorKind::Invalid, "import.encoding_unknown", {{"encoding", name}});
  }
  return converter;
}

// Every other encoding, through ICU.
class ConvertedText : public TextDecoder {
 public:
  ConvertedText(ByteSource& source, const std::string& name, std::uint64_t offset)
      : source_(source),
        offset_(offset),
        from_(open_converter(name)),
        to_(open_converter("UTF-8")) {
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(from_.get(), count_damage, &damaged_, nullptr, nullptr, &status);
    pivot_source_ = pivot_target_ = pivot_;
  }

  bool read(std::string& out) override {
    if (ended_) return false;
    const std::size_t got = source_.read(offset_, input_, kChunk);
    offset_ += got;
    ended_ = got < kChunk;
    convert(out, input_, input_ + got);
    return true;
  }
  std::uint64_t damaged_bytes() const override { return damaged_; }
  std::uint64_t bytes_read() const override { return offset_; }

 private:
  void convert(std::string& out, const char* from, const char* from_end) {
    for (;;) {
      const std::size_t before = out.size();
      out.resize(before + kChunk);
      char* target = out.data() + before;
      UErrorCode status = U_ZERO_ERROR;
      ucnv_convertEx(to_.get(), from_.get(), &target, out.data() + out.size(), &from, from_end,
                     pivot_, &pivot_source_, &pivot_target_, pivot_ + kPivot, first_, ended_,
                     &status);
      first_ = false;
      out.resize(static_cast<std::size_t>(target - out.data()));
      if (status == U_BUFFER_OVERFLOW_ERROR) continue;
      if (U_FAILURE(status))
        throw base::Error(base::ErrorKind::Invalid, "import.encoding_unknown", {},
                          u_errorName(status));
      return;
    }
  }

  static constexpr std::size_t kPivot = 8 * 1024;
  ByteSource& source_;
  std::uint64_t offset_;
  Converter from_;
  Converter to_;
  std::uint64_t damaged_ = 0;
  bool first_ = true;
  bool ended_ = false;
  char input_[kChunk];
  char16_t pivot_[kPivot];
  char16_t* pivot_source_ = nullptr;
  char16_t* pivot_target_ = nullptr;
};

class IcuStringDecoder : public StringDecoder {
 public:
  explicit IcuStringDecoder(const std::string& name)
      : from_(open_converter(name)), to_(open_converter("UTF-8")) {}
  void append(std::string& out, std::string_view bytes) override {
    const std::size_t before = out.size();
    out.resize(before + bytes.size() * 3 + 8);
    char* target = out.data() + before;
    const char* source = bytes.data();
    char16_t pivot[256];
    char16_t* pivot_source = pivot;
    char16_t* pivot_target = pivot;
    UErrorCode status = U_ZERO_ERROR;
    ucnv_convertEx(to_.get(), from_.get(), &target, out.data() + out.size(), &source,
                   source + bytes.size(), pivot, &pivot_source, &pivot_target, pivot + 256, true,
                   true, &status);
    out.resize(static_cast<std::size_t>(target - out.data()));
  }

 private:
  Converter from_;
  Converter to_;
};

}  // namespace

std::unique_ptr<StringDecoder> make_string_decoder(const std::string& encoding) {
  return std::make_unique<IcuStringDecoder>(encoding);
}

std::size_t valid_utf8_prefix(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  std::size_t at = 0;
  while (at < size) {
    // Eight ASCII bytes at a time: most of every export.
    while (at + 8 <= size) {
      std::uint64_t word;
      std::memcpy(&word, bytes + at, 8);
      if (word & 0x8080808080808080ull) break;
      at += 8;
    }
    if (at >= size) break;
    const int length = sequence_length(bytes + at, size - at);
    if (length <= 0) break;
    at += static_cast<std::size_t>(length);
  }
  return at;
}

std::unique_ptr<TextDecoder> make_text_decoder(ByteSource& source, const TextEncoding& encoding) {
  if (encoding.name == "UTF-8") {
    if (encoding.clean) return std::make_unique<CleanUtf8>(source, encoding.mark_bytes);
    return std::make_unique<MendedUtf8>(source, encoding.mark_bytes);
  }
  return std::make_unique<ConvertedText>(source, encoding.name, encoding.mark_bytes);
}

}  // namespace kehai::platform
