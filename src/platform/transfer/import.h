// Imports 导入: upload → preview → mapping → every row checked → all or nothing, or the good rows →
// a file of what is left.
//
// An import belongs to the person who uploaded the file; for everybody else it does not exist. What
// it needs: the right "import" on the object, and "create" or "edit"; every row goes through the
// record engine like anything else that is written. Long work runs on the job lane and survives a
// restart: an interrupted check begins anew, an interrupted run goes on behind its last committed
// row.
//
// All or nothing: up to 2,000 rows are one transaction; more are written in chunks and, when a row
// fails late, moved to the recycle bin again. Duplicates: see DuplicateMode; a line that an earlier
// import brought in and whose record is still there is never brought in again.
//
// All members are safe from any thread; none may be called inside a transaction.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "platform/dedupe/dedupe.h"
#include "platform/files/content_store.h"
#include "platform/jobs/job_runner.h"
#include "platform/registrar.h"
#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/import_types.h"
#include "platform/transfer/own_jobs.h"
#include "record/engine.h"

namespace kehai::platform {

inline constexpr std::int64_t kImportRows = 1'000'000;

class Imports {
 public:
  // Borrowed; they outlive stop().
  struct Parts {
    record::Engine& engine;
    Dedupe& dedupe;
    JobRunner* jobs = nullptr;     // null: validate() and apply() do their work before they return
    std::filesystem::path folder;  // uploads go to <folder>/uploads
    // A few times a second while an import runs, on the job's thread: {"id","status","progress"}
    // for its owner.
    std::function<void(std::int64_t user_id, const std::string& json)> on_progress = {};
    std::int64_t row_limit = kImportRows;                 // most rows of one file; 0 = no limit
    std::uint64_t file_limit = TableLimits().file_bytes;  // bytes of one upload
  };
  explicit Imports(Parts parts);
  ~Imports();
  Imports(const Imports&) = delete;
  Imports& operator=(const Imports&) = delete;

  // Goes on with what was running when this program ended, or another node. After
  // JobRunner::start().
  void resume();
  // For a schedule of every node: tells the others which imports live, and takes those whose node
  // is gone.
  void keep_going();
  // Running imports stop after their present chunk; call it before JobRunner::stop().
  void stop();
  // Leaves them to the next start or another node; call it after JobRunner::stop().
  void give_back();

  // Answers are the import as JSON (docs/dev/api.md). Throw NotFound for imports of others,
  // Forbidden "access.denied". Throws what open_table() throws for files that are no tables.
  std::string create(const record::Actor& actor, std::string_view object, std::string file_name,
                     const ByteProducer& content);
  std::string get(const record::Actor& actor, std::int64_t id);
  // The person's latest ones: {"value":[import]}, without previews.
  std::string list(const record::Actor& actor);
  // Throws field errors, Conflict "import.bad_state" {status}.
  std::string set_settings(const record::Actor& actor, std::int64_t id,
                           const base::JsonObject& settings);
  // Throws what make_plan() throws when the mapping is not complete.
  std::string validate(const record::Actor& actor, std::int64_t id);
  // Throws Conflict "import.bad_state", "import.has_bad_rows" {count} for all or nothing.
  std::string apply(const record::Actor& actor, std::int64_t id, bool all_or_nothing);
  std::string cancel(const record::Actor& actor, std::int64_t id);
  // Takes the created records back, except those that were changed since; also what a failed or
  // cancelled run left.
  std::string undo(const record::Actor& actor, std::int64_t id);
  // {"value":[…],"next":row|null}; status "error", "duplicate", "good" or "" for errors and
  // duplicates.
  std::string rows(const record::Actor& actor, std::int64_t id, std::string_view status,
                   std::int64_t after, int limit);
  struct File {
    std::string name;
    std::string content_type;
    std::string bytes;
  };
  // Every row that was not taken over: row, column, value, reason, code. `format` is "xlsx" or
  // "csv".
  File result(const record::Actor& actor, std::int64_t id, std::string_view format = "xlsx");
  // The same rows as they stand in the file, with the reason behind them: to be corrected and
  // imported again.
  File rejected_rows(const record::Actor& actor, std::int64_t id, std::string_view format = "xlsx");

  ImportJob find(const record::Actor& actor, std::int64_t id);

  // Deletes uploaded files that nobody has needed for 30 days; for a schedule.
  void remove_expired();

 private:
  ImportJob own_job(const record::Actor& actor, std::int64_t id);
  void require_right(const record::Actor& actor, std::string_view object) const;
  void look_at(const record::Actor& actor, ImportJob& job);
  void guess(const record::Actor& actor, const TablePreview& preview,
             const std::vector<std::string>& names, ImportJob& job,
             std::map<std::string, int>& confidence);
  void store(const ImportJob& job);
  // Begins a run if the import is still in `from`; false when somebody else was faster.
  bool begin(ImportJob& job, ImportStatus from, ImportStatus to);
  void start(const ImportJob& job, const record::Actor& actor);
  void run(ImportJob job, const record::Actor& actor);
  void finish(ImportJob& job, int end);
  void report(const ImportJob& job);
  std::string job_json(const record::Actor& actor, const ImportJob& job,
                       bool with_preview = true) const;
  void write_possibilities(base::JsonWriter& writer, const record::Actor& actor,
                           const ImportJob& job) const;
  void write_finding(base::JsonWriter& writer, db::Reader& reader, const record::Actor& actor,
                     const RowFinding& finding);
  std::string reason_text(const record::Actor& actor, const RowDuplicate& duplicate);
  std::string error_text(const record::Actor& actor, const CellError& error) const;
  std::string good_rows(const record::Actor& actor, const ImportJob& job, std::int64_t after,
                        int limit);
  void each_finding(std::int64_t id, const std::function<void(const RowFinding&)>& each);
  bool is_cancelled(std::int64_t id);

  Parts parts_;
  ContentStore uploads_;
  base::Texts texts_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::set<std::int64_t> cancelled_;
  OwnJobs own_;
};

// Tables, and the schedule that throws away uploads that nobody needs any more.
void register_imports(Registrar& registrar);

}  // namespace kehai::platform
