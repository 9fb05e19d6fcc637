#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "app/backup/archive.h"
#include "base/error.h"
#include "base/random.h"
#include "product_targets.h"

namespace kehai::fuzz {

namespace {

// A file of this process's own, gone in the end.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kehai_fuzz.XXXXXX").string();
    descriptor_ = ::mkstemp(pattern.data());
    if (descriptor_ < 0) throw std::runtime_error("no temporary file");
    path_ = pattern;
  }
  ~TemporaryFile() {
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  void write(std::string_view bytes) {
    const bool good =
        ::ftruncate(descriptor_, 0) == 0 &&
        ::pwrite(descriptor_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
    if (!good) throw std::runtime_error("the temporary file cannot be written");
  }
  const std::string& path() const { return path_; }

 private:
  int descriptor_ = -1;
  std::string path_;
};

std::string octal(std::uint64_t value, int digits) {
  std::string out(static_cast<std::size_t>(digits), '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, value /= 8)
    *digit = static_cast<char>('0' + value % 8);
  return out;
}

std::string tar_entry(std::string_view name, std::string_view bytes) {
  constexpr std::size_t kBlock = 512;
  std::string header(kBlock, '\0');
  const auto put = [&](std::size_t at, std::string_view text) {
    header.replace(at, text.size(), text);
  };
  put(0, name);
  put(124, octal(bytes.size(), 11));
  put(148, std::string(8, ' '));
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  const std::size_t over = bytes.size() % kBlock;
  return header + std::string(bytes) + std::string(over == 0 ? 0 : kBlock - over, '\0');
}

// An archive whose seal fits: the first line of the bytes is its header, the second its manifest,
// the rest the rows of a table. "$" in the manifest stands for what names the rows.
std::string sealed_archive(std::string_view bytes) {
  const auto take_line = [&bytes] {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const auto line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    return std::string(line);
  };
  const std::string header = take_line();
  std::string manifest = take_line();
  const std::string rows = app::gzip(bytes);
  const std::string name = "tables/lead/000001.ndjson.gz";
  const auto named = [](std::string_view entry, std::string_view content) {
    return R"({"name":")" + std::string(entry) + R"(","size":)" + std::to_string(content.size()) +
           R"(,"sha256":")" + base::sha256_hex(content) + "\"}";
  };
  const std::string entries = named("kehai-backup.json", header) + "," + named(name, rows);
  if (const auto at = manifest.find('$'); at != std::string::npos) manifest.replace(at, 1, entries);
  return tar_entry("kehai-backup.json", header) + tar_entry(name, rows) +
         tar_entry("manifest.json", manifest) +
         tar_entry("manifest.sha256", base::sha256_hex(manifest) + "\n") + std::string(1024, '\0');
}

void restore(const std::string& file) {
  try {
    app::verify_archive(file, [](std::int64_t) {});
    app::ArchiveVisitor visitor;
    visitor.rows = [](const std::string&, const std::vector<std::string>& columns,
                      const std::vector<base::Values>& rows) {
      for (const auto& row : rows) {
        if (row.size() != columns.size()) throw std::logic_error("a row of another width");
      }
    };
    visitor.file = [](const std::string&, const std::string&) {};
    app::read_archive(file, visitor, [](std::int64_t) {});
  } catch (const base::Error& error) {
    if (!error.code().starts_with("restore."))
      throw std::logic_error("a damaged archive is told as " + error.code());
  }
}

}  // namespace

void fuzz_backup(std::string_view bytes) {
  static TemporaryFile file;
  file.write(bytes);
  restore(file.path());
  file.write(sealed_archive(bytes));
  restore(file.path());
}

}  // namespace kehai::fuzz
