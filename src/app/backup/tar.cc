#include "app/backup/tar.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace kehai::app {

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameSize = 100;
constexpr std::size_t kChecksumAt = 148;
constexpr std::int64_t kLargestEntry = std::int64_t{1} << 30U;

[[noreturn]] void cannot_write(const std::string& file) {
  const int reason = errno;
  const auto kind = reason == ENOSPC ? base::ErrorKind::StorageFull : base::ErrorKind::Unavailable;
  throw base::Error(kind, "backup.cannot_write",
                    {{"file", file}, {"reason", std::strerror(reason)}});
}

base::Error damaged(const char* detail) {
  return base::Error(base::ErrorKind::Invalid, "restore.damaged", {}, detail);
}

// The sum of all bytes with the checksum's own place read as blanks.
unsigned checksum(std::string_view header) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksumAt && i < kChecksumAt + 8;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return sum;
}

std::string make_header(std::string_view name, std::size_t size, std::int64_t instant) {
  std::string header(kBlock, '\0');
  const auto put = [&header](std::size_t at, std::string_view text) {
    header.replace(at, text.size(), text);
  };
  put(0, name);
  put(100, "0000600");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", size));
  put(136, fmt::format("{:011o}", instant / 1000));
  put(156, "0");
  put(257, std::string_view("ustar\00000", 8));
  put(kChecksumAt, fmt::format("{:06o}", checksum(header)) + std::string("\0 ", 2));
  return header;
}

std::int64_t octal(std::string_view field) {
  std::int64_t value = 0;
  for (const char c : field) {
    if (c == '\0' || c == ' ') break;
    if (c < '0' || c > '7') throw damaged("number in a header");
    value = value * 8 + (c - '0');
  }
  return value;
}

}  // namespace

TarWriter::TarWriter(const std::string& file) : file_(file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) cannot_write(file_);
  handle_.reset(::fdopen(descriptor, "wb"));
}

void TarWriter::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), handle_.get()) != bytes.size())
    cannot_write(file_);
  size_ += static_cast<std::int64_t>(bytes.size());
}

void TarWriter::pad() {
  static constexpr std::array<char, kBlock> kZeros{};
  const auto over = static_cast<std::size_t>(size_) % kBlock;
  if (over != 0) write(std::string_view(kZeros.data(), kBlock - over));
}

void TarWriter::add(std::string_view name, std::string_view bytes, std::int64_t instant) {
  if (name.size() > kNameSize || static_cast<std::int64_t>(bytes.size()) > kLargestEntry) {
    throw base::Error(base::ErrorKind::Internal, "internal", {},
                      "no room in the archive for " + std::string(name));
  }
  write(make_header(name, bytes.size(), instant));
  write(bytes);
  pad();
}

void TarWriter::finish() {
  write(std::string(2 * kBlock, '\0'));
  if (std::fflush(handle_.get()) != 0 || ::fsync(::fileno(handle_.get())) != 0) cannot_write(file_);
  handle_.reset();
}

TarReader::TarReader(const std::string& file) : handle_(std::fopen(file.c_str(), "rbe")) {
  if (!handle_) {
    throw base::Error(base::ErrorKind::Unavailable, "restore.cannot_read",
                      {{"file", file}, {"reason", std::strerror(errno)}});
  }
}

std::string TarReader::read(std::size_t size) {
  std::string bytes(size, '\0');
  if (std::fread(bytes.data(), 1, size, handle_.get()) != size)
    throw damaged("the file ends too early");
  position_ += static_cast<std::int64_t>(size);
  return bytes;
}

bool TarReader::next(std::string& name, std::string& bytes) {
  const std::string header = read(kBlock);
  if (header.find_first_not_of('\0') == std::string::npos) return false;
  if (octal(std::string_view(header).substr(kChecksumAt, 8)) != checksum(header))
    throw damaged("header");
  name = header.substr(0, std::min(header.find('\0'), kNameSize));
  const std::int64_t size = octal(std::string_view(header).substr(124, 12));
  if (size > kLargestEntry) throw damaged("size in a header");
  bytes = read(static_cast<std::size_t>(size));
  const auto over = static_cast<std::size_t>(size) % kBlock;
  if (over != 0) read(kBlock - over);
  return true;
}

}  // namespace kehai::app
