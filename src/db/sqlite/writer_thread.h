// The one thread that writes to and checkpoints a SQLite file.
//
// Group commit: closures that wait together run in one transaction and share one
// fsync. Callers get their answer after the COMMIT. docs/adr/0003-group-commit.md says why and what
// it gains.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "db/database.h"
#include "db/sqlite/connection.h"

namespace kehai::db::sqlite {

class Transaction;

class WriterThread {
 public:
  struct Counters {
    std::atomic<std::int64_t> commits{0};
    std::atomic<std::int64_t> closures{0};
    std::atomic<std::int64_t> reruns{0};
  };

  // Opens the writing connection (making the file when missing) and starts the thread. Throws
  // base::Error.
  explicit WriterThread(const ConnectionOptions& options);
  ~WriterThread();
  WriterThread(const WriterThread&) = delete;
  WriterThread& operator=(const WriterThread&) = delete;

  // Blocks until the closure is durable, or throws what it threw. `owner` is what Reentry guards.
  void run(const void* owner, const std::function<void(Writer&)>& fn, Lane lane);
  // The same in a transaction of its own, for changes of the schema; `done` runs on the writer
  // thread after the commit.
  void run_alone(const void* owner, const std::function<void(Writer&)>& fn,
                 const std::function<void()>& done);
  // Refuses new work, finishes the queue, checkpoints and closes the connection.
  void close();

  const Counters& counters() const { return counters_; }
  // What stopped all writing ("" = nothing).
  std::string failure() const;
  std::size_t queued() const;

 private:
  using Clock = std::chrono::steady_clock;

  // Lives on the stack of the caller, which waits until it is finished.
  struct Task {
    const void* owner;
    const std::function<void(Writer&)>& fn;
    const std::function<void()>* done;  // set: runs alone
    Lane lane;
    std::exception_ptr failure{};
    std::mutex mutex{};
    std::condition_variable changed{};
    bool finished = false;
  };
  using Batch = std::vector<Task*>;

  void submit(Task& task);
  void loop();
  // Waits for work; false when closing and nothing is left.
  bool wait_for_work();

  void run_batch();
  void rerun(Batch survivors);
  bool begin(Batch& batch);
  // Takes the next closure that may join the batch; null when the batch is complete.
  Task* next_for(const Batch& batch, Clock::time_point started);
  // Runs one closure, in a savepoint when guarded; false when it failed (its failure is set) and is
  // out of the batch, of which nothing may be left then: in_transaction() tells.
  bool run_one(Task& task, bool guarded);
  void undo(const Transaction& transaction, bool guarded);
  void commit(Batch& batch);
  void fail_all(Batch& batch, const base::Error& error);
  static void finish(Task& task);

  void stop_writing(int code, const std::string& detail);
  std::optional<base::Error> refusal() const;
  void checkpoint_when_large();
  void checkpoint(int mode);

  std::optional<Connection> connection_;  // none after close()
  Counters counters_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task*> interactive_;
  std::deque<Task*> bulk_;
  bool closing_ = false;
  std::string failure_;  // set once

  // Of the writer thread only.
  Clock::time_point last_bulk_{};
  Clock::time_point guarded_until_{};
  int checkpointed_frames_ = 0;

  std::mutex join_mutex_;
  std::thread thread_;  // last: starts when everything else stands
};

}  // namespace kehai::db::sqlite
