#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/commands/common.h"
#include "app/progress.h"

namespace kehai::app {

namespace {

struct ImportFlags {
  Options options;
  std::string object;
  std::string file;
  std::string user;
  std::string duplicates = "skip";
  std::vector<std::string> mapping;
  bool dry_run = false;
  bool good_rows = false;
};

record::Actor actor_of(Application& application, const std::string& login) {
  if (login.empty()) return operator_actor();
  record::Actor actor = application.identity().actor_for_login(login);
  actor.via = "command_line";
  return actor;
}

base::JsonObject parsed(const std::string& json) { return base::parse_json(json).as_object(); }

// What was guessed from the headers, with --map COLUMN=FIELD in place of some of it; COLUMN= leaves a column out.
base::JsonObject settings_of(const ImportFlags& flags, const base::JsonObject& uploaded) {
  base::JsonObject mapping;
  for (const auto& column : uploaded.at("preview").as_object().at("columns").as_array()) {
    mapping[column.as_object().at("name").as_string()] = column.as_object().at("field");
  }
  for (const auto& entry : flags.mapping) {
    const std::size_t equal = entry.rfind('=');
    if (equal == std::string::npos || equal == 0) {
      throw base::Error(base::ErrorKind::Invalid, "import.bad_mapping", {{"value", entry}});
    }
    const std::string field = entry.substr(equal + 1);
    mapping[entry.substr(0, equal)] = field.empty() ? base::Json(nullptr) : base::Json(field);
  }
  base::JsonObject settings;
  settings["mapping"] = std::move(mapping);
  settings["duplicates"] = flags.duplicates;
  return settings;
}

void print_counts(const base::JsonObject& import) {
  const auto& counts = import.at("counts").as_object();
  std::printf("%s:", base::json_text(import, "status").c_str());
  for (const auto* name : {"rows", "good", "bad", "duplicates", "created", "updated", "skipped"}) {
    std::printf(" %s %lld", name, static_cast<long long>(base::json_int(counts, name)));
  }
  std::printf("\n");
}

// The first rows that are wrong; all of them are in the file beside the imported one.
void print_errors(platform::Imports& imports, const record::Actor& actor, std::int64_t id) {
  constexpr int kShown = 20;
  const auto rows = parsed(imports.rows(actor, id, "error", 0, kShown));
  for (const auto& row : rows.at("value").as_array()) {
    for (const auto& error : row.as_object().at("errors").as_array()) {
      const auto& object = error.as_object();
      std::fprintf(stderr, "  row %lld, %s: %s\n", static_cast<long long>(base::json_int(row.as_object(), "row")),
                   base::json_text(object, "column").c_str(), base::json_text(object, "message").c_str());
    }
  }
}

void write_rejected(platform::Imports& imports, const record::Actor& actor, std::int64_t id, const std::string& file) {
  const auto rejected = imports.rejected_rows(actor, id, "csv");
  const std::string path = file + ".rejected.csv";
  std::FILE* out = std::fopen(path.c_str(), "wb");
  const bool good = out != nullptr && std::fwrite(rejected.bytes.data(), 1, rejected.bytes.size(), out) == rejected.bytes.size();
  if (out == nullptr || std::fclose(out) != 0 || !good) {
    std::fprintf(stderr, "  (%s cannot be written)\n", path.c_str());
    return;
  }
  std::fprintf(stderr, "  Rows that were left out, with their reasons: %s\n", path.c_str());
}

int import_file(const ImportFlags& given) {
  ImportFlags flags = given;
  flags.options.transfer_at_once = true;
  Application application(flags.options);
  const record::Actor actor = actor_of(application, flags.user);
  Progress progress("Importing", 0, "rows");
  platform::Imports imports({application.engine(), application.dedupe(), nullptr, flags.options.data_directory,
                             [&](std::int64_t, const std::string& json) {
                               const auto object = parsed(json);
                               if (const auto* state = object.if_contains("progress"); state != nullptr && state->is_object()) {
                                 progress.set(base::json_int(state->as_object(), "done"));
                               }
                             }});
  const auto name = std::filesystem::path(flags.file).filename().string();
  const auto uploaded = parsed(imports.create(actor, flags.object, name, platform::bytes_of_file(flags.file)));
  const std::int64_t id = base::json_int(uploaded, "id");
  imports.set_settings(actor, id, settings_of(flags, uploaded));
  const auto checked = parsed(imports.validate(actor, id));
  const std::int64_t bad = base::json_int(checked.at("counts").as_object(), "bad");
  const bool stops = flags.dry_run || base::json_text(checked, "status") != "validated" || (bad > 0 && !flags.good_rows);
  if (stops) {
    print_counts(checked);
    if (bad > 0) print_errors(imports, actor, id);
    if (bad > 0 && !flags.dry_run) std::fprintf(stderr, "Nothing was imported; --good-rows imports the others\n");
    return bad > 0 || base::json_text(checked, "status") != "validated" ? kFailed : kFine;
  }
  const auto done = parsed(imports.apply(actor, id, !flags.good_rows));
  print_counts(done);
  const std::string status = base::json_text(done, "status");
  if (status == "done") return kFine;
  print_errors(imports, actor, id);
  write_rejected(imports, actor, id, flags.file);
  return status == "partial" ? kFine : kFailed;
}

struct ExportFlags {
  Options options;
  std::string object;
  std::string format = "csv";
  std::string filter;
  std::string columns;
  std::string user;
  std::string file;
};

int export_file(const ExportFlags& given) {
  ExportFlags flags = given;
  flags.options.transfer_at_once = true;
  Application application(flags.options);
  const record::Actor actor = actor_of(application, flags.user);
  base::JsonObject request;
  request["object"] = flags.object;
  request["format"] = flags.format;
  if (!flags.filter.empty()) request["filter"] = flags.filter;
  if (!flags.columns.empty()) {
    base::JsonArray columns;
    for (const auto& name : CLI::detail::split(flags.columns, ',')) columns.emplace_back(name);
    request["columns"] = std::move(columns);
  }
  const auto created = parsed(application.exports().create(actor, request));
  const auto file = application.exports().file(actor, base::json_int(created, "id"));
  const std::string target = flags.file.empty() ? flags.object + "." + flags.format : flags.file;
  if (std::filesystem::exists(target)) {
    throw base::Error(base::ErrorKind::Conflict, "backup.file_exists", {{"file", target}});
  }
  std::filesystem::copy_file(file.path, target);
  std::printf("Exported to %s\n", target.c_str());
  return kFine;
}

void add_import(CLI::App& cli, Command& command) {
  const auto flags = std::make_shared<ImportFlags>();
  auto* import_command = cli.add_subcommand("import", "Imports a CSV, XLSX or XLS file; checks every row first");
  add_shared_flags(*import_command, flags->options);
  import_command->add_option("OBJECT", flags->object, "lead, account, contact …")->required();
  import_command->add_option("FILE", flags->file, "File to read")->required()->check(CLI::ExistingFile);
  import_command->add_option("--map", flags->mapping, "COLUMN=FIELD in place of the guess; COLUMN= leaves it out");
  import_command->add_option("--duplicates", flags->duplicates, "What happens with rows that are there already")
      ->check(CLI::IsMember({"skip", "create", "attach"}))
      ->capture_default_str();
  import_command->add_option("--user", flags->user, "Login of the person who imports and owns; else the operator");
  import_command->add_flag("--dry-run", flags->dry_run, "Only checks");
  import_command->add_flag("--good-rows", flags->good_rows, "Imports the good rows when others are wrong");
  import_command->callback([flags, &command] { command = [flags] { return import_file(*flags); }; });
}

void add_export(CLI::App& cli, Command& command) {
  const auto flags = std::make_shared<ExportFlags>();
  auto* export_command = cli.add_subcommand("export", "Writes records of an object as a table");
  add_shared_flags(*export_command, flags->options);
  export_command->add_option("OBJECT", flags->object, "lead, account, contact …")->required();
  export_command->add_option("--format", flags->format, "csv or xlsx")
      ->check(CLI::IsMember({"csv", "xlsx"}))
      ->capture_default_str();
  export_command->add_option("--filter", flags->filter, "Which records, e.g. \"status eq 'won'\"");
  export_command->add_option("--columns", flags->columns, "Fields, separated by commas");
  export_command->add_option("--user", flags->user, "Login of the person whose rights count; else the operator");
  export_command->add_option("--output", flags->file, "File to write; OBJECT.FORMAT when not given");
  export_command->callback([flags, &command] { command = [flags] { return export_file(*flags); }; });
}

}  // namespace

void add_transfer(CLI::App& cli, Command& command) {
  add_import(cli, command);
  add_export(cli, command);
}

}  // namespace kehai::app
