#include "platform/transfer/formats/zip_archive.h"

#include <minizip/unzip.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

namespace {

// Parts below this size are let through whatever their ratio.
constexpr std::uint64_t kSmallPart = 8u << 20;

// --- minizip's input functions over a ByteSource
// --------------------------------------------------------------

struct Input {
  ByteSource* source;
  std::uint64_t position = 0;
  bool failed = false;
};

voidpf open_input(voidpf opaque, const void*, int) {
  return new Input{static_cast<ByteSource*>(opaque)};
}

uLong read_input(voidpf, voidpf stream, void* out, uLong count) {
  auto* input = static_cast<Input*>(stream);
  try {
    const std::size_t got = input->source->read(input->position, static_cast<char*>(out), count);
    input->position += got;
    return static_cast<uLong>(got);
  } catch (...) {  // an exception must not cross the C library
    input->failed = true;
    return 0;
  }
}

uLong write_input(voidpf, voidpf, const void*, uLong) {
  return 0;
}

ZPOS64_T tell_input(voidpf, voidpf stream) {
  return static_cast<Input*>(stream)->position;
}

long seek_input(voidpf, voidpf stream, ZPOS64_T offset, int origin) {
  auto* input = static_cast<Input*>(stream);
  std::uint64_t target = offset;
  if (origin == ZLIB_FILEFUNC_SEEK_CUR) target += input->position;
  if (origin == ZLIB_FILEFUNC_SEEK_END) target += input->source->size();
  if (target > input->source->size()) return -1;
  input->position = target;
  return 0;
}

int close_input(voidpf, voidpf stream) {
  delete static_cast<Input*>(stream);
  return 0;
}

int input_error(voidpf, voidpf stream) {
  return static_cast<Input*>(stream)->failed ? 1 : 0;
}

struct UnzipClose {
  void operator()(void* file) const { unzClose(file); }
};
using Unzip = std::unique_ptr<void, UnzipClose>;

Unzip open_unzip(ByteSource& source) {
  zlib_filefunc64_def functions{};
  functions.zopen64_file = open_input;
  functions.zread_file = read_input;
  functions.zwrite_file = write_input;
  functions.ztell64_file = tell_input;
  functions.zseek64_file = seek_input;
  functions.zclose_file = close_input;
  functions.zerror_file = input_error;
  functions.opaque = &source;
  Unzip file(unzOpen2_64("", &functions));
  if (!file) throw broken("zip", "no central directory");
  return file;
}

std::string normal_name(std::string_view name) {
  std::string normal;
  for (const char c : name) {
    if (c == '\\' || c == '/') {
      if (!normal.empty() && normal.back() != '/') normal += '/';
    } else {
      normal += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return normal;
}

struct Entry {
  unz64_file_pos position{};
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
};

class Stream : public ZipStream {
 public:
  Stream(ByteSource& source, std::string name, Entry entry)
      : file_(open_unzip(source)), name_(std::move(name)), entry_(entry) {
    if (unzGoToFilePos64(file_.get(), &entry_.position) != UNZ_OK ||
        unzOpenCurrentFile(file_.get()) != UNZ_OK) {
      throw broken(name_, "unreadable entry");
    }
  }

  std::size_t read(char* out, std::size_t count) override {
    if (ended_) return 0;
    const int got = unzReadCurrentFile(
        file_.get(), out, static_cast<unsigned>(std::min<std::size_t>(count, 1 << 20)));
    if (got < 0) throw broken(name_, "damaged compression");
    position_ += static_cast<std::uint64_t>(got);
    if (got == 0) finish();
    return static_cast<std::size_t>(got);
  }
  std::uint64_t size() const override { return entry_.unpacked; }
  std::uint64_t position() const override { return position_; }

 private:
  void finish() {
    ended_ = true;
    if (unzCloseCurrentFile(file_.get()) == UNZ_CRCERROR) throw broken(name_, "checksum");
    if (position_ != entry_.unpacked) throw broken(name_, "cut off");
  }

  Unzip file_;
  std::string name_;
  Entry entry_;
  std::uint64_t position_ = 0;
  bool ended_ = false;
};

class Archive : public ZipArchive {
 public:
  Archive(ByteSource& source, const TableLimits& limits) : source_(source), limits_(limits) {
    const Unzip file = open_unzip(source);
    std::uint64_t total = 0;
    for (int state = unzGoToFirstFile(file.get()); state != UNZ_END_OF_LIST_OF_FILE;
         state = unzGoToNextFile(file.get())) {
      if (state != UNZ_OK) throw broken("zip", "damaged central directory");
      add_entry(file.get(), total);
    }
  }

  bool has(std::string_view name) const override { return entries_.count(normal_name(name)) > 0; }

  std::unique_ptr<ZipStream> open(std::string_view name) override {
    const auto found = entries_.find(normal_name(name));
    if (found == entries_.end()) throw broken(std::string(name), "missing part");
    const Entry& entry = found->second;
    if (entry.unpacked > kSmallPart && entry.unpacked / limits_.compression_ratio > entry.packed) {
      throw too_large("compression_ratio", limits_.compression_ratio, entry.unpacked);
    }
    return std::make_unique<Stream>(source_, std::string(name), entry);
  }

 private:
  void add_entry(void* file, std::uint64_t& total) {
    unz_file_info64 info{};
    char name[1024] = {};
    if (unzGetCurrentFileInfo64(file, &info, name, sizeof name - 1, nullptr, 0, nullptr, 0) !=
        UNZ_OK) {
      throw broken("zip", "damaged central directory");
    }
    if (info.size_filename >= sizeof name - 1) throw broken("zip", "overlong name");
    if (info.flag & 1) throw base::Error(base::ErrorKind::Invalid, "import.file_encrypted");
    Entry entry;
    entry.packed = info.compressed_size;
    entry.unpacked = info.uncompressed_size;
    unzGetFilePos64(file, &entry.position);
    if (entry.unpacked > limits_.unpacked_bytes ||
        total + entry.unpacked > limits_.unpacked_bytes) {
      throw too_large("unpacked", limits_.unpacked_bytes, entry.unpacked);
    }
    total += entry.unpacked;
    if (entries_.size() >= limits_.archive_entries) {
      throw too_large("archive_entries", limits_.archive_entries, entries_.size());
    }
    if (!entries_.emplace(normal_name(name), entry).second) throw broken(name, "duplicate entry");
  }

  ByteSource& source_;
  TableLimits limits_;
  std::map<std::string, Entry> entries_;
};

}  // namespace

std::string ZipArchive::read_all(std::string_view name, std::size_t limit) {
  const std::unique_ptr<ZipStream> stream = open(name);
  if (stream->size() > limit) throw too_large("part", limit, stream->size());
  std::string bytes(static_cast<std::size_t>(stream->size()), '\0');
  std::size_t at = 0;
  while (const std::size_t got =
             stream->read(bytes.data() + at, std::max<std::size_t>(bytes.size() - at, 1)))
    at += got;
  return bytes;
}

std::unique_ptr<ZipArchive> open_zip(ByteSource& source, const TableLimits& limits) {
  return std::make_unique<Archive>(source, limits);
}

}  // namespace kehai::platform
