#include "app/transfer_commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/application.h"
#include "base/error.h"
#include "platform/transfer/transfer_files.h"

namespace kehai::app {

namespace {

struct ImportFlags {
  std::string object;
  std::string file;
  std::string login;
  std::vector<std::string> columns;  // "列名=field"
  std::string settings_file;
  std::string duplicates;
  std::string result_file;
  bool dry_run = false;
  bool all_or_nothing = false;
};

struct ExportFlags {
  std::string object;
  std::string file;
  std::string login;
  std::string filter;
  std::string search;
  std::string order;
  std::vector<std::string> columns;
};

base::JsonObject settings_of(const ImportFlags& flags) {
  base::JsonObject settings;
  if (!flags.settings_file.empty()) {
    std::ifstream file(flags.settings_file, std::ios::binary);
    if (!file) throw base::Error(base::ErrorKind::Invalid, "import.file_unreadable", {{"reason", flags.settings_file}});
    const base::Json json = base::parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!json.is_object()) throw base::Error(base::ErrorKind::Invalid, "json.not_object");
    settings = json.get_object();
  }
  if (!flags.duplicates.empty()) settings["duplicates"] = flags.duplicates;
  if (!flags.columns.empty()) {
    base::JsonObject mapping;
    for (const auto& pair : flags.columns) {
      const std::size_t equals = pair.rfind('=');
      if (equals == std::string::npos) throw base::Error::fields({{"map", "field.required", {}}});
      mapping[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    settings["mapping"] = std::move(mapping);
  }
  return settings;
}

int run_import(const Options& options, const ImportFlags& flags) {
  Application application(options);
  platform::ImportFileRequest request;
  request.object = flags.object;
  request.file = flags.file;
  request.settings = settings_of(flags);
  request.dry_run = flags.dry_run;
  request.all_or_nothing = flags.all_or_nothing;
  request.folder = application.files_directory();
  request.result_file = flags.result_file;
  const bool shows_progress = isatty(STDERR_FILENO) != 0;
  const auto summary = platform::import_file(
      application.engine(), application.dedupe(), application.identity().actor_for_login(flags.login), request,
      [&](std::int64_t done, std::int64_t total) {
        if (shows_progress) std::fprintf(stderr, "\r%lld / %lld", static_cast<long long>(done), static_cast<long long>(total));
      });
  if (shows_progress) std::fprintf(stderr, "\n");
  for (const auto& column : summary.mapping) {
    const auto& field = column.value();
    std::printf("%s -> %s\n", std::string(column.key()).c_str(), field.is_string() ? field.get_string().c_str() : "-");
  }
  const auto& counts = summary.counts;
  std::printf("%s: rows %lld, good %lld, wrong %lld, duplicates %lld, created %lld, updated %lld, skipped %lld\n",
              std::string(platform::import_status_name(summary.status)).c_str(), static_cast<long long>(counts.rows),
              static_cast<long long>(counts.good), static_cast<long long>(counts.bad),
              static_cast<long long>(counts.duplicates), static_cast<long long>(counts.created),
              static_cast<long long>(counts.updated), static_cast<long long>(counts.skipped));
  if (!summary.message.empty()) std::printf("%s\n", summary.message.c_str());
  return summary.status == platform::ImportStatus::Done || (flags.dry_run && counts.bad == 0) ? 0 : 1;
}

int run_export(const Options& options, const ExportFlags& flags) {
  Application application(options);
  base::JsonObject request;
  request["object"] = flags.object;
  if (!flags.filter.empty()) request["filter"] = flags.filter;
  if (!flags.search.empty()) request["search"] = flags.search;
  if (!flags.order.empty()) request["orderby"] = flags.order;
  if (!flags.columns.empty()) {
    base::JsonArray columns;
    for (const auto& column : flags.columns) columns.emplace_back(column);
    request["columns"] = std::move(columns);
  }
  auto actor = application.identity().actor_for_login(flags.login);
  actor.via = "command_line";
  const auto rows = platform::export_file(application.engine(), actor, request, flags.file);
  std::printf("%lld rows written to %s\n", static_cast<long long>(rows), flags.file.c_str());
  return 0;
}

}  // namespace

void add_transfer_commands(CLI::App& cli, const std::shared_ptr<Options>& options,
                           const std::function<void(CLI::App&)>& add_shared, std::function<int()>& command) {
  const auto in = std::make_shared<ImportFlags>();
  auto* import_command = cli.add_subcommand("import", "Imports a CSV, XLSX or XLS file");
  add_shared(*import_command);
  import_command->add_option("object", in->object, "lead, account, contact, opportunity …")->required();
  import_command->add_option("file", in->file, "The file")->required();
  import_command->add_option("--as", in->login, "Login of the person whose rights hold")->required();
  import_command->add_option("--map", in->columns, "Column=field; the mapping is guessed without it");
  import_command->add_option("--settings", in->settings_file, "JSON file with all settings of an import");
  import_command->add_option("--duplicates", in->duplicates, "skip, create or attach");
  import_command->add_option("--result", in->result_file, "Where to write what was not taken over (.csv or .xlsx)");
  import_command->add_flag("--dry-run", in->dry_run, "Only check every row");
  import_command->add_flag("--all-or-nothing", in->all_or_nothing, "Import nothing when one row is wrong");
  import_command->callback([options, in, &command] { command = [options, in] { return run_import(*options, *in); }; });

  const auto out = std::make_shared<ExportFlags>();
  auto* export_command = cli.add_subcommand("export", "Exports a list as CSV or XLSX");
  add_shared(*export_command);
  export_command->add_option("object", out->object, "lead, account, contact, opportunity …")->required();
  export_command->add_option("file", out->file, "The file to write (.csv or .xlsx)")->required();
  export_command->add_option("--as", out->login, "Login of the person whose rights hold")->required();
  export_command->add_option("--filter", out->filter, "OData filter, e.g. \"status eq 'following'\"");
  export_command->add_option("--search", out->search, "Words to find");
  export_command->add_option("--orderby", out->order, "e.g. \"updated_at desc\"");
  export_command->add_option("--columns", out->columns, "Fields, separated by commas")->delimiter(',');
  export_command->callback([options, out, &command] { command = [options, out] { return run_export(*options, *out); }; });
}

}  // namespace kehai::app
