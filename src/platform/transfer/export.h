// Exports 导出: any list as CSV or XLSX, as a download at once (small) or as a job whose file waits
// for a day.
//
// Needs the right "export" on the object. A file belongs to who asked for it; for everybody else it
// does not exist. Every export is one line of the audit: who, which filter, which columns, how many
// rows. Text always stays text in the spreadsheet program (formats/formula_guard.h). All members
// are safe from any thread; none may be called inside a transaction.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "platform/jobs/job_runner.h"
#include "platform/registrar.h"
#include "platform/transfer/export_rows.h"
#include "platform/transfer/own_jobs.h"
#include "record/engine.h"

namespace kehai::platform {

inline constexpr std::int64_t kDownloadRows = 5000;              // above: an export job
inline constexpr std::int64_t kExportLifetime = 24 * 3'600'000;  // milliseconds

class Exports {
 public:
  struct Parts {
    record::Engine& engine;
    JobRunner* jobs = nullptr;     // null: create() does the work before it returns
    std::filesystem::path folder;  // files go to <folder>/exports
    // Most rows that somebody without administrator's rights may take out at once; 0 = no limit.
    // Empty: 5,000.
    std::function<std::int64_t()> row_limit = {};
    std::function<void(std::int64_t user_id, const std::string& json)> on_progress = {};
  };
  explicit Exports(Parts parts);
  ~Exports() { stop(); }
  Exports(const Exports&) = delete;
  Exports& operator=(const Exports&) = delete;

  // Begins anew what was running when this program ended, or another node. After
  // JobRunner::start().
  void resume();
  // As those of Imports.
  void keep_going();
  void stop() { stopping_ = true; }
  void give_back() { own_.give_back(parts_.engine.clock().now()); }

  // {"object","filter"?,"search"?,"columns"?,"orderby"?,"format"?} → {"id","status","progress"}.
  // Throws field errors, query.*, Limit "export.too_many_rows" {limit}.
  std::string create(const record::Actor& actor, const base::JsonObject& request);
  std::string get(const record::Actor& actor, std::int64_t id);
  struct File {
    std::filesystem::path path;
    std::string name;
    std::string content_type;
  };
  // Throws NotFound when it is not done or gone.
  File file(const record::Actor& actor, std::int64_t id);

  struct Download {
    std::string bytes;
    std::string name;
    std::string content_type;
    std::int64_t rows = 0;
  };
  // $format=csv|xlsx: at most kDownloadRows rows, else Limit "export.too_many_rows". `filter_text`
  // goes to the audit.
  Download download(const record::Actor& actor, const ExportRequest& request,
                    const std::string& filter_text);

  // Deletes files older than a day; for a schedule.
  void remove_expired();

 private:
  struct Job;
  record::Actor owner_of(const Job& job) const;
  // `actor` is whoever asks where there is no lane for jobs; elsewhere the job's owner is asked for
  // his rights when it runs.
  void start(const Job& job, const record::Actor& actor);
  void run(std::int64_t id, const record::Actor& actor);
  Job own_job(const record::Actor& actor, std::int64_t id);
  std::filesystem::path path_of(const Job& job) const;
  std::string job_json(const record::Actor& actor, const Job& job) const;
  std::int64_t limit_for(const record::Actor& actor) const;
  void report(const Job& job) const;

  Parts parts_;
  base::Texts texts_;
  std::atomic<bool> stopping_{false};
  OwnJobs own_;
};

// The request of a job or of the command line as a list. Throws field errors and query.*.
ExportRequest parse_export_request(const base::JsonObject& json);

// Writers of a file in either format.
MakeWriter write_table_to(const std::filesystem::path& file, const std::string& format);

void register_exports(Registrar& registrar);

}  // namespace kehai::platform
