// The archive of a company: a tar with every table as compressed lines of JSON, every file, and a
// manifest with checksums. The format is described in docs/admin/backup.md.
//
//   kehai-backup.json               format, schema version, program, time
//   tables/<table>/000001.ndjson.gz first line: column names; then one array per row
//   files/…                         content-addressed files, as they are
//   manifest.json                   size and SHA-256 of everything before it; rows by table
//   manifest.sha256                 of manifest.json
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/backup/tar.h"
#include "base/json.h"
#include "base/value.h"

namespace kehai::app {

inline constexpr std::int64_t kArchiveFormat = 1;

struct ArchiveHeader {
  std::int64_t schema_version = 0;
  std::string program;
  std::int64_t created_at = 0;
};

// One gzip member. Throws Unavailable "database.out_of_memory".
std::string gzip(std::string_view bytes);

// Used by one thread. Errors are TarWriter's.
class ArchiveWriter {
 public:
  ArchiveWriter(const std::string& file, const ArchiveHeader& header);
  void begin_table(const std::string& name, const std::vector<std::string>& columns);
  // `write` appends the row as a JSON array.
  void add_row(const std::function<void(base::JsonWriter&)>& write);
  void end_table();
  void add_file(const std::string& name, std::string_view bytes) {
    add_entry("files/" + name, bytes);
  }
  void finish();
  std::int64_t rows() const { return all_rows_; }

 private:
  struct Entry {
    std::string name;
    std::size_t size;
    std::string sha256;
  };
  void add_entry(const std::string& name, std::string_view bytes);
  void flush_rows();

  TarWriter tar_;
  std::int64_t created_at_;
  std::vector<Entry> entries_;
  std::map<std::string, std::int64_t> rows_;
  std::string table_;
  std::string column_line_;
  std::string lines_;
  int part_ = 0;
  std::int64_t all_rows_ = 0;
};

struct ArchiveContents {
  ArchiveHeader header;
  std::map<std::string, std::int64_t> rows;  // by table
  std::int64_t size = 0;                     // bytes of the archive
};

using ByteProgress = std::function<void(std::int64_t)>;

// Reads everything and compares every checksum. Throws Invalid "restore.damaged",
// "restore.no_archive", Unavailable "restore.newer_format", "restore.cannot_read".
ArchiveContents verify_archive(const std::string& file, const ByteProgress& progress);

struct ArchiveVisitor {
  std::function<void(const std::string& table, const std::vector<std::string>& columns,
                     std::vector<base::Values> rows)>
      rows;
  std::function<void(const std::string& name, const std::string& bytes)> file;
};
// A verified archive, in its order.
void read_archive(const std::string& file, const ArchiveVisitor& visitor,
                  const ByteProgress& progress);

}  // namespace kehai::app
