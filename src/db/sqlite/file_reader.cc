#include "db/sqlite/file_reader.h"

#include "base/error.h"
#include "db/bulk.h"
#include "db/dialect.h"
#include "db/reentry.h"

namespace kehai::db::sqlite {

namespace {

constexpr int kCacheKib = 16 * 1024;

[[noreturn]] void refuse() {
  throw base::Error(base::ErrorKind::Internal, "internal", {}, "the database is only read here");
}

}  // namespace

std::string sentence_of(const std::string& finding) {
  if (finding == "ok") return {};
  return "The database file is damaged; stop the server and restore the latest backup: " + finding;
}

FileReader::FileReader(const std::string& file)
    : readers_({.file = file, .role = Role::Reader, .cache_kib = kCacheKib, .vfs = {}}, 1) {}

const Dialect& FileReader::dialect() const {
  return sqlite_dialect();
}

void FileReader::read(const std::function<void(Reader&)>& fn) {
  const Reentry guard(this);
  readers_.run(fn);
}

void FileReader::write(const std::function<void(Writer&)>&, Lane) {
  refuse();
}

void FileReader::migrate(const std::function<void(Writer&)>&) {
  refuse();
}

bool FileReader::exclusively(std::string_view, const std::function<void()>&) {
  refuse();
}

void FileReader::copy_to(const std::string&) {
  refuse();
}

std::string FileReader::check() {
  std::string finding;
  try {
    read([&](Reader& reader) { finding = reader.scalar("PRAGMA integrity_check(1)").text_or(""); });
  } catch (const base::Error& error) {
    finding = error.code() + ": " + error.detail();
  }
  return sentence_of(finding);
}

}  // namespace kehai::db::sqlite

namespace kehai::db {

std::unique_ptr<Database> read_sqlite(const std::string& file) {
  try {
    return std::make_unique<sqlite::FileReader>(file);
  } catch (const base::Error& error) {
    throw base::Error(base::ErrorKind::Unavailable, "database.cannot_open",
                      {{"reason", error.code()}}, file + ": " + error.detail());
  }
}

}  // namespace kehai::db
