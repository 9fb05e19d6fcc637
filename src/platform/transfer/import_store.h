// The tables of imports: jobs, findings about rows, created records, remembered mappings, keys of
// other systems. Functions without state; safe from any thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/database.h"
#include "db/table.h"
#include "platform/transfer/import_types.h"

namespace kehai::platform {

std::vector<db::TableDefinition> import_tables();

void insert_job(db::Writer& writer, const ImportJob& job);
// Everything but owner, object and file.
void update_job(db::Writer& writer, const ImportJob& job);
std::optional<ImportJob> find_job(db::Reader& reader, std::int64_t id);
std::vector<ImportJob> jobs_with_status(db::Reader& reader, ImportStatus status);
// Latest first.
std::vector<ImportJob> jobs_of(db::Reader& reader, std::int64_t user_id, int limit);
bool is_cancel_requested(db::Reader& reader, std::int64_t id);
void set_cancel_requested(db::Writer& writer, std::int64_t id, bool requested);

// Files of imports that nobody has touched since `before`, while no younger import uses them.
std::vector<std::string> unused_files(db::Reader& reader, base::Instant before);
// Imports of this file keep their counts and findings only.
void forget_file(db::Writer& writer, const std::string& hash);

void insert_finding(db::Writer& writer, std::int64_t import_id, const RowFinding& finding);
void erase_findings(db::Writer& writer, std::int64_t import_id);
// Findings with this status and a row above `after`, by row; "" = all.
std::vector<RowFinding> findings(db::Reader& reader, std::int64_t import_id,
                                 std::string_view status, std::int64_t after, int limit);

struct CreatedRow {
  std::int64_t row = 0;
  record::RecordId record_id = 0;
};
void insert_created(db::Writer& writer, std::int64_t import_id, const std::string& object,
                    const CreatedRow& created, std::int64_t fingerprint);
std::vector<CreatedRow> created_rows(db::Reader& reader, std::int64_t import_id, std::int64_t after,
                                     int limit);
void erase_created(db::Writer& writer, std::int64_t import_id, std::int64_t row);
// What a row made beside its record.
struct CompanionRecord {
  std::int64_t row = 0;
  std::string object;
  record::RecordId id = 0;
};
void insert_companion(db::Writer& writer, std::int64_t import_id, const CompanionRecord& made);
// Of rows above `after`, by row, some hundred at a time: all of a row or none. Empty at the end.
std::vector<CompanionRecord> companion_records(db::Reader& reader, std::int64_t import_id,
                                               std::int64_t after);
void erase_companion(db::Writer& writer, std::int64_t import_id, const CompanionRecord& made);
// Records that earlier imports made from the same lines, by the fingerprint of the line.
std::unordered_map<std::int64_t, std::vector<record::RecordId>> records_of_lines(
    db::Reader& reader, const std::string& object, const base::Values& fingerprints);

void remember_reference(db::Writer& writer, const std::string& source, const std::string& object,
                        const std::string& key, record::RecordId id);
record::RecordId find_reference(db::Reader& reader, const std::string& source,
                                const std::string& object, const std::string& key);
std::unordered_map<std::string, record::RecordId> find_references(db::Reader& reader,
                                                                  const std::string& source,
                                                                  const std::string& object,
                                                                  const base::Values& keys);

void remember_mapping(db::Writer& writer, std::int64_t user_id, const std::string& object,
                      const std::string& header_key, const std::string& json, base::Instant now);
std::string remembered_mapping(db::Reader& reader, std::int64_t user_id, const std::string& object,
                               const std::string& header_key);

}  // namespace kehai::platform
