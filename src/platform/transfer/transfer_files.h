// Importing and exporting files without a person in front of it: the command line and scripts.
//
// The work is done before the functions return. Rights are those of the actor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "platform/dedupe/dedupe.h"
#include "platform/files/content_store.h"
#include "platform/transfer/import_types.h"
#include "record/engine.h"

namespace kehai::platform {

// Throws Invalid "import.file_unreadable" {reason}.
ByteProducer bytes_of_file(std::filesystem::path path);

struct ImportFileRequest {
  std::string object;
  std::filesystem::path file;
  base::JsonObject settings;  // as PUT /imports/{id}/settings; {} = guessed
  std::map<std::string, std::string>
      columns;           // column → field ("" = left out): corrects what was guessed
  bool dry_run = false;  // only check
  bool all_or_nothing = false;
  std::int64_t row_limit = 0;    // 0 = no limit
  std::filesystem::path folder;  // where uploads are kept: the data folder
  std::filesystem::path
      result_file;  // "" = none; else what was not taken over goes here (.csv or .xlsx)
};

struct ImportFileSummary {
  std::int64_t id = 0;
  ImportStatus status = ImportStatus::Failed;
  ImportCounts counts;
  std::string message;       // in the actor's language, "" = none
  base::JsonObject mapping;  // what was used
};

// `progress` gets rows done and rows in all. Throws what the steps of an import throw.
ImportFileSummary import_file(
    record::Engine& engine, Dedupe& dedupe, const record::Actor& actor,
    const ImportFileRequest& request,
    const std::function<void(std::int64_t done, std::int64_t total)>& progress = {});

// Writes every row that the actor may export; `request` as POST /exports. Without "format" the
// file's extension says it. Returns the number of rows.
std::int64_t export_file(record::Engine& engine, const record::Actor& actor,
                         const base::JsonObject& request, const std::filesystem::path& file,
                         const std::function<void(std::int64_t)>& progress = {});

}  // namespace kehai::platform
