#include "platform/transfer/import_store.h"

#include <set>

#include "db/among.h"
#include "db/row_insert.h"

namespace kehai::platform {

using db::Compare;

namespace {

const db::Table kJob("import_job");
const db::Table kRow("import_row");
const db::Table kCreated("import_created");

db::TableDefinition row_table() {
  return {"import_row",
          {{"import_id", false, true},
           {"row", false, true},
           {"status", true, true},
           {"details", true, true}},
          {"import_id", "row"},
          {{"ix_import_row_status", {"import_id", "status", "row"}, false, "", ""}},
          false};
}

db::TableDefinition created_table() {
  return {"import_created",
          {{"import_id", false, true},
           {"row", false, true},
           {"object", true, true},
           {"record_id", false, true},
           {"fingerprint", false, true}},
          {"import_id", "row"},
          {{"ix_import_created_line", {"fingerprint", "object"}, false, "", ""}},
          false};
}
const db::Table kCompanion("import_companion");
const db::Table kReference("import_reference");
const db::Table kMapping("import_mapping");

const std::vector<std::string> kJobColumns = {"id",
                                              "user_id",
                                              "via",
                                              "object",
                                              "file_name",
                                              "file_hash",
                                              "file_size",
                                              "status",
                                              "settings",
                                              "preview",
                                              "rows",
                                              "good",
                                              "bad",
                                              "duplicates",
                                              "created",
                                              "updated",
                                              "skipped",
                                              "done",
                                              "total",
                                              "applied_row",
                                              "all_or_nothing",
                                              "cancel_requested",
                                              "message_code",
                                              "message_params",
                                              "created_at",
                                              "started_at",
                                              "updated_at"};

std::string params_json(const base::Params& params) {
  base::JsonObject json;
  for (const auto& [name, value] : params) json[name] = value;
  return boost::json::serialize(json);
}

ImportJob job_of(const db::Row& row) {
  ImportJob job;
  int i = 0;
  const auto number = [&] { return row.get_int(i++); };
  const auto text = [&] { return std::string(row.get_text(i++)); };
  job.id = number();
  job.user_id = number();
  job.via = text();
  job.object = text();
  job.file_name = text();
  job.file_hash = text();
  job.file_size = number();
  job.status = parse_import_status(text());
  job.settings = load_import_settings(text());
  job.preview = text();
  job.counts.rows = number();
  job.counts.good = number();
  job.counts.bad = number();
  job.counts.duplicates = number();
  job.counts.created = number();
  job.counts.updated = number();
  job.counts.skipped = number();
  job.done = number();
  job.total = number();
  job.applied_row = number();
  job.all_or_nothing = number() != 0;
  job.cancel_requested = number() != 0;
  job.message_code = text();
  const base::Json params = base::parse_json(text());
  for (const auto& param : params.as_object()) {
    job.message_params[std::string(param.key())] = std::string(param.value().as_string());
  }
  job.created_at = number();
  job.started_at = number();
  job.updated_at = number();
  return job;
}

std::vector<db::Assignment> changing_values(const ImportJob& job) {
  return {{"status", import_status_name(job.status)},
          {"settings", store_import_settings(job.settings)},
          {"preview", job.preview},
          {"rows", job.counts.rows},
          {"good", job.counts.good},
          {"bad", job.counts.bad},
          {"duplicates", job.counts.duplicates},
          {"created", job.counts.created},
          {"updated", job.counts.updated},
          {"skipped", job.counts.skipped},
          {"done", job.done},
          {"total", job.total},
          {"applied_row", job.applied_row},
          {"all_or_nothing", job.all_or_nothing},
          {"message_code", job.message_code},
          {"message_params", params_json(job.message_params)},
          {"started_at", job.started_at},
          {"updated_at", job.updated_at}};
}

}  // namespace

std::vector<db::TableDefinition> import_tables() {
  db::TableDefinition job{"import_job", {}, {"id"}, {}, false};
  for (const auto& name : kJobColumns) {
    const bool is_text = name == "via" || name == "object" || name == "file_name" ||
                         name == "file_hash" || name == "status" || name == "settings" ||
                         name == "preview" || name == "message_code" || name == "message_params";
    job.columns.push_back({name, is_text, true});
  }
  job.indexes = {{"ix_import_job_user", {"user_id", "id"}, false, "", ""},
                 {"ix_import_job_status", {"status", "id"}, false, "", ""},
                 {"ix_import_job_file", {"file_hash", "updated_at"}, false, "", ""}};
  db::TableDefinition companion{"import_companion",
                                {{"import_id", false, true},
                                 {"row", false, true},
                                 {"object", true, true},
                                 {"record_id", false, true}},
                                {"import_id", "row", "object", "record_id"},
                                {},
                                false};
  db::TableDefinition reference{"import_reference",
                                {{"source", true, true},
                                 {"object", true, true},
                                 {"key", true, true},
                                 {"record_id", false, true}},
                                {"source", "object", "key"},
                                {},
                                false};
  db::TableDefinition mapping{"import_mapping",
                              {{"user_id", false, true},
                               {"object", true, true},
                               {"header_key", true, true},
                               {"mapping", true, true},
                               {"updated_at", false, true}},
                              {"user_id", "object", "header_key"},
                              {},
                              false};
  return {job, row_table(), created_table(), companion, reference, mapping};
}

void insert_job(db::Writer& writer, const ImportJob& job) {
  auto values = changing_values(job);
  values.insert(values.end(), {{"id", job.id},
                               {"user_id", job.user_id},
                               {"via", job.via},
                               {"object", job.object},
                               {"file_name", job.file_name},
                               {"file_hash", job.file_hash},
                               {"file_size", job.file_size},
                               {"cancel_requested", job.cancel_requested},
                               {"created_at", job.created_at}});
  kJob.insert(writer, values);
}

void update_job(db::Writer& writer, const ImportJob& job) {
  kJob.update(writer, changing_values(job), {{"id", Compare::Equal, job.id}});
}

std::optional<ImportJob> find_job(db::Reader& reader, std::int64_t id) {
  std::optional<ImportJob> job;
  kJob.select_each(reader, {kJobColumns, {{"id", Compare::Equal, id}}, {}, 1, false},
                   [&](const db::Row& row) { job = job_of(row); });
  return job;
}

std::vector<ImportJob> jobs_with_status(db::Reader& reader, ImportStatus status) {
  std::vector<ImportJob> jobs;
  kJob.select_each(reader,
                   {kJobColumns,
                    {{"status", Compare::Equal, import_status_name(status)}},
                    {{"id", false}},
                    1000,
                    false},
                   [&](const db::Row& row) { jobs.push_back(job_of(row)); });
  return jobs;
}

std::vector<ImportJob> jobs_of(db::Reader& reader, std::int64_t user_id, int limit) {
  std::vector<ImportJob> jobs;
  kJob.select_each(
      reader, {kJobColumns, {{"user_id", Compare::Equal, user_id}}, {{"id", true}}, limit, false},
      [&](const db::Row& row) { jobs.push_back(job_of(row)); });
  return jobs;
}

bool is_cancel_requested(db::Reader& reader, std::int64_t id) {
  const auto rows =
      kJob.select(reader, {{"cancel_requested"}, {{"id", Compare::Equal, id}}, {}, 1, false});
  return rows.empty() || rows[0][0].int_or(0) != 0;
}

void set_cancel_requested(db::Writer& writer, std::int64_t id, bool requested) {
  kJob.update(writer, {{"cancel_requested", requested}}, {{"id", Compare::Equal, id}});
}

std::vector<std::string> unused_files(db::Reader& reader, base::Instant before) {
  std::set<std::string> old;
  kJob.select_each(reader,
                   {{"file_hash"},
                    {{"updated_at", Compare::Less, before}, {"file_hash", Compare::NotEqual, ""}},
                    {},
                    0,
                    false},
                   [&](const db::Row& row) { old.emplace(row.get_text(0)); });
  std::vector<std::string> out;
  for (const auto& hash : old) {
    const std::vector<db::Condition> younger = {{"file_hash", Compare::Equal, hash},
                                                {"updated_at", Compare::GreaterEqual, before}};
    if (kJob.count(reader, younger) == 0) out.push_back(hash);
  }
  return out;
}

void forget_file(db::Writer& writer, const std::string& hash) {
  kJob.update(writer, {{"file_hash", ""}}, {{"file_hash", Compare::Equal, hash}});
}

void insert_finding(db::Writer& writer, std::int64_t import_id, const RowFinding& finding) {
  static const auto insert = std::make_shared<const db::RowInsert>(row_table());
  writer.insert_later(
      insert, {import_id, finding.row, row_status_name(finding.status), finding_json(finding)});
}

void erase_findings(db::Writer& writer, std::int64_t import_id) {
  kRow.erase(writer, {{"import_id", Compare::Equal, import_id}});
}

std::vector<RowFinding> findings(db::Reader& reader, std::int64_t import_id,
                                 std::string_view status, std::int64_t after, int limit) {
  db::Selection selection{
      {"row", "status", "details"},
      {{"import_id", Compare::Equal, import_id}, {"row", Compare::Greater, after}},
      {{"row", false}},
      limit,
      false};
  if (!status.empty()) selection.where.push_back({"status", Compare::Equal, status});
  std::vector<RowFinding> out;
  kRow.select_each(reader, selection, [&](const db::Row& row) {
    out.push_back(parse_finding(row.get_int(0), row.get_text(1), row.get_text(2)));
  });
  return out;
}

void insert_created(db::Writer& writer, std::int64_t import_id, const std::string& object,
                    const CreatedRow& created, std::int64_t fingerprint) {
  static const auto insert = std::make_shared<const db::RowInsert>(created_table());
  writer.insert_later(insert, {import_id, created.row, object, created.record_id, fingerprint});
}

std::vector<CreatedRow> created_rows(db::Reader& reader, std::int64_t import_id, std::int64_t after,
                                     int limit) {
  std::vector<CreatedRow> out;
  kCreated.select_each(
      reader,
      {{"row", "record_id"},
       {{"import_id", Compare::Equal, import_id}, {"row", Compare::Greater, after}},
       {{"row", false}},
       limit,
       false},
      [&](const db::Row& row) {
        out.push_back({row.get_int(0), row.get_int(1)});
      });
  return out;
}

void erase_created(db::Writer& writer, std::int64_t import_id, std::int64_t row) {
  kCreated.erase(writer, {{"import_id", Compare::Equal, import_id}, {"row", Compare::Equal, row}});
}

void insert_companion(db::Writer& writer, std::int64_t import_id, const CompanionRecord& made) {
  kCompanion.insert(writer, {{"import_id", import_id},
                             {"row", made.row},
                             {"object", made.object},
                             {"record_id", made.id}});
}

std::vector<CompanionRecord> companion_records(db::Reader& reader, std::int64_t import_id,
                                               std::int64_t after) {
  constexpr int kPage = 500;  // far more than one row makes
  std::vector<CompanionRecord> out;
  kCompanion.select_each(
      reader,
      {{"row", "object", "record_id"},
       {{"import_id", Compare::Equal, import_id}, {"row", Compare::Greater, after}},
       {{"row", false}},
       kPage,
       false},
      [&](const db::Row& row) {
        out.push_back({row.get_int(0), std::string(row.get_text(1)), row.get_int(2)});
      });
  if (out.size() == kPage) {
    const std::int64_t cut = out.back().row;
    std::erase_if(out, [&](const CompanionRecord& made) { return made.row == cut; });
  }
  return out;
}

void erase_companion(db::Writer& writer, std::int64_t import_id, const CompanionRecord& made) {
  kCompanion.erase(writer, {{"import_id", Compare::Equal, import_id},
                            {"row", Compare::Equal, made.row},
                            {"object", Compare::Equal, made.object},
                            {"record_id", Compare::Equal, made.id}});
}

std::unordered_map<std::int64_t, std::vector<record::RecordId>> records_of_lines(
    db::Reader& reader, const std::string& object, const base::Values& fingerprints) {
  std::unordered_map<std::int64_t, std::vector<record::RecordId>> out;
  constexpr std::size_t kEnough = 10;
  db::select_among(reader,
                   {"import_created",
                    {"fingerprint", "record_id"},
                    {{"object", Compare::Equal, object}},
                    "fingerprint",
                    false},
                   fingerprints, [&](const db::Row& row) {
                     auto& records = out[row.get_int(0)];
                     if (records.size() < kEnough) records.push_back(row.get_int(1));
                   });
  return out;
}

void remember_reference(db::Writer& writer, const std::string& source, const std::string& object,
                        const std::string& key, record::RecordId id) {
  kReference.upsert(writer, {"source", "object", "key"},
                    {{"source", source}, {"object", object}, {"key", key}, {"record_id", id}});
}

record::RecordId find_reference(db::Reader& reader, const std::string& source,
                                const std::string& object, const std::string& key) {
  const auto rows = kReference.select(reader, {{"record_id"},
                                               {{"source", Compare::Equal, source},
                                                {"object", Compare::Equal, object},
                                                {"key", Compare::Equal, key}},
                                               {},
                                               1,
                                               false});
  return rows.empty() ? 0 : rows[0][0].int_or(0);
}

std::unordered_map<std::string, record::RecordId> find_references(db::Reader& reader,
                                                                  const std::string& source,
                                                                  const std::string& object,
                                                                  const base::Values& keys) {
  std::unordered_map<std::string, record::RecordId> out;
  db::select_among(
      reader,
      {"import_reference",
       {"key", "record_id"},
       {{"source", Compare::Equal, source}, {"object", Compare::Equal, object}},
       "key",
       true},
      keys, [&](const db::Row& row) { out.emplace(std::string(row.get_text(0)), row.get_int(1)); });
  return out;
}

void remember_mapping(db::Writer& writer, std::int64_t user_id, const std::string& object,
                      const std::string& header_key, const std::string& json, base::Instant now) {
  kMapping.upsert(writer, {"user_id", "object", "header_key"},
                  {{"user_id", user_id},
                   {"object", object},
                   {"header_key", header_key},
                   {"mapping", json},
                   {"updated_at", now}});
}

std::string remembered_mapping(db::Reader& reader, std::int64_t user_id, const std::string& object,
                               const std::string& header_key) {
  const auto rows = kMapping.select(reader, {{"mapping"},
                                             {{"user_id", Compare::Equal, user_id},
                                              {"object", Compare::Equal, object},
                                              {"header_key", Compare::Equal, header_key}},
                                             {},
                                             1,
                                             false});
  return rows.empty() ? "" : rows[0][0].text_or("");
}

}  // namespace kehai::platform
