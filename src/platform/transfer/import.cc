#include "platform/transfer/import.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/error.h"
#include "platform/access/access.h"
#include "platform/transfer/import_pass.h"
#include "platform/transfer/import_store.h"
#include "platform/transfer/mapping_guess.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Actor;

namespace {

bool is_running(ImportStatus status) {
  return status == ImportStatus::Validating || status == ImportStatus::Applying;
}

bool is_over(ImportStatus status) {
  return status == ImportStatus::Done || status == ImportStatus::Partial ||
         status == ImportStatus::Cancelled;
}

Error bad_state(const ImportJob& job) {
  return Error(ErrorKind::Conflict, "import.bad_state",
               {{"status", std::string(import_status_name(job.status))}});
}

Actor with_rights(record::Engine& engine, const ImportJob& job) {
  Actor actor;
  actor.user_id = job.user_id;
  actor.via = job.via;
  access_of(engine).attach_rights(actor);
  return actor;
}

std::string remembered_json(const ImportSettings& settings) {
  base::JsonObject json = import_settings_json(settings);
  base::JsonObject out;
  if (const auto* mapping = json.if_contains("mapping")) out["mapping"] = *mapping;
  if (const auto* values = json.if_contains("values")) out["values"] = *values;
  if (const auto* made = json.if_contains("create_missing")) out["create_missing"] = *made;
  return boost::json::serialize(out);
}

std::vector<std::string> preview_columns(const ImportJob& job) {
  std::vector<std::string> names;
  const base::Json document = base::parse_json(job.preview);
  for (const auto& column : document.as_object().at("columns").as_array()) {
    names.emplace_back(column.as_object().at("name").as_string());
  }
  return names;
}

}  // namespace

Imports::Imports(Parts parts)
    : parts_(std::move(parts)),
      uploads_((parts_.folder / "uploads").string(),
               {"import.file_too_large", "import.not_stored"}),
      own_(parts_.engine.database(), "import_job",
           {import_status_name(ImportStatus::Validating),
            import_status_name(ImportStatus::Applying)}) {}

Imports::~Imports() {
  stop();
}

void Imports::stop() {
  stopping_ = true;
}

void Imports::require_right(const Actor& actor, std::string_view object) const {
  const auto schema = parts_.engine.schema();
  const auto* found = schema->find(object);
  const auto& policy = parts_.engine.access();
  if (found == nullptr || found->definition().internal ||
      !policy.may(actor, found->definition(), "read")) {
    throw Error(ErrorKind::NotFound, "record.not_found");
  }
  if (actor.read_only || !policy.may(actor, found->definition(), "import")) {
    throw Error(ErrorKind::Forbidden, "access.denied");
  }
}

ImportJob Imports::own_job(const Actor& actor, std::int64_t id) {
  std::optional<ImportJob> job;
  parts_.engine.database().read([&](db::Reader& reader) { job = find_job(reader, id); });
  if (!job || job->user_id != actor.user_id) throw Error(ErrorKind::NotFound, "record.not_found");
  require_right(actor, job->object);
  return std::move(*job);
}

ImportJob Imports::find(const Actor& actor, std::int64_t id) {
  return own_job(actor, id);
}

void Imports::store(const ImportJob& job) {
  parts_.engine.database().write([&](db::Writer& writer) { update_job(writer, job); });
}

// ---- Upload and preview

std::string Imports::create(const Actor& actor, std::string_view object, std::string file_name,
                            const ByteProducer& content) {
  require_right(actor, object);
  ImportJob job;
  job.user_id = actor.user_id;
  job.via = actor.via == "command_line" ? "command_line" : "import";
  job.object = object;
  job.file_name = std::move(file_name);
  const auto stored = uploads_.put(content, parts_.file_limit);
  job.file_hash = stored.hash;
  job.file_size = stored.size;
  job.created_at = job.updated_at = parts_.engine.clock().now();
  if (parts_.dedupe.import_attaches(object)) job.settings.duplicates = DuplicateMode::Attach;
  look_at(actor, job);
  parts_.engine.write(actor, [&](record::Tx& tx) {
    job.id = tx.engine().allocator().next_id("import_job");
    insert_job(tx.writer(), job);
  });
  return job_json(actor, job);
}

std::string Imports::set_settings(const Actor& actor, std::int64_t id,
                                  const base::JsonObject& json) {
  ImportJob job = own_job(actor, id);
  if (is_running(job.status) || is_over(job.status)) throw bad_state(job);
  job.settings = parse_import_settings(json, job.settings);
  if (!job.settings.has_mapping) job.settings.mapping.clear();
  look_at(actor, job);
  const auto names = preview_columns(job);
  make_plan(parts_.engine, actor, job.object, job.settings, names,
            false);  // throws what is wrong with it
  job.status = ImportStatus::Uploaded;
  job.counts = {};
  job.done = job.total = job.applied_row = 0;
  job.message_code.clear();
  job.updated_at = parts_.engine.clock().now();
  parts_.engine.database().write([&](db::Writer& writer) {
    erase_findings(writer, job.id);
    update_job(writer, job);
    if (job.settings.has_mapping) {
      remember_mapping(writer, actor.user_id, job.object, header_key(names),
                       remembered_json(job.settings), job.updated_at);
    }
  });
  return job_json(actor, job);
}

// ---- Runs

std::string Imports::validate(const Actor& actor, std::int64_t id) {
  ImportJob job = own_job(actor, id);
  if (is_running(job.status) || is_over(job.status)) throw bad_state(job);
  make_plan(parts_.engine, actor, job.object, job.settings, preview_columns(job), true);
  const ImportStatus from = job.status;
  job.counts = {};
  job.done = job.total = job.applied_row = 0;
  if (!begin(job, from, ImportStatus::Validating)) throw bad_state(job);
  start(job, actor);
  return get(actor, id);
}

std::string Imports::apply(const Actor& actor, std::int64_t id, bool all_or_nothing) {
  ImportJob job = own_job(actor, id);
  if (job.status != ImportStatus::Validated) throw bad_state(job);
  if (all_or_nothing && job.counts.bad > 0) {
    throw Error(ErrorKind::Conflict, "import.has_bad_rows",
                {{"count", std::to_string(job.counts.bad)}});
  }
  job.total = job.counts.rows;
  job.counts = {};
  job.done = job.applied_row = 0;
  job.all_or_nothing = all_or_nothing;
  if (!begin(job, ImportStatus::Validated, ImportStatus::Applying)) throw bad_state(job);
  start(job, actor);
  return get(actor, id);
}

bool Imports::begin(ImportJob& job, ImportStatus from, ImportStatus to) {
  job.status = to;
  job.message_code.clear();
  job.message_params.clear();
  job.started_at = job.updated_at = parts_.engine.clock().now();
  {
    const std::lock_guard lock(mutex_);
    cancelled_.erase(job.id);
  }
  bool mine = false;
  parts_.engine.database().write([&](db::Writer& writer) {
    mine = false;
    writer.lock("import", std::to_string(job.id));
    const auto current = find_job(writer, job.id);
    if (!current || current->status != from) return;
    mine = true;
    set_cancel_requested(writer, job.id, false);
    erase_findings(writer, job.id);
    update_job(writer, job);
  });
  return mine;
}

void Imports::start(const ImportJob& job, const Actor& actor) {
  if (parts_.jobs == nullptr) {
    const OwnJobs::Work work(own_, job.id, stopping_);
    run(job, actor);
    return;
  }
  own_.add(job.id);
  parts_.jobs->enqueue([this, job] {
    const OwnJobs::Work work(own_, job.id, stopping_);
    if (stopping_) return;
    run(job, with_rights(parts_.engine, job));
  });
}

bool Imports::is_cancelled(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  return cancelled_.contains(id);
}

void Imports::run(ImportJob job, const Actor& given) {
  Actor actor = given;
  actor.via = job.via;
  const bool applying = job.status == ImportStatus::Applying;
  base::Instant asked = 0;
  const auto should_cancel = [&] {
    if (is_cancelled(job.id)) return true;
    // Another node may have been told; that is asked once a second.
    if (parts_.engine.clock().now() - asked < 1000) return false;
    asked = parts_.engine.clock().now();
    bool requested = false;
    parts_.engine.database().read(
        [&](db::Reader& reader) { requested = is_cancel_requested(reader, job.id); });
    return requested;
  };
  try {
    ImportPass pass({parts_.engine, parts_.dedupe, actor, uploads_.path(job.file_hash),
                     parts_.row_limit, [this] { return stopping_.load(); }, should_cancel,
                     [this](const ImportJob& now) { report(now); }},
                    job, applying);
    const auto end = pass.run();
    if (end == ImportPass::End::Stopped) return;  // resume() goes on with it
    finish(job, static_cast<int>(end));
  } catch (const Error& error) {
    spdlog::warn("import {} failed: {} {}", job.id, error.code(), error.detail());
    job.status = ImportStatus::Failed;
    job.message_code = error.code();
    job.message_params = error.params();
    if (!error.field_errors().empty()) {
      job.message_code = error.field_errors()[0].code;
      job.message_params = error.field_errors()[0].params;
    }
    job.updated_at = parts_.engine.clock().now();
    store(job);
  } catch (const std::exception& error) {
    spdlog::error("import {} failed: {}", job.id, error.what());
    job.status = ImportStatus::Failed;
    job.message_code = "internal";
    job.updated_at = parts_.engine.clock().now();
    store(job);
  }
  report(job);
}

void Imports::remove_expired() {
  constexpr base::Instant kKept = 30LL * 86'400'000;
  const base::Instant before = parts_.engine.clock().now() - kKept;
  std::vector<std::string> unused;
  parts_.engine.database().read([&](db::Reader& reader) { unused = unused_files(reader, before); });
  for (const auto& hash : unused) uploads_.remove(hash);
  parts_.engine.database().write([&](db::Writer& writer) {
    for (const auto& hash : unused) forget_file(writer, hash);
  });
}

void Imports::finish(ImportJob& job, int end) {
  const bool applying = job.status == ImportStatus::Applying;
  switch (static_cast<ImportPass::End>(end)) {
    case ImportPass::End::Finished:
      job.status = !applying            ? ImportStatus::Validated
                   : job.counts.bad > 0 ? ImportStatus::Partial
                                        : ImportStatus::Done;
      break;
    case ImportPass::End::Cancelled:
      job.status = ImportStatus::Cancelled;
      job.message_code = applying && job.counts.created + job.counts.updated > 0
                             ? "import.cancelled_midway"
                             : "import.cancelled";
      job.message_params = {{"created", std::to_string(job.counts.created)}};
      break;
    case ImportPass::End::RowsFailed:
      job.status = ImportStatus::Failed;
      job.message_code = "import.nothing_imported";
      job.message_params = {{"count", std::to_string(job.counts.bad)}};
      break;
    case ImportPass::End::Stopped:
      break;
  }
  job.updated_at = parts_.engine.clock().now();
  store(job);
}

void Imports::resume() {
  const base::Instant now = parts_.engine.clock().now();
  for (const ImportStatus status : {ImportStatus::Validating, ImportStatus::Applying}) {
    std::vector<ImportJob> jobs;
    parts_.engine.database().read(
        [&](db::Reader& reader) { jobs = jobs_with_status(reader, status); });
    for (auto& job : jobs) {
      // Without a shared folder the file is with another node.
      if (parts_.engine.database().is_postgres() && !uploads_.has(job.file_hash)) continue;
      if (!own_.take(job.id, job.updated_at, now)) continue;
      if (status == ImportStatus::Validating) {
        job.counts = {};
        job.done = job.total = 0;
        if (!begin(job, status, status)) continue;
      }
      start(job, with_rights(parts_.engine, job));
    }
  }
}

void Imports::keep_going() {
  if (!parts_.engine.database().is_postgres()) return;  // there is no other node
  own_.keep_alive(parts_.engine.clock().now());
  resume();
}

void Imports::give_back() {
  own_.give_back(parts_.engine.clock().now());
}

std::string Imports::cancel(const Actor& actor, std::int64_t id) {
  ImportJob job = own_job(actor, id);
  if (is_over(job.status)) throw bad_state(job);
  if (is_running(job.status)) {
    {
      const std::lock_guard lock(mutex_);
      cancelled_.insert(id);
    }
    parts_.engine.database().write(
        [&](db::Writer& writer) { set_cancel_requested(writer, id, true); });
  } else {
    job.status = ImportStatus::Cancelled;
    job.message_code = "import.cancelled";
    job.updated_at = parts_.engine.clock().now();
    store(job);
  }
  return get(actor, id);
}

std::string Imports::undo(const Actor& actor, std::int64_t id) {
  ImportJob job = own_job(actor, id);
  if (is_running(job.status) || job.counts.created == 0) throw bad_state(job);
  std::int64_t kept = 0;
  const std::int64_t gone = take_back_created(parts_.engine, actor, job, true, kept);
  job.status = ImportStatus::Cancelled;
  job.counts.created = kept;
  job.message_code = kept > 0 ? "import.partly_undone" : "import.undone";
  job.message_params = {{"count", std::to_string(gone)}, {"kept", std::to_string(kept)}};
  job.updated_at = parts_.engine.clock().now();
  store(job);
  return job_json(actor, job);
}

void register_imports(Registrar& registrar) {
  for (auto& table : import_tables()) registrar.registry.add_table(std::move(table));
}

}  // namespace kehai::platform
