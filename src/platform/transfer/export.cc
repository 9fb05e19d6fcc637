#include "platform/transfer/export.h"

#include <spdlog/spdlog.h>

#include <fstream>

#include "base/error.h"
#include "db/table.h"
#include "platform/access/access.h"
#include "query/parser.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using db::Compare;
using record::Actor;

namespace {

const db::Table kJob("export_job");

std::string content_type_of(std::string_view format) {
  return format == "csv" ? "text/csv; charset=utf-8"
                         : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(ErrorKind::Unavailable, "export.not_written", {{"reason", error.message()}});
}

class RequestReader {
 public:
  explicit RequestReader(const base::JsonObject& json) : json_(json) {}
  ExportRequest read() {
    for (const auto& member : json_) {
      const std::string_view name = member.key();
      if (name != "object" && name != "filter" && name != "search" && name != "columns" &&
          name != "orderby" && name != "format") {
        errors_.push_back({std::string(name), "field.unknown", {}});
      }
    }
    ExportRequest request;
    request.object = text("object");
    if (request.object.empty()) errors_.push_back({"object", "field.required", {}});
    request.format = text("format");
    if (request.format.empty()) request.format = "xlsx";
    if (request.format != "xlsx" && request.format != "csv")
      errors_.push_back({"format", "field.option", {}});
    const std::string search = text("search");
    const std::string filter = text("filter");
    const std::string order = text("orderby");
    columns(request);
    if (!errors_.empty()) throw Error::fields(std::move(errors_));
    if (!search.empty()) request.list.options.search = search;
    if (!filter.empty()) request.list.options.filter = query::parse_expression(filter);
    if (!order.empty()) request.list.options.order = query::parse_order(order);
    return request;
  }

 private:
  std::string text(std::string_view name) {
    const auto* value = json_.if_contains(name);
    if (value == nullptr || value->is_null()) return "";
    if (value->is_string()) return std::string(value->get_string());
    errors_.push_back({std::string(name), "field.text", {}});
    return "";
  }
  void columns(ExportRequest& request) {
    const auto* value = json_.if_contains("columns");
    if (value == nullptr || value->is_null()) return;
    if (!value->is_array()) {
      errors_.push_back({"columns", "field.list", {}});
      return;
    }
    for (const auto& element : value->get_array()) {
      if (element.is_string()) {
        request.columns.emplace_back(element.get_string());
      } else {
        errors_.push_back({"columns", "field.text", {}});
      }
    }
  }
  const base::JsonObject& json_;
  std::vector<base::FieldError> errors_;
};

}  // namespace

struct Exports::Job {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string via;
  std::string request;
  std::string object;
  std::string format;
  std::string status = "queued";  // queued, running, done, failed, expired
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::string message_code;
  std::string message_limit;
  base::Instant created_at = 0;
  base::Instant updated_at = 0;

  static const std::vector<std::string>& columns() {
    static const std::vector<std::string> kColumns = {
        "id",   "user_id", "via",          "request",       "object",     "format",    "status",
        "done", "total",   "message_code", "message_limit", "created_at", "updated_at"};
    return kColumns;
  }
  static Job of(const db::Row& row) {
    Job job;
    job.id = row.get_int(0);
    job.user_id = row.get_int(1);
    job.via = row.get_text(2);
    job.request = row.get_text(3);
    job.object = row.get_text(4);
    job.format = row.get_text(5);
    job.status = row.get_text(6);
    job.done = row.get_int(7);
    job.total = row.get_int(8);
    job.message_code = row.get_text(9);
    job.message_limit = row.get_text(10);
    job.created_at = row.get_int(11);
    job.updated_at = row.get_int(12);
    return job;
  }
  std::vector<db::Assignment> values() const {
    return {{"user_id", user_id},
            {"via", via},
            {"request", request},
            {"object", object},
            {"format", format},
            {"status", status},
            {"done", done},
            {"total", total},
            {"message_code", message_code},
            {"message_limit", message_limit},
            {"created_at", created_at},
            {"updated_at", updated_at}};
  }
};

MakeWriter write_table_to(const std::filesystem::path& path, const std::string& format) {
  return [path, format](std::vector<TableColumn> columns, const std::string& title) {
    if (format == "csv") return make_csv_writer(path, std::move(columns));
    XlsxOptions options;
    options.sheet_name = title;
    options.temporary_folder = path.parent_path();
    return make_xlsx_writer(path, std::move(columns), options);
  };
}

ExportRequest parse_export_request(const base::JsonObject& json) {
  return RequestReader(json).read();
}

Exports::Exports(Parts parts)
    : parts_(std::move(parts)),
      own_(parts_.engine.database(), "export_job", {"queued", "running"}) {}

std::int64_t Exports::limit_for(const Actor& actor) const {
  if (actor.system || access_of(parts_.engine).is_admin(actor)) return 0;
  return parts_.row_limit ? parts_.row_limit() : kDownloadRows;
}

std::filesystem::path Exports::path_of(const Job& job) const {
  return parts_.folder / "exports" / (std::to_string(job.id) + "." + job.format);
}

std::string Exports::create(const Actor& actor, const base::JsonObject& json) {
  const ExportRequest request = parse_export_request(json);
  const auto schema = parts_.engine.schema();
  const auto* object = schema->find(request.object);
  if (object == nullptr) throw Error(ErrorKind::NotFound, "record.not_found");
  require_export(parts_.engine, actor, *object);
  export_columns(parts_.engine, actor, *object, request.columns);
  // Too many is said at once, not when the file should be ready.
  const std::int64_t limit = limit_for(actor);
  Job job;
  job.total = parts_.engine.count(actor, request.object, request.list, limit > 0 ? limit + 1 : 0);
  if (limit > 0 && job.total > limit) {
    throw Error(ErrorKind::Limit, "export.too_many_rows", {{"limit", std::to_string(limit)}});
  }
  job.user_id = actor.user_id;
  job.via = actor.via;
  job.request = boost::json::serialize(json);
  job.object = request.object;
  job.format = request.format;
  job.created_at = job.updated_at = parts_.engine.clock().now();
  Actor writer = actor;
  writer.read_only = false;
  parts_.engine.write(writer, [&](record::Tx& tx) {
    job.id = tx.engine().allocator().next_id("export_job");
    auto values = job.values();
    values.push_back({"id", job.id});
    kJob.insert(tx.writer(), values);
  });
  start(job, actor);
  return get(actor, job.id);
}

Actor Exports::owner_of(const Job& job) const {
  Actor owner;
  owner.user_id = job.user_id;
  owner.via = job.via;
  access_of(parts_.engine).attach_rights(owner);
  return owner;
}

void Exports::start(const Job& job, const Actor& actor) {
  if (parts_.jobs == nullptr) {
    const OwnJobs::Work work(own_, job.id, stopping_);
    run(job.id, actor);
    return;
  }
  own_.add(job.id);
  parts_.jobs->enqueue([this, job] {
    const OwnJobs::Work work(own_, job.id, stopping_);
    if (!stopping_) run(job.id, owner_of(job));
  });
}

void Exports::run(std::int64_t id, const Actor& actor) {
  std::optional<Job> found;
  parts_.engine.database().read([&](db::Reader& reader) {
    kJob.select_each(reader, {Job::columns(), {{"id", Compare::Equal, id}}, {}, 1, false},
                     [&](const db::Row& row) { found = Job::of(row); });
  });
  if (!found || (found->status != "queued" && found->status != "running")) return;
  Job& job = *found;
  const auto save = [&] {
    job.updated_at = parts_.engine.clock().now();
    parts_.engine.database().write([&](db::Writer& writer) {
      kJob.update(writer, job.values(), {{"id", Compare::Equal, job.id}});
    });
    report(job);
  };
  job.status = "running";
  save();
  auto path = path_of(job);
  const auto unfinished = path.parent_path() / ("unfinished-" + path.filename().string());
  try {
    make_folder(path.parent_path());
    const base::Json json = base::parse_json(job.request);
    const ExportRequest request = parse_export_request(json.as_object());
    base::Instant said = 0;
    job.done = export_rows(parts_.engine, actor, request, limit_for(actor),
                           write_table_to(unfinished, job.format), [&](std::int64_t rows) {
                             job.done = rows;
                             const base::Instant now = parts_.engine.clock().now();
                             constexpr base::Instant kEvery = 500;
                             if (now - said >= kEvery) {
                               said = now;
                               save();
                             }
                             return !stopping_.load();
                           });
    std::filesystem::rename(unfinished, path);
    audit_export(parts_.engine, actor, request, base::json_text(json.as_object(), "filter"),
                 job.done);
    job.total = job.done;
    job.status = "done";
  } catch (const Error& error) {
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    if (stopping_) return;  // resume() begins anew
    spdlog::warn("export {} failed: {} {}", job.id, error.code(), error.detail());
    job.status = "failed";
    job.message_code = error.code();
    if (const auto limit = error.params().find("limit"); limit != error.params().end())
      job.message_limit = limit->second;
  }
  save();
}

void Exports::resume() {
  std::vector<Job> jobs;
  for (const char* status : {"queued", "running"}) {
    parts_.engine.database().read([&](db::Reader& reader) {
      kJob.select_each(
          reader,
          {Job::columns(), {{"status", Compare::Equal, status}}, {{"id", false}}, 1000, false},
          [&](const db::Row& row) { jobs.push_back(Job::of(row)); });
    });
  }
  for (const auto& job : jobs) {
    if (!own_.take(job.id, job.updated_at, parts_.engine.clock().now())) continue;
    start(job, owner_of(job));
  }
}

void Exports::keep_going() {
  if (!parts_.engine.database().is_postgres()) return;  // there is no other node
  own_.keep_alive(parts_.engine.clock().now());
  resume();
}

Exports::Job Exports::own_job(const Actor& actor, std::int64_t id) {
  std::optional<Job> job;
  parts_.engine.database().read([&](db::Reader& reader) {
    kJob.select_each(reader, {Job::columns(), {{"id", Compare::Equal, id}}, {}, 1, false},
                     [&](const db::Row& row) { job = Job::of(row); });
  });
  if (!job || job->user_id != actor.user_id) throw Error(ErrorKind::NotFound, "record.not_found");
  return std::move(*job);
}

std::string Exports::job_json(const Actor& actor, const Job& job) const {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object()
      .key("id")
      .integer(job.id)
      .key("object")
      .text(job.object)
      .key("format")
      .text(job.format);
  writer.key("status").text(job.status).key("progress").begin_object();
  writer.key("done")
      .integer(job.done)
      .key("total")
      .integer(std::max(job.total, job.done))
      .end_object();
  writer.key("created_at").text(base::format_instant(job.created_at));
  if (!job.message_code.empty()) {
    writer.key("code").text(job.message_code);
    writer.key("message").text(
        texts_.text(actor.language, job.message_code, {{"limit", job.message_limit}}));
  }
  writer.end_object();
  return out;
}

void Exports::report(const Job& job) const {
  if (!parts_.on_progress) return;
  parts_.on_progress(job.user_id, job_json({}, job));
}

std::string Exports::get(const Actor& actor, std::int64_t id) {
  return job_json(actor, own_job(actor, id));
}

Exports::File Exports::file(const Actor& actor, std::int64_t id) {
  const Job job = own_job(actor, id);
  const auto schema = parts_.engine.schema();
  const auto& object = schema->at(job.object);
  require_export(parts_.engine, actor, object);
  const auto path = path_of(job);
  if (job.status != "done" || !std::filesystem::exists(path))
    throw Error(ErrorKind::NotFound, "export.gone");
  const std::string day = base::format_date(parts_.engine.zone().local_date(job.created_at));
  return {path, object.definition().plural_labels.in(actor.language) + "-" + day + "." + job.format,
          content_type_of(job.format)};
}

Exports::Download Exports::download(const Actor& actor, const ExportRequest& request,
                                    const std::string& filter_text) {
  Download out;
  const std::int64_t own = limit_for(actor);
  const std::int64_t limit = own > 0 ? std::min(own, kDownloadRows) : kDownloadRows;
  if (request.format == "csv") {
    out.rows = export_rows(parts_.engine, actor, request, limit,
                           [&](std::vector<TableColumn> columns, const std::string&) {
                             return make_csv_writer(
                                 [&](std::string_view bytes) { out.bytes.append(bytes); },
                                 std::move(columns));
                           });
  } else {
    make_folder(parts_.folder / "temporary");
    const auto path =
        parts_.folder / "temporary" /
        ("download-" + std::to_string(reinterpret_cast<std::uintptr_t>(&out)) + ".xlsx");
    struct Remover {
      const std::filesystem::path& path;
      ~Remover() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
      }
    } const remover{path};
    out.rows = export_rows(parts_.engine, actor, request, limit, write_table_to(path, "xlsx"));
    std::ifstream file(path, std::ios::binary);
    out.bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  audit_export(parts_.engine, actor, request, filter_text, out.rows);
  const auto schema = parts_.engine.schema();
  const std::string day =
      base::format_date(parts_.engine.zone().local_date(parts_.engine.clock().now()));
  out.name = schema->at(request.object).definition().plural_labels.in(actor.language) + "-" + day +
             "." + request.format;
  out.content_type = content_type_of(request.format);
  return out;
}

void Exports::remove_expired() {
  const base::Instant before = parts_.engine.clock().now() - kExportLifetime;
  std::vector<Job> jobs;
  parts_.engine.database().read([&](db::Reader& reader) {
    jobs.clear();
    kJob.select_each(reader,
                     {Job::columns(),
                      {{"status", Compare::Equal, "done"}, {"created_at", Compare::Less, before}},
                      {{"id", false}},
                      1000,
                      false},
                     [&](const db::Row& row) { jobs.push_back(Job::of(row)); });
  });
  for (auto& job : jobs) {
    std::error_code ignored;
    std::filesystem::remove(path_of(job), ignored);
    job.status = "expired";
    parts_.engine.database().write([&](db::Writer& writer) {
      kJob.update(writer, job.values(), {{"id", Compare::Equal, job.id}});
    });
  }
}

void register_exports(Registrar& registrar) {
  registrar.registry.add_table({"export_job",
                                {{"id", false, true},
                                 {"user_id", false, true},
                                 {"via", true, true},
                                 {"request", true, true},
                                 {"object", true, true},
                                 {"format", true, true},
                                 {"status", true, true},
                                 {"done", false, true},
                                 {"total", false, true},
                                 {"message_code", true, true},
                                 {"message_limit", true, true},
                                 {"created_at", false, true},
                                 {"updated_at", false, true}},
                                {"id"},
                                {{"ix_export_job_status", {"status", "created_at"}, false, "", ""}},
                                false});
}

}  // namespace kehai::platform
