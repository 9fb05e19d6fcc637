#include "platform/transfer/import_pass.h"

#include <algorithm>
#include <ctime>
#include <future>

#include "base/error.h"
#include "platform/transfer/import_pass_row.h"
#include "platform/transfer/import_store.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::RecordId;
using record::Tx;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kSmallestChunk = 50;
constexpr std::size_t kLargestChunk = 1000;
// Between the beginning of a chunk's transaction and its commit: the bulk lane allows 20 ms on the
// one writer of SQLite; on PostgreSQL nobody waits for a chunk. The commit itself costs the same
// for few rows and for many, so it does not count.
constexpr auto kChunkTime = std::chrono::milliseconds(15);
constexpr auto kChunkTimeBeside = std::chrono::milliseconds(60);
constexpr auto kReportTime = std::chrono::milliseconds(300);
constexpr auto kStoreTime =
    std::chrono::milliseconds(500);  // between two writes of what a check has found

// Leaves a chunk of an all-or-nothing import.
struct ChunkRefused {};
// Leaves a chunk that was only checked.
struct ChunkChecked {};
// Leaves a chunk that must be taken row by row.
struct RowFailed {};

// The embedded database does its work on the writer's thread: there its processor time counts,
// which a busy machine does not stretch. With a server it is the time until the answers are there.
std::chrono::nanoseconds work_time(bool embedded) {
  if (!embedded) return SteadyClock::now().time_since_epoch();
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

ImportPass::ImportPass(Parts parts, ImportJob& job, bool apply)
    : parts_(std::move(parts)), job_(job), apply_(apply) {}
ImportPass::~ImportPass() = default;

void ImportPass::check_rights() const {
  const auto& policy = parts_.engine.access();
  const auto& definition = plan_.definition();
  const char* needed = plan_.settings.update ? "edit" : "create";
  if (!policy.may(parts_.actor, definition, "import") ||
      !policy.may(parts_.actor, definition, needed)) {
    throw Error(ErrorKind::Forbidden, "access.denied");
  }
}

// What a companion says can only be checked beside the record that it belongs to.
bool ImportPass::checks_by_writing() const {
  return !apply_ && (!plan_.companions.empty() || !plan_.creates.empty());
}

const ImportPass::Seen* ImportPass::find_seen(const Row& row, const SeenKeys& chunk) const {
  const auto look = [&](std::uint64_t key) -> const Seen* {
    for (const SeenKeys* keys : {&chunk, &seen_}) {
      const auto found = keys->find(key);
      if (found != keys->end()) return &found->second;
    }
    return nullptr;
  };
  if (!row.parsed.external_id.empty()) {
    if (const auto* found = look(hash_text(row.parsed.external_id, 2))) return found;
  }
  const bool creates = plan_.settings.duplicates == DuplicateMode::Create;
  for (const std::uint64_t key : creates ? row.parsed.blocking_keys : row.parsed.keys) {
    if (const auto* found = look(key)) return found;
  }
  return nullptr;
}

bool ImportPass::is_settled(const Result& result) {
  return result.finding.status == RowFinding::Status::Good || result.is_new ||
         !result.others.empty();
}

void ImportPass::note_seen(const Row& row, RecordId id, SeenKeys& seen) {
  for (const std::uint64_t key : row.parsed.keys) seen.emplace(key, Seen{row.parsed.number, id});
  for (const auto& companion : row.parsed.companions) {
    for (const std::uint64_t key : companion.row.keys)
      seen.emplace(companion_key(companion, key), Seen{row.parsed.number, 0});
  }
  if (!row.parsed.external_id.empty()) {
    seen.emplace(hash_text(row.parsed.external_id, 2), Seen{row.parsed.number, id});
  }
}

std::vector<CellError> ImportPass::cell_errors(const Error& error, const Row& row) const {
  std::vector<CellError> out;
  for (const auto& field : error.field_errors()) {
    CellError cell{"", field.field, "", field.code, field.params};
    if (const auto* column = column_of(field.field)) {
      cell.column = column->name;
      const auto value = row.parsed.from_file.values.find(field.field);
      if (value != row.parsed.from_file.values.end() && value->second.is_text())
        cell.value = value->second.as_text();
    }
    out.push_back(std::move(cell));
  }
  if (out.empty()) out.push_back({"", "", "", error.code(), error.params()});
  return out;
}

// A hook may decide a state by itself; a file that says otherwise must not be misread silently.
void ImportPass::check_kept(const Row& row, const record::Record& record) const {
  std::vector<base::FieldError> errors;
  for (const auto& [name, value] : row.parsed.from_file.values) {
    const auto* field = plan_.definition().field(name);
    if (field == nullptr || !field->state || record.get(name) == value) continue;
    errors.push_back({name, "import.value_not_kept", {}});
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
}

void ImportPass::attempt(Tx& tx, const std::function<void()>& fn) {
  if (row_by_row_) {
    tx.attempt(fn);
  } else {
    fn();
  }
}

void ImportPass::create(Tx& tx, const Row& row, const SeenKeys& chunk, Result& result) {
  result.is_new = true;
  attempt(tx, [&] {
    if (row.brings_others()) {
      create_with_others(tx, row, chunk, result);
      if (!apply_) throw RollBack{};
      return;
    }
    tx.use_prepared(row.prepared);
    if (!apply_) {
      check_kept(row, tx.check_create(plan_.definition().name, row.draft, options_));
      if (row_by_row_) throw RollBack{};
      return;
    }
    const auto record = tx.create(plan_.definition().name, row.draft, options_);
    check_kept(row, record);
    result.created = record.id();
    result.stands_for = record.id();
  });
}

void ImportPass::update(Tx& tx, const Row& row, RecordId id, bool only_empty, Result& result) {
  const auto& policy = tx.engine().access();
  auto record = tx.find(plan_.definition().name, id, record::Lock::ForUpdate);
  if (!record || !record::admits(policy.scope(tx.actor(), plan_.definition(), "read"), *record)) {
    throw Error(ErrorKind::NotFound, "record.not_found");
  }
  if (!policy.may(tx.actor(), plan_.definition(), "edit") ||
      !record::admits(policy.scope(tx.actor(), plan_.definition(), "edit"), *record)) {
    throw Error(ErrorKind::Forbidden, "access.denied");
  }
  record::Draft draft = row.draft;
  if (only_empty) {
    draft = row.parsed.from_file;
    drop_nulls(draft);
    std::erase_if(draft.values, [&](const auto& entry) {
      return !record->is_null(entry.first) || plan_.definition().field(entry.first)->state ||
             plan_.definition().field(entry.first)->system;
    });
    std::erase_if(draft.many,
                  [&](const auto& entry) { return !record->many(entry.first).empty(); });
  }
  const std::int64_t version = record->version();
  attempt(tx, [&] {
    for (const auto& missing : row.parsed.missing) {
      if (!only_empty || record->is_null(missing.field->name))
        draft.set(missing.field->name, make_missing(tx, missing, result));
    }
    if (!only_empty && row.parsed.missing.empty()) tx.use_prepared(row.prepared);
    tx.update(*record, std::move(draft), options_);
    if (!apply_ && row_by_row_) throw RollBack{};
  });
  result.updated = record->version() != version;
  result.stands_for = id;
}

ImportPass::Result ImportPass::handle_duplicate(Tx& tx, const Row& row, const SeenKeys& chunk,
                                                Result result) {
  result.finding.status = RowFinding::Status::Duplicate;
  result.finding.duplicates = row.known;
  const auto same = std::find_if(
      row.known.begin(), row.known.end(),
      [&](const RowDuplicate& duplicate) { return duplicate.object == plan_.definition().name; });
  if (same == row.known.end()) return result;
  const auto existing = tx.find(same->object, same->id);
  const auto scope = tx.engine().access().scope(tx.actor(), plan_.definition(), "read");
  if (!existing || !record::admits(scope, *existing)) return result;
  result.stands_for = same->id;
  if (plan_.settings.duplicates != DuplicateMode::Attach || !apply_) return result;
  try {
    update(tx, row, same->id, true, result);
    attempt(tx, [&] { make_companions(tx, row, same->id, chunk, result); });
  } catch (const Error& error) {
    if (is_fatal(error)) throw;
    if (!row_by_row_) throw RowFailed{};
    result.failed = true;
    result.finding.errors = cell_errors(error, row);
  }
  return result;
}

// A cell that cannot be read must not hide what is wrong with the others: who corrects the row
// corrects all of it. What concerns the row as a whole may only follow from that cell.
void ImportPass::add_broken_rules(Tx& tx, const Row& row, RowFinding& finding) const {
  try {
    tx.attempt([&] {
      tx.check_create(plan_.definition().name, row.parsed.draft, options_);
      throw RollBack{};
    });
  } catch (const RollBack&) {
  } catch (const Error& error) {
    if (is_fatal(error)) throw;
    for (auto& cell : cell_errors(error, row)) {
      const auto same = [&](const auto& other) { return other.field == cell.field; };
      const bool known =
          std::any_of(finding.errors.begin(), finding.errors.end(), same) ||
          std::any_of(row.parsed.missing.begin(), row.parsed.missing.end(),
                      [&](const auto& missing) { return missing.field->name == cell.field; });
      if (!cell.column.empty() && !known) finding.errors.push_back(std::move(cell));
    }
  }
}

ImportPass::Result ImportPass::handle(Tx& tx, const Row& row, const SeenKeys& chunk) {
  Result result;
  result.finding.row = row.parsed.number;
  if (!row.parsed.errors.empty()) {
    result.finding.status = RowFinding::Status::Error;
    result.finding.errors = row.parsed.errors;
    if (!plan_.settings.update && !row.parsed.blank) add_broken_rules(tx, row, result.finding);
    return result;
  }
  try {
    if (plan_.settings.update) {
      update(tx, row, row.target, false, result);
      return result;
    }
    if (!row.known.empty()) return handle_duplicate(tx, row, chunk, std::move(result));
    if (const auto* seen = find_seen(row, chunk)) {
      if (bring_to_line(tx, row, *seen, chunk, result)) return result;
      result.finding.status = RowFinding::Status::Duplicate;
      RowDuplicate duplicate;
      duplicate.kind = RowDuplicate::Kind::Line;
      duplicate.line = seen->line;
      result.finding.duplicates.push_back(std::move(duplicate));
      result.stands_for = seen->id;
      return result;
    }
    create(tx, row, chunk, result);
  } catch (const RollBack&) {
    result.created = result.stands_for = 0;  // checked; nothing stays
  } catch (const Error& error) {
    if (is_fatal(error)) throw;
    if (!row_by_row_) throw RowFailed{};
    result = {};
    result.failed = true;
    result.finding.row = row.parsed.number;
    result.finding.status = RowFinding::Status::Error;
    result.finding.errors = cell_errors(error, row);
  }
  return result;
}

void ImportPass::count(const Row&, const Result& result, bool apply, ImportCounts& counts) {
  ++counts.rows;
  switch (result.finding.status) {
    case RowFinding::Status::Good:
      ++counts.good;
      break;
    case RowFinding::Status::Error:
      ++counts.bad;
      break;
    case RowFinding::Status::Duplicate:
      ++counts.duplicates;
      break;
  }
  if (!apply) return;
  if (result.created != 0 || !result.others.empty()) {
    ++counts.created;
  } else if (result.updated) {
    ++counts.updated;
  } else if (result.finding.status != RowFinding::Status::Error) {
    ++counts.skipped;
  }
}

void ImportPass::store(Tx& tx, const std::vector<Row>& rows, const std::vector<Result>& results,
                       ImportJob& job) {
  auto& writer = tx.writer();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& result = results[i];
    const auto& row = rows[i].parsed;
    if (result.finding.status != RowFinding::Status::Good)
      insert_finding(writer, job.id, result.finding);
    if (result.created != 0) {
      insert_created(writer, job.id, job.object, {row.number, result.created}, rows[i].fingerprint);
    }
    for (const auto& other : result.others)
      insert_companion(writer, job.id, {row.number, other.object, other.id});
    if (result.stands_for != 0 && !row.external_id.empty()) {
      remember_reference(writer, plan_.settings.source, job.object, row.external_id,
                         result.stands_for);
    }
  }
  job.updated_at = tx.now();
  update_job(writer, job);
}

// The rows in one transaction; throws RowFailed when they must be taken row by row.
void ImportPass::take_chunk(Tx& tx, const std::vector<Row>& rows, Outcome& outcome) {
  outcome = {job_, {}};
  outcome.results.reserve(rows.size());
  made_in_chunk_.clear();
  SeenKeys chunk;
  for (const auto& row : rows) {
    const auto changes = tx.writer().changes();
    Result result = handle(tx, row, chunk);
    // Rows that are only checked know nothing of each other.
    if (!apply_ && !row_by_row_ && tx.writer().changes() != changes) throw RowFailed{};
    if (is_settled(result)) note_seen(row, result.created, chunk);
    if (apply_) made_in_chunk_.merge(result.made);
    outcome.has_errors |= result.finding.status == RowFinding::Status::Error;
    outcome.has_failed |= result.failed;
    count(row, result, apply_, outcome.job.counts);
    outcome.results.push_back(std::move(result));
  }
  outcome.job.done += static_cast<std::int64_t>(rows.size());
  if (!apply_) return;
  outcome.job.applied_row = rows.back().parsed.number;
  if (outcome.has_errors && job_.all_or_nothing) throw ChunkRefused{};
  store(tx, rows, outcome.results, outcome.job);
}

// False when rows failed that must not.
bool ImportPass::write_chunk(std::vector<Row>& rows) {
  for (auto& row : rows) forget_own(row);
  Outcome outcome;
  const bool embedded = !parts_.engine.database().is_postgres();
  const auto work = [&](Tx& tx) {
    const auto begun = work_time(embedded);
    take_chunk(tx, rows, outcome);
    // Rows that wait keep others from writing as well: they go in before the time is taken.
    if (embedded && apply_) tx.attempt([] {});
    write_time_ = work_time(embedded) - begun;
    if (!apply_) throw ChunkChecked{};
  };
  const auto write = [&] { parts_.engine.write(parts_.actor, work, db::Lane::Bulk); };
  try {
    try {
      write();
    } catch (const RowFailed&) {
      row_by_row_ = true;
      write();
    }
  } catch (const ChunkRefused&) {
    return keep_refused(outcome.results, outcome.job.counts.bad);
  } catch (const ChunkChecked&) {
    // Nothing was written, so that nothing had to reach the disk.
  }
  row_by_row_ = outcome.has_failed || checks_by_writing();
  job_ = outcome.job;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& result = outcome.results[i];
    if (is_settled(result)) note_seen(rows[i], result.created, seen_);
    if (result.created != 0) own_records_.insert(result.created);
    if (!apply_) continue;
    for (const auto& other : result.others) own_companions_.emplace(other.object, other.id);
  }
  if (apply_) made_.merge(made_in_chunk_);
  if (!apply_) keep_checked(outcome.results);
  return true;
}

// What is wrong is kept, what was written is not.
bool ImportPass::keep_refused(const std::vector<Result>& results, std::int64_t bad) {
  parts_.engine.write(parts_.actor, [&](Tx& tx) {
    for (const auto& result : results) {
      if (result.finding.status == RowFinding::Status::Error)
        insert_finding(tx.writer(), job_.id, result.finding);
    }
  });
  job_.counts.bad = bad;
  return false;
}

void ImportPass::keep_checked(std::vector<Result>& results) {
  for (auto& result : results) {
    if (result.finding.status != RowFinding::Status::Good)
      checked_.push_back(std::move(result.finding));
  }
  store_checked(false);
}

// Also the heartbeat of a check.
void ImportPass::store_checked(bool force) {
  const auto now = SteadyClock::now();
  if (!force && now - stored_ < kStoreTime) return;
  stored_ = now;
  parts_.engine.write(
      parts_.actor,
      [&](Tx& tx) {
        for (const auto& finding : checked_) insert_finding(tx.writer(), job_.id, finding);
        job_.updated_at = tx.now();
        update_job(tx.writer(), job_);
      },
      db::Lane::Bulk);
  checked_.clear();
}

void ImportPass::report(bool force) {
  const auto now = SteadyClock::now();
  if (!force && now - reported_ < kReportTime) return;
  reported_ = now;
  if (!apply_) job_.total = std::max(job_.done, expected_);
  if (parts_.on_progress) parts_.on_progress(job_);
}

void ImportPass::take_back() {
  std::int64_t kept = 0;
  take_back_created(parts_.engine, parts_.actor, job_, false, kept);
  job_.counts.skipped = 0;
  job_.counts.created = kept;
  job_.counts.updated = 0;
}

ImportPass::End ImportPass::run() {
  open();
  one_transaction_ = apply_ && job_.all_or_nothing && job_.total <= kOneTransactionRows;
  skip_applied();
  std::size_t wanted =
      one_transaction_ ? static_cast<std::size_t>(kOneTransactionRows) + 1 : kSmallestChunk;
  const auto chunk_time = parts_.engine.database().is_postgres() ? kChunkTimeBeside : kChunkTime;
  const bool ahead = reads_ahead();
  Chunk chunk = read_chunk(wanted);
  while (!chunk.rows.empty()) {
    if (parts_.should_stop && parts_.should_stop()) return End::Stopped;
    if (parts_.should_cancel && parts_.should_cancel()) {
      if (apply_ && job_.all_or_nothing) take_back();
      if (!apply_) store_checked(true);
      return End::Cancelled;
    }
    check_rights();
    if (parts_.row_limit > 0 &&
        job_.done + static_cast<std::int64_t>(chunk.rows.size()) > parts_.row_limit) {
      throw Error(ErrorKind::TooLarge, "import.too_many_rows",
                  {{"limit", std::to_string(parts_.row_limit)}});
    }
    std::future<Chunk> next;
    if (ahead && !chunk.is_last)
      next = std::async(std::launch::async, [this, wanted] { return read_chunk(wanted); });
    if (!write_chunk(chunk.rows)) {
      if (next.valid()) next.wait();
      take_back();
      return End::RowsFailed;
    }
    if (!one_transaction_) {
      if (write_time_ > chunk_time) wanted = std::max(wanted / 2, kSmallestChunk);
      if (write_time_ < chunk_time / 2) wanted = std::min(wanted * 2, kLargestChunk);
    }
    expected_ = chunk.expected;
    report(false);
    if (chunk.is_last) break;
    chunk = next.valid() ? next.get() : read_chunk(wanted);
  }
  job_.total = apply_ ? job_.total : job_.done;
  if (!apply_) store_checked(true);
  report(true);
  return End::Finished;
}

}  // namespace kehai::platform
