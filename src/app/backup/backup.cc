#include "app/backup/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "app/backup/archive.h"
#include "app/progress.h"
#include "base/error.h"
#include "base/time.h"
#include "db/bulk.h"
#include "platform/search/match.h"
#include "record/migrator.h"

namespace kehai::app {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using record::Record;

namespace {

// What describes the database that it lies in, not the company.
const std::set<std::string> kOwnTables = {"schema_meta", "schema_column"};
constexpr const char* kUnfinished = "restoring";
constexpr const char* kPart = ".part";
constexpr const char* kSnapshot = ".snapshot";
constexpr std::chrono::seconds kLongestStop{20};
constexpr std::int64_t kMegabyte = 1'000'000;
constexpr const char* kPatience = "connect_timeout=30";  // seconds; 2 is usual (db/postgres)
constexpr int kAttempts = 3;  // to back up a database that goes away meanwhile
constexpr std::chrono::seconds kBetweenAttempts{5};

std::vector<db::TableDefinition> tables_of_company() {
  const Tables tables = program_tables();
  auto all = record::all_tables(tables.objects, tables.fixed);
  std::erase_if(all,
                [](const db::TableDefinition& table) { return kOwnTables.contains(table.name); });
  // A table may be declared by more than one part.
  std::set<std::string> seen;
  std::erase_if(all,
                [&](const db::TableDefinition& table) { return !seen.insert(table.name).second; });
  return all;
}

void remove_database_files(const std::string& file) {
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm", ".part", ".part-journal"})
    fs::remove(file + end, ignored);
}

// Nobody waits before a screen: a server that is slow to answer is not gone.
std::unique_ptr<db::Database> open_patiently(const Options& options) {
  Options patient = options;
  std::string& url = patient.database_url;
  if (!url.empty() && url.find("connect_timeout=") == std::string::npos)
    url += (url.find('?') == std::string::npos ? "?" : "&") + std::string(kPatience);
  return open_database(patient);
}

// The copy has about the size of the database.
void copy_with_progress(const std::string& from, const std::string& to) {
  const auto megabytes = [](const std::string& file) {
    std::error_code code;
    const auto size = fs::file_size(file, code);
    return code ? 0 : static_cast<std::int64_t>(size / kMegabyte);
  };
  Progress progress("Copying the database (MB)", megabytes(from), "MB");
  watch(
      progress, [&] { return megabytes(to + kPart); }, [&] { db::copy_sqlite(from, to); });
}

// The database to read from: PostgreSQL itself, or a copy of the embedded one that is this
// process's own.
class Snapshot {
 public:
  Snapshot(const Options& options, const std::string& copy)
      : copy_(options.database_url.empty() ? copy : "") {
    const Tables tables = program_tables();
    if (copy_.empty()) {
      database_ = open_patiently(options);
      if (!record::is_current(*database_, tables.objects, tables.fixed)) {
        throw Error(ErrorKind::Unavailable, "backup.other_version");
      }
      return;
    }
    const std::string file = sqlite_file(options.data_directory);
    if (!fs::exists(file)) {
      throw Error(ErrorKind::Unavailable, "data.no_database",
                  {{"directory", options.data_directory}});
    }
    remove_database_files(copy_);
    copy_with_progress(file, copy_);
    try {
      database_ = db::open_sqlite({.file = copy_, .readers = 1});
      record::migrate(*database_, tables.objects, tables.fixed, {});
    } catch (...) {
      database_.reset();
      remove_database_files(copy_);
      throw;
    }
  }
  ~Snapshot() {
    database_.reset();
    if (!copy_.empty()) remove_database_files(copy_);
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  db::Database& database() { return *database_; }

 private:
  std::string copy_;
  std::unique_ptr<db::Database> database_;
};

// Throws Unavailable "database.unreachable" when the database went away meanwhile: the archive then
// holds a part and is of no use.
void write_tables(db::Database& database, ArchiveWriter& archive) {
  bool begun = false;
  database.read([&](db::Reader& reader) {
    if (std::exchange(begun, true))
      throw Error(ErrorKind::Unavailable, "database.unreachable", {},
                  "lost while tables were read");
    std::vector<db::TableDefinition> tables;
    for (const auto& table : tables_of_company()) {
      tables.push_back(db::as_it_stands(reader, table));
      if (tables.back().columns.empty()) tables.pop_back();
    }
    std::int64_t total = 0;
    for (const auto& table : tables) total += db::Table(table.name).count(reader, {});
    Progress progress("Backing up", total, "rows");
    for (const auto& table : tables) {
      std::vector<std::string> columns;
      for (const auto& column : table.columns) columns.push_back(column.name);
      archive.begin_table(table.name, columns);
      const int count = static_cast<int>(columns.size());
      db::read_table(reader, table, [&](const db::Row& row) {
        archive.add_row([&](base::JsonWriter& writer) {
          writer.begin_array();
          for (int i = 0; i < count; ++i) writer.value(row.get(i));
          writer.end_array();
        });
        progress.set(archive.rows());
      });
      archive.end_table();
    }
  });
}

// Nothing when the file is gone by now.
std::optional<std::string> read_file(const fs::path& path) {
  std::error_code code;
  const auto cannot_read = [&] {
    return Error(ErrorKind::Unavailable, "backup.cannot_read",
                 {{"file", path.string()}, {"reason", std::strerror(errno)}});
  };
  std::ifstream stream(path, std::ios::binary);
  if (!stream && fs::exists(path, code)) throw cannot_read();
  if (!stream) return std::nullopt;
  std::ostringstream bytes;
  if (stream.peek() != std::ifstream::traits_type::eof()) bytes << stream.rdbuf();
  if (stream.bad() || bytes.fail()) throw cannot_read();
  return std::move(bytes).str();
}

// Files never change once they are there, and what a row of the snapshot names stays for a day
// after the last row (platform/files): those of a moment later are at worst some more. Drafts that
// are being written come and go.
std::int64_t write_files(const std::string& data_directory, ArchiveWriter& archive) {
  const fs::path folder = fs::path(data_directory) / "files";
  std::int64_t count = 0;
  std::error_code code;
  for (const auto& entry : fs::recursive_directory_iterator(folder, code)) {
    if (!entry.is_regular_file(code)) continue;
    const auto bytes = read_file(entry.path());
    if (!bytes) continue;
    archive.add_file(fs::relative(entry.path(), folder).string(), *bytes);
    ++count;
  }
  return count;
}

void sync_folder(const fs::path& folder) {
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

// ---- Restoring

bool has_rows(db::Database& database) {
  bool found = false;
  const auto tables = tables_of_company();
  database.read([&](db::Reader& reader) {
    for (const auto& table : tables) {
      found = found ||
              (db::has_table(reader, table.name) && db::Table(table.name).count(reader, {}) > 0);
    }
  });
  return found;
}

// Puts rows in the order of this program's columns; what the archive does not have stays null.
class Rows {
 public:
  Rows() {
    for (auto& table : tables_of_company()) tables_[table.name] = std::move(table);
  }
  void insert(db::Writer& writer, const std::string& name, const std::vector<std::string>& columns,
              const std::vector<base::Values>& rows) const {
    const auto table = tables_.find(name);
    if (table == tables_.end())
      throw Error(ErrorKind::Unavailable, "restore.newer_version", {}, "table " + name);
    std::vector<std::size_t> target;
    for (const auto& column : columns) target.push_back(position(table->second, column));
    std::vector<base::Values> ordered;
    ordered.reserve(rows.size());
    for (const auto& row : rows) {
      base::Values values(table->second.columns.size());
      for (std::size_t i = 0; i < row.size(); ++i) values[target[i]] = row[i];
      ordered.push_back(std::move(values));
    }
    db::insert_rows(writer, table->second, ordered);
  }

 private:
  static std::size_t position(const db::TableDefinition& table, const std::string& column) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name == column) return i;
    }
    throw Error(ErrorKind::Unavailable, "restore.newer_version", {},
                "column " + table.name + "." + column);
  }
  std::map<std::string, db::TableDefinition> tables_;
};

void write_file(const fs::path& folder, const std::string& name, const std::string& bytes) {
  const fs::path path = (folder / name).lexically_normal();
  if (path.lexically_relative(folder).string().starts_with(".."))
    throw Error(ErrorKind::Invalid, "restore.damaged", {}, name);
  fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream.flush())
    throw Error(ErrorKind::StorageFull, "backup.cannot_write",
                {{"file", path.string()}, {"reason", "database.full"}});
}

}  // namespace

class Restorer::Work {
 public:
  Work(Options target, std::string archive)
      : options_(std::move(target)), archive_(std::move(archive)) {}

  BackupResult run() {
    const Ending ending(*this);
    {
      Progress progress("Checking the archive (MB)",
                        static_cast<std::int64_t>(file_size() / kMegabyte), "MB");
      contents_ = verify_archive(archive_, [&](std::int64_t bytes) {
        check_stopped();
        progress.set(bytes / kMegabyte);
      });
    }
    if (contents_.header.schema_version > record::kSchemaVersion) {
      throw Error(ErrorKind::Unavailable, "restore.newer_version", {}, "schema");
    }
    make_folder();
    try {
      fill();
    } catch (...) {
      std::error_code ignored;
      fs::remove_all(work_, ignored);
      if (made_folder_) fs::remove_all(options_.data_directory, ignored);
      throw;
    }
    return result_;
  }

  void stop() {
    std::unique_lock lock(mutex_);
    is_stopped_ = true;
    ended_.wait_for(lock, kLongestStop, [this] { return !is_running_; });
  }

 private:
  // run() is under way.
  class Ending {
   public:
    explicit Ending(Work& work) : work_(work) { set(true); }
    ~Ending() { set(false); }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

   private:
    void set(bool is_running) {
      const std::lock_guard lock(work_.mutex_);
      work_.is_running_ = is_running;
      work_.ended_.notify_all();
    }
    Work& work_;
  };

  void check_stopped() {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) throw Error(ErrorKind::Unavailable, "engine.stopping");
  }

  std::uintmax_t file_size() const {
    std::error_code code;
    const auto size = fs::file_size(archive_, code);
    return code ? 0 : size;
  }

  // Only what an interrupted restore left may be there.
  void make_folder() {
    const fs::path folder = options_.data_directory;
    std::error_code code;
    made_folder_ = !fs::exists(folder, code);
    if (!made_folder_) {
      for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const bool empty_files = name == "files" && fs::is_empty(entry.path());
        if (name != kUnfinished && name != "kehai.lock" && name != "lost+found" && !empty_files) {
          throw Error(ErrorKind::Conflict, "restore.not_empty", {{"target", folder.string()}});
        }
      }
    }
    prepare_data_folder(options_.data_directory);
    lock_ = FolderLock(options_.data_directory);
    work_ = folder / kUnfinished;
    fs::remove_all(work_, code);
    prepare_data_folder(work_.string());
  }

  // Nearly: deleted ones are in the archive, too.
  std::int64_t records_to_index(Application& application) const {
    std::int64_t records = 0;
    const auto schema = application.engine().schema();
    for (const auto& object : schema->objects()) {
      const auto rows = contents_.rows.find(object->definition().name);
      if (platform::is_searchable(object->definition()) && rows != contents_.rows.end())
        records += rows->second;
    }
    return records;
  }

  // Everything is made in a folder of its own; the database's appearance in its place is the last
  // step.
  void fill() {
    Options work = options_;
    work.data_directory = work_.string();
    work.quiet_log = true;
    fill_database(work);
    try {
      std::fprintf(stderr, "Making the search index\n");
      Application application(work);
      Progress progress("Search index", records_to_index(application), "records");
      application.search().rebuild(application.engine(), [&](std::int64_t records) {
        check_stopped();
        progress.add(records);
      });
    } catch (...) {
      if (!options_.database_url.empty()) empty_database(work);
      throw;
    }
    const fs::path folder = options_.data_directory;
    fs::remove(folder / "files");
    fs::rename(work_ / "files", folder / "files");
    if (options_.database_url.empty())
      fs::rename(sqlite_file(work.data_directory), sqlite_file(options_.data_directory));
    fs::remove_all(work_);
    sync_folder(folder);
  }

  void fill_database(const Options& work) {
    const auto database = open_patiently(work);
    if (has_rows(*database)) {
      throw Error(ErrorKind::Conflict, "restore.not_empty", {{"target", "--database"}});
    }
    const Tables tables = program_tables();
    record::migrate(*database, tables.objects, tables.fixed, {});
    if (database->is_postgres()) {
      // One transaction: a restore that is interrupted leaves an empty database.
      database->write(
          [&](db::Writer& writer) { load([&](const Insert& insert) { insert(writer); }); },
          db::Lane::Bulk);
    } else {
      load([&](const Insert& insert) { database->write(insert, db::Lane::Bulk); });
    }
  }

  using Insert = std::function<void(db::Writer&)>;

  void load(const std::function<void(const Insert&)>& write) {
    constexpr std::size_t kRowsAtOnce = 2000;
    result_ = {0, 0, contents_.size};
    std::map<std::string, std::int64_t> loaded;
    Progress progress("Restoring (MB)", contents_.size / kMegabyte, "MB");
    ArchiveVisitor visitor;
    visitor.rows = [&](const std::string& table, const std::vector<std::string>& columns,
                       std::vector<base::Values> rows) {
      for (std::size_t at = 0; at < rows.size(); at += kRowsAtOnce) {
        const auto end =
            rows.begin() + static_cast<std::ptrdiff_t>(std::min(at + kRowsAtOnce, rows.size()));
        const std::vector<base::Values> some(rows.begin() + static_cast<std::ptrdiff_t>(at), end);
        write([&](db::Writer& writer) { rows_.insert(writer, table, columns, some); });
      }
      loaded[table] += static_cast<std::int64_t>(rows.size());
      result_.rows += static_cast<std::int64_t>(rows.size());
    };
    visitor.file = [&](const std::string& name, const std::string& bytes) {
      write_file(work_ / "files", name, bytes);
      ++result_.files;
    };
    read_archive(archive_, visitor, [&](std::int64_t bytes) {
      check_stopped();
      progress.set(bytes / kMegabyte);
    });
    for (const auto& [table, rows] : contents_.rows) {
      if (loaded[table] != rows)
        throw Error(ErrorKind::Invalid, "restore.damaged", {}, "rows of " + table);
    }
  }

  static void empty_database(const Options& work) {
    const auto database = open_database(work);
    database->write([](db::Writer& writer) {
      for (const auto& table : tables_of_company()) db::erase_rows(writer, table);
    });
  }

  Options options_;
  std::string archive_;
  ArchiveContents contents_;
  BackupResult result_;
  FolderLock lock_;
  fs::path work_;
  bool made_folder_ = false;
  Rows rows_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_running_ = false;
  bool is_stopped_ = false;
};

namespace {

// `tables` writes them; the files of the data folder follow.
BackupResult write_archive(const Options& options, const std::string& archive,
                           const std::function<void(ArchiveWriter&)>& tables) {
  if (fs::exists(archive))
    throw Error(ErrorKind::Conflict, "backup.file_exists", {{"file", archive}});
  const std::string unfinished = archive + kPart;
  BackupResult result;
  try {
    const auto clock = base::make_system_clock();
    ArchiveWriter writer(unfinished, {record::kSchemaVersion, KEHAI_VERSION, clock->now()});
    tables(writer);
    result.files = write_files(options.data_directory, writer);
    writer.finish();
    result.rows = writer.rows();
    fs::rename(unfinished, archive);
    sync_folder(fs::path(archive).parent_path());
    result.bytes = static_cast<std::int64_t>(fs::file_size(archive));
  } catch (...) {
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    throw;
  }
  return result;
}

}  // namespace

BackupResult back_up(const Options& options, const std::string& archive) {
  for (int attempt = 1;; ++attempt) {
    try {
      return write_archive(options, archive, [&](ArchiveWriter& writer) {
        Snapshot snapshot(options, archive + kSnapshot);
        write_tables(snapshot.database(), writer);
      });
    } catch (const Error& error) {
      // Once it was there, it may be restarting.
      const bool may_return = error.code() == "database.unreachable" ||
                              (attempt > 1 && error.code() == "database.cannot_open");
      if (options.database_url.empty() || !may_return || attempt == kAttempts) throw;
    }
    std::fprintf(stderr, "The database went away: beginning again\n");
    std::this_thread::sleep_for(kBetweenAttempts);
  }
}

void back_up_before_upgrade(const Options& options, db::Database& database, base::Instant now) {
  const fs::path file =
      fs::path(options.data_directory) / ("before-upgrade-" + std::to_string(now));
  const std::string copy = file.string() + (database.is_postgres() ? ".tar" : ".db");
  std::fprintf(stderr, "This version changes the tables. A copy of them as they are goes to %s\n",
               copy.c_str());
  if (!database.is_postgres()) {
    database.copy_to(copy);
    return;
  }
  write_archive(options, copy, [&](ArchiveWriter& writer) { write_tables(database, writer); });
}

void remove_unfinished_backup(const std::string& archive) {
  std::error_code ignored;
  fs::remove(archive + kPart, ignored);
  remove_database_files(archive + kSnapshot);
}

Restorer::Restorer(Options target, std::string archive)
    : work_(std::make_unique<Work>(std::move(target), std::move(archive))) {}
Restorer::~Restorer() = default;
BackupResult Restorer::run() {
  return work_->run();
}
void Restorer::stop() {
  work_->stop();
}

BackupResult restore(const Options& options, const std::string& archive) {
  return Restorer(options, archive).run();
}

}  // namespace kehai::app
