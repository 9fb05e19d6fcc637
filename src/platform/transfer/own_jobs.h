// Which long jobs of a table this node works on or has waiting, told to other nodes by the column
// updated_at: whose is older than a minute has nobody, and the next node that looks takes it.
// Safe from any thread; none may be called inside a transaction.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>

#include "base/time.h"
#include "db/database.h"
#include "db/table.h"

namespace kehai::platform {

class OwnJobs {
 public:
  // `unfinished`: values of the column status of jobs that wait or run.
  OwnJobs(db::Database& database, std::string table, base::Values unfinished)
      : database_(database), table_(std::move(table)), unfinished_(std::move(unfinished)) {}

  void add(std::int64_t id);
  // Whether this node has it from now on: nobody gave a sign of life since `updated_at`, and no
  // other node was faster. With the embedded database there is no other node.
  bool take(std::int64_t id, base::Instant updated_at, base::Instant now);
  // The sign of life, more often than once a minute.
  void keep_alive(base::Instant now);
  // Lets others, and the next start, take what did not come to its end. Logs what fails; call it
  // when no job runs any more.
  void give_back(base::Instant now);

  // The work on one job: at its end, unless `stopping`, it is no longer this node's.
  class Work {
   public:
    Work(OwnJobs& jobs, std::int64_t id, const std::atomic<bool>& stopping)
        : jobs_(jobs), id_(id), stopping_(stopping) {}
    ~Work() {
      if (!stopping_) jobs_.remove(id_);
    }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    OwnJobs& jobs_;
    std::int64_t id_;
    const std::atomic<bool>& stopping_;
  };

 private:
  void remove(std::int64_t id);
  std::set<std::int64_t> all();
  void mark(base::Instant at);

  db::Database& database_;
  db::Table table_;
  base::Values unfinished_;
  std::mutex mutex_;
  std::set<std::int64_t> ids_;
};

}  // namespace kehai::platform
