#include "app/transfer_commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "app/application.h"
#include "app/commands/common.h"
#include "app/progress.h"
#include "base/error.h"
#include "platform/transfer/transfer_files.h"
#include "query/parser.h"

namespace kehai::app {

namespace {

struct ImportFlags {
  std::string object;
  std::string file;
  std::string login;
  std::vector<std::string> columns;  // "列名=field"
  std::vector<std::string> create_missing;
  std::string settings_file;
  std::string duplicates;
  std::string result_file;
  bool dry_run = false;
  bool good_rows = false;
};

struct ExportFlags {
  std::string object;
  std::string file;
  std::string format;
  std::string login;
  std::string filter;
  std::string search;
  std::string order;
  std::vector<std::string> columns;
};

// Whose rights hold: the named person's, else those of the first administrator.
record::Actor person(Application& application, const std::string& login) {
  auto& identity = application.identity();
  if (!login.empty()) return identity.actor_for_login(login);
  std::vector<record::RecordId> users;
  record::ListRequest request;
  request.options.filter = query::parse_expression("status eq 'active'");
  request.default_order = "id";
  request.default_top = 500;
  do {
    request.options.skiptoken = application.engine().list_typed(
        operator_actor(), "user", request, [&](const record::TypedRow& row) {
          if (row.record.integer("is_system") == 0) users.push_back(row.record.id());
        });
    for (const record::RecordId id : users) {
      auto actor = identity.actor_for(id);
      if (application.access().is_admin(actor)) return actor;
    }
    users.clear();
  } while (!request.options.skiptoken.empty());
  throw base::Error(base::ErrorKind::Invalid, "import.no_administrator");
}

base::JsonObject settings_of(const ImportFlags& flags) {
  base::JsonObject settings;
  if (!flags.settings_file.empty()) {
    std::ifstream file(flags.settings_file, std::ios::binary);
    if (!file)
      throw base::Error(base::ErrorKind::Invalid, "import.file_unreadable",
                        {{"reason", flags.settings_file}});
    const base::Json json = base::parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!json.is_object()) throw base::Error(base::ErrorKind::Invalid, "json.not_object");
    settings = json.get_object();
  }
  if (!flags.duplicates.empty()) settings["duplicates"] = flags.duplicates;
  if (!flags.create_missing.empty()) {
    settings["create_missing"] =
        base::JsonArray(flags.create_missing.begin(), flags.create_missing.end());
  }
  return settings;
}

std::map<std::string, std::string> columns_of(const ImportFlags& flags) {
  std::map<std::string, std::string> columns;
  for (const auto& pair : flags.columns) {
    const std::size_t equals = pair.rfind('=');
    if (equals == std::string::npos || equals == 0) {
      throw base::Error(base::ErrorKind::Invalid, "import.bad_mapping", {{"value", pair}});
    }
    columns[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return columns;
}

void print_summary(const platform::ImportFileSummary& summary) {
  for (const auto& column : summary.mapping) {
    const auto& field = column.value();
    std::printf("%s -> %s\n", std::string(column.key()).c_str(),
                field.is_string() ? field.get_string().c_str() : "-");
  }
  const auto& counts = summary.counts;
  std::printf(
      "%s: rows %lld, good %lld, wrong %lld, duplicates %lld, created %lld, updated %lld, skipped "
      "%lld\n",
      std::string(platform::import_status_name(summary.status)).c_str(),
      static_cast<long long>(counts.rows), static_cast<long long>(counts.good),
      static_cast<long long>(counts.bad), static_cast<long long>(counts.duplicates),
      static_cast<long long>(counts.created), static_cast<long long>(counts.updated),
      static_cast<long long>(counts.skipped));
}

// What a stopped import leaves, in numbers that a person can check.
void tell_stopped(Application& application, const record::Actor& actor) {
  const base::Json list = base::parse_json(application.imports().list(actor));
  const auto& imports = list.as_object().at("value").as_array();
  std::int64_t written = 0;
  if (!imports.empty() && base::json_text(imports.front().as_object(), "status") == "applying") {
    const auto& counts = imports.front().as_object().at("counts").as_object();
    written = base::json_int(counts, "created") + base::json_int(counts, "updated");
  }
  if (written == 0) {
    std::fprintf(stderr, "kehai: Nothing of the file is in yet\n");
    return;
  }
  std::fprintf(stderr,
               "kehai: %lld records of the file are in and stay; the same command goes on with the "
               "rest, no row twice\n",
               static_cast<long long>(written));
}

// Rows are first checked, then written; each pass counts from the start.
class ImportProgress {
 public:
  void set(std::int64_t done, std::int64_t total) {
    if (!progress_ || done < done_) {
      progress_.reset();
      progress_.emplace(passes_++ == 0 ? "Checking" : "Importing", total, "rows");
    }
    done_ = done;
    progress_->set(done);
  }

 private:
  std::optional<Progress> progress_;
  std::int64_t done_ = 0;
  int passes_ = 0;
};

int run_import(const Options& options, const ImportFlags& flags, Interruption& interruption) {
  const auto columns = columns_of(flags);
  Application application(options);
  const auto actor = person(application, flags.login);
  const auto duty = interruption.before_end([&] { tell_stopped(application, actor); });
  platform::ImportFileRequest request;
  request.object = flags.object;
  request.file = flags.file;
  request.settings = settings_of(flags);
  request.columns = columns;
  request.dry_run = flags.dry_run;
  request.all_or_nothing = !flags.good_rows;
  request.row_limit = options.import_rows;
  request.folder = application.files_directory();
  request.result_file = flags.result_file;
  std::optional<ImportProgress> progress(std::in_place);
  const auto summary = platform::import_file(
      application.engine(), application.dedupe(), actor, request,
      [&](std::int64_t done, std::int64_t total) { progress->set(done, total); });
  progress.reset();
  print_summary(summary);
  using platform::ImportStatus;
  const bool checked =
      flags.dry_run && summary.status == ImportStatus::Validated && summary.counts.bad == 0;
  const bool written = summary.status == ImportStatus::Done ||
                       (flags.good_rows && summary.status == ImportStatus::Partial);
  if (!summary.message.empty()) std::fprintf(stderr, "kehai: %s\n", summary.message.c_str());
  return checked || written ? kFine : kFailed;
}

base::Error not_written(const std::string& reason) {
  return base::Error(base::ErrorKind::Unavailable, "export.not_written", {{"reason", reason}});
}

// Where a table is made, with what its writer puts beside it; gone with the object.
class PassingFolder {
 public:
  explicit PassingFolder(std::filesystem::path path) : path_(std::move(path)) {
    remove();
    std::error_code error;
    std::filesystem::create_directory(path_, error);
    if (error) throw not_written(error.message());
  }
  ~PassingFolder() { remove(); }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Also while somebody writes into it: what came meanwhile goes with the next try.
  void remove() const {
    constexpr int kTries = 3;
    std::error_code error;
    for (int i = 0; i < kTries; ++i) {
      std::filesystem::remove_all(path_, error);
      if (!error) return;
    }
  }

 private:
  std::filesystem::path path_;
};

void print(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(1 << 16);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         file.gcount() > 0) {
    std::fwrite(buffer.data(), 1, static_cast<std::size_t>(file.gcount()), stdout);
  }
  if (std::fflush(stdout) != 0) throw not_written(std::strerror(errno));
}

// The file is there when all of it is. Devices and pipes are written to as they are.
std::int64_t write_whole(const std::filesystem::path& target, Interruption& interruption,
                         const std::function<std::int64_t(const std::filesystem::path&)>& write) {
  std::error_code ignored;
  if (std::filesystem::exists(target, ignored) &&
      !std::filesystem::is_regular_file(target, ignored))
    return write(target);
  const PassingFolder folder(target.string() + ".part");
  const auto duty = interruption.before_end([&] { folder.remove(); });
  const auto file = folder.path() / target.filename();
  const std::int64_t rows = write(file);
  std::error_code error;
  std::filesystem::rename(file, target, error);
  if (error) throw not_written(error.message());
  return rows;
}

// 0 when that cannot be asked: the export itself says why.
std::int64_t rows_of(Application& application, const record::Actor& actor,
                     const ExportFlags& flags) {
  try {
    record::ListRequest request;
    if (!flags.filter.empty()) request.options.filter = query::parse_expression(flags.filter);
    if (!flags.search.empty()) request.options.search = flags.search;
    return application.engine().count(actor, flags.object, request);
  } catch (const base::Error&) {
    return 0;
  }
}

int run_export(const Options& options, const ExportFlags& flags, Interruption& interruption) {
  Application application(options);
  base::JsonObject request;
  request["object"] = flags.object;
  if (!flags.format.empty()) request["format"] = flags.format;
  if (!flags.filter.empty()) request["filter"] = flags.filter;
  if (!flags.search.empty()) request["search"] = flags.search;
  if (!flags.order.empty()) request["orderby"] = flags.order;
  if (!flags.columns.empty()) {
    base::JsonArray columns;
    for (const auto& column : flags.columns) columns.emplace_back(column);
    request["columns"] = std::move(columns);
  }
  auto actor = person(application, flags.login);
  actor.via = "command_line";
  const auto write = [&](const std::filesystem::path& file) {
    Progress progress("Exporting", rows_of(application, actor, flags), "rows");
    return platform::export_file(application.engine(), actor, request, file,
                                 [&](std::int64_t done) { progress.set(done); });
  };
  if (flags.file.empty()) {
    const auto temporary = std::filesystem::path(application.files_directory()) / "temporary";
    std::filesystem::create_directories(temporary);
    const PassingFolder folder(temporary / ("standard-output-" + std::to_string(getpid())));
    const auto duty = interruption.before_end([&] { folder.remove(); });
    const auto file = folder.path() / ("table." + (flags.format.empty() ? "csv" : flags.format));
    write(file);
    print(file);
    return kFine;
  }
  const auto rows = write_whole(flags.file, interruption, write);
  std::fprintf(stderr, "%lld rows written to %s\n", static_cast<long long>(rows),
               flags.file.c_str());
  return kFine;
}

}  // namespace

void add_transfer_commands(CLI::App& cli, const std::shared_ptr<Options>& options,
                           const std::function<void(CLI::App&)>& add_shared,
                           std::function<int()>& command) {
  const auto in = std::make_shared<ImportFlags>();
  auto* import_command = cli.add_subcommand("import", "Imports a CSV, XLSX or XLS file");
  add_shared(*import_command);
  import_command->add_option("OBJECT", in->object, "lead, account, contact, opportunity …")
      ->required();
  import_command->add_option("FILE", in->file, "The file")->required();
  import_command->add_option(
      "--as", in->login,
      "Login of the person whose rights hold; the first administrator without it");
  import_command->add_option(
      "--map", in->columns,
      "COLUMN=FIELD corrects the guessed mapping; COLUMN= leaves a column out");
  import_command->add_option("--create-missing", in->create_missing,
                             "Reference (campaign_id …) whose missing record is made by its name");
  import_command->add_option("--settings", in->settings_file,
                             "JSON file with all settings of an import");
  import_command->add_option("--duplicates", in->duplicates, "skip, create or attach");
  import_command->add_option("--result", in->result_file,
                             "Where to write what was not taken over (.csv or .xlsx)");
  import_command
      ->add_option("--import-rows", options->import_rows, "Most rows of one file; 0 = no limit")
      ->envname("KEHAI_IMPORT_ROWS")
      ->capture_default_str();
  import_command->add_flag("--dry-run", in->dry_run, "Only check every row");
  import_command->add_flag("--good-rows", in->good_rows,
                           "Import the good rows when others are wrong; else none");
  import_command->callback([options, in, &command] {
    command = interruptible([options, in](Interruption& interruption) {
      return run_import(*options, *in, interruption);
    });
  });

  const auto out = std::make_shared<ExportFlags>();
  auto* export_command = cli.add_subcommand("export", "Exports a list as CSV or XLSX");
  add_shared(*export_command);
  export_command->add_option("OBJECT", out->object, "lead, account, contact, opportunity …")
      ->required();
  export_command
      ->add_option("--format", out->format, "csv or xlsx; without it the file's name says it")
      ->check(CLI::IsMember({"csv", "xlsx"}));
  export_command->add_option("--output", out->file,
                             "The file to write; standard output without it");
  export_command->add_option(
      "--as", out->login,
      "Login of the person whose rights hold; the first administrator without it");
  export_command->add_option("--filter", out->filter,
                             "OData filter, e.g. \"status eq 'following'\"");
  export_command->add_option("--search", out->search, "Words to find");
  export_command->add_option("--orderby", out->order, "e.g. \"updated_at desc\"");
  export_command->add_option("--columns", out->columns, "Fields, separated by commas")
      ->delimiter(',');
  export_command->callback([options, out, &command] {
    command = interruptible([options, out](Interruption& interruption) {
      return run_export(*options, *out, interruption);
    });
  });
}

}  // namespace kehai::app
