#include "app/backup/archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <filesystem>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"

namespace kehai::app {

namespace {

constexpr std::size_t kPartSize = 4U << 20U;       // of lines, before compression
constexpr std::size_t kLargestPart = 256U << 20U;  // a part ends behind the row that filled it
constexpr int kCompressionLevel = 1;
constexpr int kGzipWindow = 15 + 16;  // zlib's way to say: with a gzip header
constexpr const char* kHeaderName = "kehai-backup.json";
constexpr const char* kManifestName = "manifest.json";
constexpr const char* kSealName = "manifest.sha256";

base::Error damaged(std::string detail) {
  return base::Error(base::ErrorKind::Invalid, "restore.damaged", {}, std::move(detail));
}

// Whatever the parts hold instead of what they should is one thing to the reader: damage.
template <typename Read>
auto reading(const Read& read) {
  try {
    return read();
  } catch (const base::Error& error) {
    if (error.code().starts_with("json.")) throw damaged(error.code());
    throw;
  } catch (const std::exception& error) {  // members that are missing or of another kind
    throw damaged(error.what());
  }
}

std::string decompress(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK)
    throw base::Error(base::ErrorKind::Unavailable, "database.out_of_memory");
  std::string out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  int code = Z_OK;
  while (code == Z_OK) {
    const std::size_t before = out.size();
    out.resize(before + kPartSize);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(kPartSize);
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > kLargestPart) break;
  }
  inflateEnd(&stream);
  if (code != Z_STREAM_END) throw damaged("compressed data");
  return out;
}

std::string header_json(const ArchiveHeader& header) {
  std::string json;
  base::JsonWriter writer(json);
  writer.begin_object()
      .key("format")
      .integer(kArchiveFormat)
      .key("schema_version")
      .integer(header.schema_version);
  writer.key("program")
      .text(header.program)
      .key("created_at")
      .text(base::format_instant(header.created_at))
      .end_object();
  return json + "\n";
}

ArchiveHeader parse_header(const std::string& bytes) {
  const auto json = base::parse_json(bytes).as_object();
  if (base::json_int(json, "format") != kArchiveFormat) {
    throw base::Error(base::ErrorKind::Unavailable, "restore.newer_format");
  }
  ArchiveHeader header;
  header.schema_version = base::json_int(json, "schema_version");
  header.program = base::json_text(json, "program");
  header.created_at = base::parse_instant(base::json_text(json, "created_at")).value_or(0);
  return header;
}

base::Value value_of(const base::Json& json) {
  if (json.is_int64()) return json.get_int64();
  if (json.is_string()) return std::string_view(json.get_string());
  if (json.is_null()) return {};
  throw damaged("a value");
}

void visit_rows(const std::string& name, const std::string& bytes, const ArchiveVisitor& visitor) {
  const std::string lines = decompress(bytes);
  const std::size_t slash = name.find('/', 7);
  std::vector<std::string> columns;
  std::vector<base::Values> rows;
  bool first = true;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const auto line = base::parse_json(std::string_view(lines).substr(at, end - at));
    at = end + 1;
    if (first) {
      for (const auto& column : line.as_array()) columns.emplace_back(column.as_string());
      first = false;
      continue;
    }
    base::Values row;
    for (const auto& value : line.as_array()) row.push_back(value_of(value));
    if (row.size() != columns.size()) throw damaged("a row");
    rows.push_back(std::move(row));
  }
  visitor.rows(name.substr(7, slash - 7), columns, std::move(rows));
}

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, kCompressionLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw base::Error(base::ErrorKind::Unavailable, "database.out_of_memory");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

ArchiveWriter::ArchiveWriter(const std::string& file, const ArchiveHeader& header)
    : tar_(file), created_at_(header.created_at) {
  add_entry(kHeaderName, header_json(header));
}

void ArchiveWriter::add_entry(const std::string& name, std::string_view bytes) {
  tar_.add(name, bytes, created_at_);
  entries_.push_back({name, bytes.size(), base::sha256_hex(bytes)});
}

void ArchiveWriter::begin_table(const std::string& name, const std::vector<std::string>& columns) {
  table_ = name;
  part_ = 0;
  rows_[name] = 0;
  column_line_.clear();
  base::JsonWriter writer(column_line_);
  writer.begin_array();
  for (const auto& column : columns) writer.text(column);
  writer.end_array();
  column_line_ += '\n';
  lines_ = column_line_;
}

void ArchiveWriter::add_row(const std::function<void(base::JsonWriter&)>& write) {
  base::JsonWriter writer(lines_);
  write(writer);
  lines_ += '\n';
  ++rows_[table_];
  ++all_rows_;
  if (lines_.size() >= kPartSize) flush_rows();
}

void ArchiveWriter::flush_rows() {
  add_entry(fmt::format("tables/{}/{:06}.ndjson.gz", table_, ++part_), gzip(lines_));
  lines_ = column_line_;
}

void ArchiveWriter::end_table() {
  if (lines_.size() > column_line_.size()) flush_rows();
}

void ArchiveWriter::finish() {
  std::string json;
  base::JsonWriter writer(json);
  writer.begin_object().key("tables").begin_object();
  for (const auto& [table, rows] : rows_) writer.key(table).integer(rows);
  writer.end_object().key("entries").begin_array();
  for (const auto& entry : entries_) {
    writer.begin_object()
        .key("name")
        .text(entry.name)
        .key("size")
        .integer(static_cast<std::int64_t>(entry.size));
    writer.key("sha256").text(entry.sha256).end_object();
  }
  writer.end_array().end_object();
  json += '\n';
  tar_.add(kManifestName, json, created_at_);
  tar_.add(kSealName, base::sha256_hex(json) + "\n", created_at_);
  tar_.finish();
}

namespace {

ArchiveContents verify(const std::string& file, const ByteProgress& progress) {
  TarReader tar(file);
  ArchiveContents contents;
  contents.size = static_cast<std::int64_t>(std::filesystem::file_size(file));
  struct Seen {
    std::size_t size;
    std::string sha256;
  };
  std::map<std::string, Seen> seen;
  std::string name;
  std::string bytes;
  std::string manifest;
  std::string seal;
  bool first = true;
  try {
    while (tar.next(name, bytes)) {
      if (first && name != kHeaderName)
        throw base::Error(base::ErrorKind::Invalid, "restore.no_archive");
      if (first) contents.header = parse_header(bytes);
      first = false;
      if (name == kManifestName) {
        manifest = bytes;
      } else if (name == kSealName) {
        seal = bytes;
      } else if (!manifest.empty() ||
                 !seen.emplace(name, Seen{bytes.size(), base::sha256_hex(bytes)}).second) {
        throw damaged("an entry too many: " + name);
      }
      progress(tar.position());
    }
  } catch (const base::Error& error) {
    // A file that never was an archive is told apart from one that broke.
    if (first && error.code() == "restore.damaged")
      throw base::Error(base::ErrorKind::Invalid, "restore.no_archive");
    throw;
  }
  if (manifest.empty() || seal != base::sha256_hex(manifest) + "\n")
    throw damaged("no valid manifest");
  const auto json = base::parse_json(manifest).as_object();
  const auto& entries = json.at("entries").as_array();
  if (entries.size() != seen.size()) throw damaged("entries are missing");
  for (const auto& entry : entries) {
    const auto& object = entry.as_object();
    const auto found = seen.find(base::json_text(object, "name"));
    if (found == seen.end() ||
        static_cast<std::int64_t>(found->second.size) != base::json_int(object, "size") ||
        found->second.sha256 != base::json_text(object, "sha256")) {
      throw damaged("checksum of " + base::json_text(object, "name"));
    }
  }
  for (const auto& [table, rows] : json.at("tables").as_object())
    contents.rows[table] = rows.as_int64();
  return contents;
}

}  // namespace

ArchiveContents verify_archive(const std::string& file, const ByteProgress& progress) {
  return reading([&] { return verify(file, progress); });
}

void read_archive(const std::string& file, const ArchiveVisitor& visitor,
                  const ByteProgress& progress) {
  TarReader tar(file);
  std::string name;
  std::string bytes;
  while (tar.next(name, bytes)) {
    if (name.starts_with("tables/")) reading([&] { visit_rows(name, bytes, visitor); });
    if (name.starts_with("files/")) visitor.file(name.substr(6), bytes);
    progress(tar.position());
  }
}

}  // namespace kehai::app
