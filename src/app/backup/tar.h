// Tar files (POSIX ustar) of plain files, one after the other. Each object is used by one thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace kehai::app {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, FileCloser>;

class TarWriter {
 public:
  // Makes a new file that only its owner reads. Throws Unavailable "backup.cannot_write" {file,
  // reason}.
  explicit TarWriter(const std::string& file);
  // `name` has at most 100 bytes; `instant` in milliseconds becomes the time of the entry.
  void add(std::string_view name, std::string_view bytes, std::int64_t instant);
  // Writes the end and waits until everything is on the disk.
  void finish();
  std::int64_t size() const { return size_; }

 private:
  void write(std::string_view bytes);
  void pad();
  std::string file_;
  FileHandle handle_;
  std::int64_t size_ = 0;
};

class TarReader {
 public:
  // Throws Unavailable "restore.cannot_read" {file, reason}.
  explicit TarReader(const std::string& file);
  // False at the end of the archive. Throws Invalid "restore.damaged" for what is no tar or stops
  // early.
  bool next(std::string& name, std::string& bytes);
  std::int64_t position() const { return position_; }

 private:
  std::string read(std::size_t size);
  FileHandle handle_;
  std::int64_t position_ = 0;
};

}  // namespace kehai::app
