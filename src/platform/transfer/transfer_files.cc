#include "platform/transfer/transfer_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "platform/transfer/export.h"
#include "platform/transfer/import.h"

namespace kehai::platform {

namespace {

std::string format_of(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".csv") return "csv";
  if (extension == ".xlsx") return "xlsx";
  throw base::Error(base::ErrorKind::Invalid, "export.unknown_format",
                    {{"file", file.filename().string()}});
}

// The settings with single columns of the guess corrected.
base::JsonObject corrected(const ImportJob& job, const ImportFileRequest& request) {
  base::JsonObject settings = request.settings;
  if (request.columns.empty()) return settings;
  base::JsonObject mapping;
  for (const auto& [column, field] : job.settings.mapping) {
    const bool taken = std::any_of(request.columns.begin(), request.columns.end(),
                                   [&](const auto& chosen) { return chosen.second == field; });
    if (!field.empty() && !taken) mapping[column] = field;
  }
  if (const auto* given = settings.if_contains("mapping"); given != nullptr && given->is_object())
    mapping = given->get_object();
  for (const auto& [column, field] : request.columns) {
    if (field.empty()) {
      mapping[column] = nullptr;
    } else {
      mapping[column] = field;
    }
  }
  settings["mapping"] = std::move(mapping);
  return settings;
}

}  // namespace

ByteProducer bytes_of_file(std::filesystem::path path) {
  return [path = std::move(path)](const ByteBlock& block) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      throw base::Error(base::ErrorKind::Invalid, "import.file_unreadable",
                        {{"reason", std::strerror(errno)}});
    }
    std::vector<char> buffer(1 << 16);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
           file.gcount() > 0) {
      block({buffer.data(), static_cast<std::size_t>(file.gcount())});
    }
  };
}

ImportFileSummary import_file(record::Engine& engine, Dedupe& dedupe, const record::Actor& actor,
                              const ImportFileRequest& request,
                              const std::function<void(std::int64_t, std::int64_t)>& progress) {
  const std::string result_format =
      request.result_file.empty() ? "" : format_of(request.result_file);
  Imports imports({engine, dedupe, nullptr, request.folder,
                   [&](std::int64_t, const std::string& json) {
                     if (!progress) return;
                     const base::Json event = base::parse_json(json);
                     const auto& done = event.as_object().at("progress").as_object();
                     progress(base::json_int(done, "done"), base::json_int(done, "total"));
                   },
                   request.row_limit});
  record::Actor person = actor;
  person.via = "command_line";
  const base::Json made = base::parse_json(imports.create(
      person, request.object, request.file.filename().string(), bytes_of_file(request.file)));
  const std::int64_t id = base::json_int(made.as_object(), "id");
  ImportJob job = imports.find(person, id);
  const base::JsonObject settings_wanted = corrected(job, request);
  if (!settings_wanted.empty()) imports.set_settings(person, id, settings_wanted);
  imports.validate(person, id);
  job = imports.find(person, id);
  const bool good =
      job.status == ImportStatus::Validated && !(request.all_or_nothing && job.counts.bad > 0);
  if (!request.dry_run && good) imports.apply(person, id, request.all_or_nothing);
  job = imports.find(person, id);
  if (!result_format.empty()) {
    const auto file = imports.result(person, id, result_format);
    std::ofstream out(request.result_file, std::ios::binary | std::ios::trunc);
    out << file.bytes;
    if (!out.flush()) {
      throw base::Error(base::ErrorKind::Unavailable, "export.not_written",
                        {{"reason", request.result_file.string()}});
    }
  }
  ImportFileSummary summary;
  summary.id = id;
  summary.status = job.status;
  summary.counts = job.counts;
  std::string code = job.message_code;
  base::Params params = job.message_params;
  if (code.empty() && !request.dry_run && !good) {
    code = "import.has_bad_rows";
    params = {{"count", std::to_string(job.counts.bad)}};
  }
  if (!code.empty()) summary.message = base::Texts().text(person.language, code, params);
  const base::JsonObject settings = import_settings_json(job.settings);
  if (const auto* mapping = settings.if_contains("mapping")) summary.mapping = mapping->as_object();
  return summary;
}

std::int64_t export_file(record::Engine& engine, const record::Actor& actor,
                         const base::JsonObject& request, const std::filesystem::path& file,
                         const std::function<void(std::int64_t)>& progress) {
  base::JsonObject wanted = request;
  if (!wanted.contains("format")) wanted["format"] = format_of(file);
  const ExportRequest list = parse_export_request(wanted);
  const std::int64_t rows = export_rows(engine, actor, list, 0, write_table_to(file, list.format),
                                        [&](std::int64_t done) {
                                          if (progress) progress(done);
                                          return true;
                                        });
  audit_export(engine, actor, list, base::json_text(wanted, "filter"), rows);
  return rows;
}

}  // namespace kehai::platform
