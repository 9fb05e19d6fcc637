#include "platform/transfer/formats/biff_stream.h"

#include <algorithm>

#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::uint16_t kContinue = 0x003C;

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  if (at + width > bytes.size()) return 0;
  for (std::size_t i = width; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_code(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

}  // namespace

std::uint32_t BiffRecord::u8(std::size_t at) const {
  return static_cast<std::uint32_t>(number_at(data, at, 1));
}
std::uint32_t BiffRecord::u16(std::size_t at) const {
  return static_cast<std::uint32_t>(number_at(data, at, 2));
}
std::uint32_t BiffRecord::u32(std::size_t at) const {
  return static_cast<std::uint32_t>(number_at(data, at, 4));
}
std::uint64_t BiffRecord::u64(std::size_t at) const {
  return number_at(data, at, 8);
}

bool BiffStream::fill(std::size_t count) {
  if (buffer_.size() - at_ >= count) return true;
  buffer_.erase(0, at_);
  start_ += at_;
  at_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kChunk);
  buffer_.resize(before + source_.read(start_ + before, buffer_.data() + before, kChunk));
  return buffer_.size() >= count;
}

bool BiffStream::next(BiffRecord& record) {
  if (!fill(4)) return false;
  const std::size_t length = number_at(buffer_, at_ + 2, 2);
  record.type = static_cast<std::uint16_t>(number_at(buffer_, at_, 2));
  record.offset = position();
  if (!fill(4 + length)) return false;
  record.data.assign(buffer_, at_ + 4, length);
  at_ += 4 + length;
  return true;
}

std::uint16_t BiffStream::peek_type() {
  return fill(4) ? static_cast<std::uint16_t>(number_at(buffer_, at_, 2)) : 0;
}

void BiffStream::seek(std::uint64_t offset) {
  if (offset >= start_ && offset <= start_ + buffer_.size()) {
    at_ = static_cast<std::size_t>(offset - start_);
    return;
  }
  buffer_.clear();
  start_ = offset;
  at_ = 0;
}

bool BiffText::advance() {
  return stream_.peek_type() == kContinue && stream_.next(record_) && (at_ = 0, true);
}

bool BiffText::at_end() {
  return at_ >= record_.data.size() && stream_.peek_type() != kContinue;
}

std::uint32_t BiffText::u8() {
  while (at_ >= record_.data.size()) {
    if (!advance()) throw broken("workbook", "text cut off");
  }
  return record_.u8(at_++);
}

std::uint32_t BiffText::u16() {
  const std::uint32_t low = u8();
  return low | u8() << 8;
}

std::uint32_t BiffText::u32() {
  const std::uint32_t low = u16();
  return low | u16() << 16;
}

void BiffText::skip(std::uint64_t count) {
  while (count > 0) {
    if (at_ >= record_.data.size() && !advance()) throw broken("workbook", "text cut off");
    const std::uint64_t step = std::min<std::uint64_t>(count, record_.data.size() - at_);
    at_ += static_cast<std::size_t>(step);
    count -= step;
  }
}

void BiffText::read(std::string& out, std::size_t length, std::size_t limit) {
  if (narrow_ != nullptr) {
    std::string bytes;
    for (std::size_t i = 0; i < length && !at_end(); ++i) bytes += static_cast<char>(u8());
    if (bytes.size() > limit) throw row_error("import.cell_too_long", limit, 0);
    narrow_->append(out, bytes);
    return;
  }
  const std::uint32_t flags = u8();
  const std::uint32_t runs = flags & 8 ? u16() : 0;
  const std::uint32_t extension = flags & 4 ? u32() : 0;
  read_characters(out, length, (flags & 1) != 0, limit);
  skip(std::uint64_t{runs} * 4 + extension);
}

void BiffText::read_characters(std::string& out, std::size_t length, bool wide, std::size_t limit) {
  const std::size_t before = out.size();
  std::uint32_t high = 0;  // first half of a surrogate pair
  while (length > 0) {
    if (at_ >= record_.data.size()) {
      if (!advance()) throw broken("workbook", "text cut off");
      wide = (u8() & 1) != 0;  // each continuation says anew how wide its characters are
    }
    std::uint32_t unit = wide ? u16() : u8();
    --length;
    if (high != 0 && unit >= 0xDC00 && unit <= 0xDFFF) {
      append_code(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      high = 0;
      continue;
    }
    if (high != 0) append_code(out, 0xFFFD);
    high = unit >= 0xD800 && unit <= 0xDBFF ? unit : 0;
    if (high != 0) continue;
    append_code(out, unit >= 0xDC00 && unit <= 0xDFFF ? 0xFFFD : unit);
    if (out.size() - before > limit) throw row_error("import.cell_too_long", limit, 0);
  }
  if (high != 0) append_code(out, 0xFFFD);
}

}  // namespace kehai::platform
