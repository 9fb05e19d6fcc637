// What an import tells people: the import itself, its rows, the files of what is left.
#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "base/text/company_name.h"
#include "platform/transfer/formats/table_writer.h"
#include "platform/transfer/import.h"
#include "platform/transfer/import_companions.h"
#include "platform/transfer/import_pass.h"
#include "platform/transfer/import_store.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Actor;

namespace {

constexpr int kPage = 500;
constexpr int kMostListed = 50;

void write_counts(base::JsonWriter& writer, const ImportCounts& counts) {
  writer.begin_object().key("rows").integer(counts.rows).key("good").integer(counts.good);
  writer.key("bad").integer(counts.bad).key("duplicates").integer(counts.duplicates);
  writer.key("created").integer(counts.created).key("updated").integer(counts.updated);
  writer.key("skipped").integer(counts.skipped).end_object();
}

void write_progress(base::JsonWriter& writer, const ImportJob& job) {
  const std::int64_t elapsed = std::max<std::int64_t>(job.updated_at - job.started_at, 1);
  writer.key("progress")
      .begin_object()
      .key("done")
      .integer(job.done)
      .key("total")
      .integer(std::max(job.total, job.done));
  writer.key("rate").integer(job.started_at == 0 ? 0 : job.done * 1000 / elapsed).end_object();
}

// A table in memory; the format decides how.
class MemoryTable {
 public:
  MemoryTable(std::string_view format, std::vector<TableColumn> columns,
              const std::filesystem::path& folder, const std::string& sheet) {
    if (format == "csv") {
      writer_ = make_csv_writer([this](std::string_view bytes) { bytes_.append(bytes); },
                                std::move(columns));
    } else if (format == "xlsx") {
      std::error_code ignored;
      std::filesystem::create_directories(folder, ignored);
      std::string pattern = (folder / "table-XXXXXX").string();
      const int descriptor = mkstemp(pattern.data());
      if (descriptor < 0)
        throw Error(ErrorKind::Unavailable, "export.not_written", {{"reason", "temporary file"}});
      ::close(descriptor);
      path_ = pattern;
      XlsxOptions options;
      options.sheet_name = sheet;
      options.temporary_folder = folder;
      writer_ = make_xlsx_writer(path_, std::move(columns), options);
    } else {
      throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "format"}});
    }
  }
  ~MemoryTable() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  MemoryTable(const MemoryTable&) = delete;
  MemoryTable& operator=(const MemoryTable&) = delete;

  void add(const std::vector<std::string>& cells) {
    std::vector<OutCell> out;
    out.reserve(cells.size());
    for (const auto& cell : cells) out.push_back(OutCell::text(cell));
    writer_->add_row(out);
  }
  std::string finish() {
    writer_->finish();
    if (!path_.empty()) {
      std::ifstream file(path_, std::ios::binary);
      bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  std::filesystem::path path_;
  std::unique_ptr<TableWriter> writer_;
};

Imports::File named(const ImportJob& job, std::string_view suffix, std::string_view format,
                    std::string bytes) {
  const auto stem = std::filesystem::path(job.file_name).stem().string();
  return {stem + std::string(suffix) + "." + std::string(format),
          format == "csv" ? "text/csv; charset=utf-8"
                          : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
          std::move(bytes)};
}

}  // namespace

std::string Imports::job_json(const Actor& actor, const ImportJob& job, bool with_preview) const {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object()
      .key("id")
      .integer(job.id)
      .key("object")
      .text(job.object)
      .key("file_name")
      .text(job.file_name);
  writer.key("file_size").integer(job.file_size).key("status").text(import_status_name(job.status));
  write_progress(writer, job);
  if (with_preview) {
    writer.key("preview").raw(job.preview);
    write_possibilities(writer, actor, job);
  }
  writer.key("settings").raw(boost::json::serialize(import_settings_json(job.settings)));
  writer.key("counts");
  write_counts(writer, job.counts);
  writer.key("created_at").text(base::format_instant(job.created_at));
  if (!job.message_code.empty()) {
    writer.key("code").text(job.message_code);
    writer.key("message").text(texts_.text(actor.language, job.message_code, job.message_params));
  }
  writer.end_object();
  return out;
}

// What a row may bring along, for whoever maps the columns.
void Imports::write_possibilities(base::JsonWriter& writer, const Actor& actor,
                                  const ImportJob& job) const {
  const auto schema = parts_.engine.schema();
  const auto& definition = schema->at(job.object).definition();
  writer.key("companions").begin_array();
  for (const auto& link : companion_links(parts_.engine, *schema, actor, definition)) {
    writer.begin_object().key("object").text(link.object);
    writer.key("link").text(link.field->name).end_object();
  }
  writer.end_array().key("creatable").begin_array();
  for (const auto* field : creatable_references(parts_.engine, *schema, actor, definition))
    writer.text(field->name);
  writer.end_array();
}

std::string Imports::get(const Actor& actor, std::int64_t id) {
  return job_json(actor, own_job(actor, id));
}

std::string Imports::list(const Actor& actor) {
  std::vector<ImportJob> jobs;
  parts_.engine.database().read(
      [&](db::Reader& reader) { jobs = jobs_of(reader, actor.user_id, kMostListed); });
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  for (const auto& job : jobs) writer.raw(job_json(actor, job, false));
  writer.end_array().end_object();
  return out;
}

void Imports::report(const ImportJob& job) {
  if (!parts_.on_progress) return;
  std::string json;
  base::JsonWriter writer(json);
  writer.begin_object().key("id").integer(job.id).key("status").text(
      import_status_name(job.status));
  ImportJob now = job;
  now.updated_at = parts_.engine.clock().now();
  write_progress(writer, now);
  writer.end_object();
  parts_.on_progress(job.user_id, json);
}

// ---- Rows

std::string Imports::error_text(const Actor& actor, const CellError& error) const {
  base::Params params = error.params;
  // Reasons inside reasons are codes of their own.
  if (const auto reason = params.find("reason"); reason != params.end()) {
    reason->second = texts_.text(actor.language, reason->second);
  }
  return texts_.text(actor.language, error.code, params);
}

std::string Imports::reason_text(const Actor& actor, const RowDuplicate& duplicate) {
  if (duplicate.kind == RowDuplicate::Kind::Line) {
    return texts_.text(actor.language, "import.duplicate_line",
                       {{"row", std::to_string(duplicate.line)}});
  }
  const auto schema = parts_.engine.schema();
  const std::string label = schema->at(duplicate.object).definition().labels.in(actor.language);
  const auto titles = parts_.engine.titles(actor, duplicate.object, {duplicate.id});
  std::string evidence;
  for (const auto& sentence : duplicate.evidence)
    evidence += (evidence.empty() ? "" : "；") + sentence;
  const auto title = titles.find(duplicate.id);
  const std::string name =
      title == titles.end() ? texts_.text(actor.language, "duplicate.has_owner") : title->second;
  const char* key = duplicate.kind == RowDuplicate::Kind::SameLine ? "import.duplicate_same_line"
                    : duplicate.kind == RowDuplicate::Kind::ExternalId
                        ? "import.duplicate_external_id"
                        : "import.duplicate_record";
  return texts_.text(actor.language, key,
                     {{"object", label}, {"name", name}, {"evidence", evidence}});
}

void Imports::write_finding(base::JsonWriter& writer, db::Reader& reader, const Actor& actor,
                            const RowFinding& finding) {
  writer.begin_object()
      .key("row")
      .integer(finding.row)
      .key("status")
      .text(row_status_name(finding.status));
  writer.key("errors").begin_array();
  for (const auto& error : finding.errors) {
    writer.begin_object().key("column").text(error.column).key("field").text(error.field);
    writer.key("value").text(error.value).key("code").text(error.code);
    writer.key("message").text(error_text(actor, error)).end_object();
  }
  writer.end_array().key("duplicates").begin_array();
  std::vector<DuplicateHit> hits;
  for (const auto& duplicate : finding.duplicates) {
    if (duplicate.kind == RowDuplicate::Kind::Line) {
      writer.begin_object()
          .key("tier")
          .text("E")
          .key("object")
          .text("import_row")
          .key("line")
          .integer(duplicate.line);
      writer.key("id")
          .null()
          .key("visible")
          .boolean(true)
          .key("name")
          .null()
          .key("matched")
          .begin_array()
          .end_array();
      writer.key("evidence").begin_array();
      writer.text(texts_.text(actor.language, "import.duplicate_line",
                              {{"row", std::to_string(duplicate.line)}}));
      writer.end_array().end_object();
      continue;
    }
    DuplicateHit hit;
    hit.tier = duplicate.tier;
    hit.object = duplicate.object;
    hit.id = duplicate.id;
    hit.matched = duplicate.matched;
    hit.evidence = duplicate.evidence;
    hit.score = duplicate.score;
    if (duplicate.kind == RowDuplicate::Kind::SameLine)
      hit.evidence = {texts_.text(actor.language, "import.same_line")};
    if (duplicate.kind == RowDuplicate::Kind::ExternalId) {
      hit.evidence = {texts_.text(actor.language, "import.same_external_id")};
    }
    hits.push_back(std::move(hit));
  }
  if (!hits.empty()) {
    try {
      const std::string json = parts_.dedupe.hits_json(parts_.engine, reader, actor, hits);
      if (json.size() > 2) writer.raw(json.substr(1, json.size() - 2));
    } catch (const Error& error) {
      // Enough hidden records were disclosed for this hour: the row is still said to be there
      // already.
      if (error.kind() != ErrorKind::Limit) throw;
      writer.begin_object()
          .key("tier")
          .text(std::string(1, hits[0].tier))
          .key("object")
          .text(hits[0].object);
      writer.key("id").null().key("name").null().key("visible").boolean(false);
      writer.key("evidence").begin_array().end_array().end_object();
    }
  }
  writer.end_array().end_object();
}

std::string Imports::rows(const Actor& actor, std::int64_t id, std::string_view status,
                          std::int64_t after, int limit) {
  const ImportJob job = own_job(actor, id);
  limit = std::clamp(limit, 1, kPage);
  if (status == "good") return good_rows(actor, job, after, limit);
  if (!status.empty() && status != "error" && status != "duplicate") {
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "status"}});
  }
  std::string out;
  parts_.engine.database().read([&](db::Reader& reader) {
    out.clear();
    base::JsonWriter writer(out);
    const auto page = findings(reader, id, status, after, limit);
    writer.begin_object().key("value").begin_array();
    for (const auto& finding : page) write_finding(writer, reader, actor, finding);
    writer.end_array().key("next");
    page.size() == static_cast<std::size_t>(limit) ? writer.integer(page.back().row)
                                                   : writer.null();
    writer.end_object();
  });
  return out;
}

// Rows about which nothing was found, as they stand in the file.
std::string Imports::good_rows(const Actor&, const ImportJob& job, std::int64_t after, int limit) {
  const auto reader = open_table(uploads_.path(job.file_hash), table_options(job.settings));
  std::vector<Cell> cells;
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  std::vector<RowFinding> known;
  std::size_t at = 0;
  std::int64_t known_to = after;
  bool all_known = false;
  int listed = 0;
  std::int64_t last = 0;
  while (listed < limit && reader->next_row(cells)) {
    const std::int64_t row = reader->row_number();
    if (row <= after) continue;
    while (!all_known && at >= known.size()) {
      parts_.engine.database().read(
          [&](db::Reader& page) { known = findings(page, job.id, "", known_to, kPage); });
      at = 0;
      all_known = known.empty();
      if (!known.empty()) known_to = known.back().row;
    }
    while (at < known.size() && known[at].row < row) ++at;
    if (at < known.size() && known[at].row == row) continue;
    writer.begin_object().key("row").integer(row).key("status").text("good");
    writer.key("errors").begin_array().end_array().key("duplicates").begin_array().end_array();
    writer.key("cells").begin_array();
    for (const auto& cell : cells) writer.text(cell.text);
    writer.end_array().end_object();
    ++listed;
    last = row;
  }
  writer.end_array().key("next");
  listed == limit ? writer.integer(last) : writer.null();
  writer.end_object();
  return out;
}

// ---- Files

void Imports::each_finding(std::int64_t id, const std::function<void(const RowFinding&)>& each) {
  std::int64_t after = 0;
  for (;;) {
    std::vector<RowFinding> page;
    parts_.engine.database().read(
        [&](db::Reader& reader) { page = findings(reader, id, "", after, kPage); });
    for (const auto& finding : page) each(finding);
    if (page.size() < kPage) return;
    after = page.back().row;
  }
}

Imports::File Imports::result(const Actor& actor, std::int64_t id, std::string_view format) {
  const ImportJob job = own_job(actor, id);
  const auto word = [&](const char* key) {
    return texts_.text(actor.language, std::string("import.result.") + key);
  };
  std::vector<TableColumn> columns;
  for (const char* key : {"row", "status", "column", "value", "reason", "code"})
    columns.push_back({.title = word(key)});
  MemoryTable table(format, columns, parts_.folder / "temporary", word("sheet"));
  each_finding(id, [&](const RowFinding& finding) {
    const std::string row = std::to_string(finding.row);
    const std::string status =
        word(finding.status == RowFinding::Status::Error ? "error" : "duplicate");
    for (const auto& error : finding.errors) {
      table.add({row, status, error.column, error.value, error_text(actor, error), error.code});
    }
    for (const auto& duplicate : finding.duplicates) {
      table.add({row, status, "", "", reason_text(actor, duplicate), "import.duplicate"});
    }
  });
  return named(job, "-" + word("file"), format, table.finish());
}

Imports::File Imports::rejected_rows(const Actor& actor, std::int64_t id, std::string_view format) {
  const ImportJob job = own_job(actor, id);
  const auto word = [&](const char* key) {
    return texts_.text(actor.language, std::string("import.result.") + key);
  };
  const auto reader = open_table(uploads_.path(job.file_hash), table_options(job.settings));
  const std::size_t width = reader->info().columns.size();
  std::vector<TableColumn> columns;
  for (const auto& name : column_names(reader->info(), width)) columns.push_back({.title = name});
  columns.push_back({.title = word("reason")});
  MemoryTable table(format, columns, parts_.folder / "temporary", word("sheet"));
  std::vector<Cell> cells;
  bool more = reader->next_row(cells);
  each_finding(id, [&](const RowFinding& finding) {
    if (finding.status != RowFinding::Status::Error) return;
    while (more && reader->row_number() < finding.row) more = reader->next_row(cells);
    if (!more || reader->row_number() != finding.row) return;
    std::vector<std::string> out(columns.size());
    for (std::size_t i = 0; i < std::min(width, cells.size()); ++i) out[i] = cells[i].text;
    for (const auto& error : finding.errors) {
      out.back() += (out.back().empty() ? "" : "；") +
                    (error.column.empty() ? "" : error.column + "：") + error_text(actor, error);
    }
    table.add(out);
  });
  return named(job, "-" + word("rejected"), format, table.finish());
}

}  // namespace kehai::platform
