#include "db/sqlite/writer_thread.h"

#include <sqlite3.h>

#include <utility>

#include "db/reentry.h"
#include "db/sqlite/errors.h"
#include "db/sqlite/transaction.h"

namespace kehai::db::sqlite {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kBatchClosures = 256;
constexpr std::chrono::milliseconds kBatchTime{5};
// Under steady interactive load a bulk closure (up to 20 ms) gets its turn this long after the last
// one.
constexpr std::chrono::milliseconds kBulkPatience{50};
// After a closure that had to be undone with everybody beside it, closures have savepoints for so
// long: those that fail must not make all others run twice.
constexpr std::chrono::seconds kGuarded{1};
constexpr std::chrono::seconds kIdleBeforeCheckpoint{1};
constexpr int kLargeLogFrames = 10'000;  // about 40 MB
constexpr int kHugeLogFrames = 65'536;   // about 256 MB
// The log begins anew only in a moment when nobody reads from it, so the writer waits for readers,
// but not for long ones.
constexpr int kFramesBeforeRetry = 2'500;
constexpr int kLargeLogWaitMilliseconds = 25;
constexpr int kHugeLogWaitMilliseconds = 250;
constexpr int kBusyMilliseconds = 5000;

}  // namespace

WriterThread::WriterThread(const ConnectionOptions& options)
    : connection_(options), thread_([this] { loop(); }) {}

WriterThread::~WriterThread() {
  close();
}

void WriterThread::run(const void* owner, const std::function<void(Writer&)>& fn, Lane lane) {
  Task task{.owner = owner, .fn = fn, .done = nullptr, .lane = lane};
  submit(task);
}

void WriterThread::run_alone(const void* owner, const std::function<void(Writer&)>& fn,
                             const std::function<void()>& done) {
  Task task{.owner = owner, .fn = fn, .done = &done, .lane = Lane::Interactive};
  submit(task);
}

void WriterThread::submit(Task& task) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) throw Error(ErrorKind::Unavailable, "database.closing");
    auto& queue = task.lane == Lane::Interactive ? interactive_ : bulk_;
    queue.push_back(&task);
    wake_.notify_one();
  }
  std::unique_lock lock(task.mutex);
  task.changed.wait(lock, [&task] { return task.finished; });
  // From here on only the task is touched: the database may be gone.
  if (task.failure) std::rethrow_exception(task.failure);
}

void WriterThread::finish(Task& task) {
  // Notified under the lock: the caller cannot leave, and the task cannot end, before the lock is
  // free.
  const std::lock_guard lock(task.mutex);
  task.finished = true;
  task.changed.notify_one();
}

void WriterThread::close() {
  const std::lock_guard joining(join_mutex_);
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  connection_.reset();
}

void WriterThread::loop() {
  while (wait_for_work()) {
    run_batch();
    checkpoint_when_large();
  }
  if (failure().empty()) checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

bool WriterThread::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return closing_ || !interactive_.empty() || !bulk_.empty(); };
  while (!ready()) {
    const bool pending = connection_->log_frames() > checkpointed_frames_ && failure_.empty();
    if (!pending) {
      wake_.wait(lock, ready);
    } else if (!wake_.wait_for(lock, kIdleBeforeCheckpoint, ready)) {
      lock.unlock();
      checkpoint(SQLITE_CHECKPOINT_PASSIVE);
      lock.lock();
    }
  }
  return !interactive_.empty() || !bulk_.empty();
}

WriterThread::Task* WriterThread::next_for(const Batch& batch, Clock::time_point started) {
  const Clock::time_point now = Clock::now();
  if (!batch.empty() && (batch.size() >= kBatchClosures || now - started >= kBatchTime ||
                         batch.back()->done != nullptr)) {
    return nullptr;
  }
  const std::lock_guard lock(mutex_);
  const bool bulk_is_due = !bulk_.empty() && now - last_bulk_ >= kBulkPatience;
  if (!interactive_.empty() && !(batch.empty() && bulk_is_due)) {
    Task* task = interactive_.front();
    if (task->done != nullptr && !batch.empty()) return nullptr;
    interactive_.pop_front();
    return task;
  }
  // Interactive closures that already ran must not wait for a long bulk closure.
  const bool holds_interactive = !batch.empty() && batch.front()->lane == Lane::Interactive;
  if (bulk_.empty() || holds_interactive) return nullptr;
  Task* task = bulk_.front();
  bulk_.pop_front();
  return task;
}

bool WriterThread::begin(Batch& batch) {
  std::optional<Error> error = refusal();
  if (!error) {
    const int code = connection_->control_often("BEGIN IMMEDIATE");
    if (code == SQLITE_OK) return true;
    error = make_error(connection_->handle(), code, "BEGIN");
    if (is_fatal(code)) stop_writing(code, error->detail());
  }
  fail_all(batch, *error);
  return false;
}

void WriterThread::run_batch() {
  const Clock::time_point started = Clock::now();
  Batch batch;
  Task* task = next_for(batch, started);
  Batch first{task};
  if (task == nullptr) return;
  // A migration may change every page of a table.
  connection_->keep_undo_in_memory(task->done == nullptr);
  if (!begin(first)) return;
  // A savepoint copies every page that changes in it, a tenth of what a create costs. Most closures
  // that fail do so before they write, and leave nothing to undo.
  const bool guarded = started < guarded_until_;
  // Whoever failed may have done so because of what ran before in the same transaction: they hear
  // of it when everybody can see that.
  Batch failed;
  while (task != nullptr) {
    const bool alone = task->done != nullptr;
    const bool good = run_one(*task, guarded);
    if (task->lane == Lane::Bulk) last_bulk_ = Clock::now();
    (good ? batch : failed).push_back(task);
    if (!connection_->in_transaction()) {
      // The failure ended the whole transaction, so what ran before is undone and runs again.
      rerun(std::move(batch));
      for (Task* loser : failed) finish(*loser);
      return;
    }
    const bool enough = alone || failed.size() >= kBatchClosures;
    task = enough ? nullptr : next_for(batch, started);
  }
  commit(batch);
  for (Task* loser : failed) finish(*loser);
}

void WriterThread::rerun(Batch survivors) {
  while (!survivors.empty()) {
    if (!begin(survivors)) return;
    Batch good;
    bool alive = true;
    std::size_t at = 0;
    for (; at < survivors.size() && alive; ++at) {
      ++counters_.reruns;
      const bool ran = run_one(*survivors[at], true);
      if (ran) {
        good.push_back(survivors[at]);
      } else {
        finish(*survivors[at]);
      }
      alive = connection_->in_transaction();
    }
    if (alive) {
      commit(good);
      return;
    }
    // Every round that dies loses its culprit, so this ends.
    good.insert(good.end(), survivors.begin() + static_cast<std::ptrdiff_t>(at), survivors.end());
    survivors = std::move(good);
  }
}

bool WriterThread::run_one(Task& task, bool guarded) {
  if (guarded) {
    const int marked = connection_->control_often("SAVEPOINT closure");
    if (marked != SQLITE_OK) {
      task.failure =
          std::make_exception_ptr(make_error(connection_->handle(), marked, "SAVEPOINT"));
      return false;
    }
  }
  Transaction transaction(*connection_);
  try {
    const Reentry guard(task.owner);
    task.fn(transaction);
    transaction.refuse_when_failed();
    transaction.insert_waiting();
  } catch (...) {
    task.failure = std::current_exception();
    if (transaction.fatal_code() != 0) {
      stop_writing(transaction.fatal_code(), transaction.failure()->detail());
      connection_->control("ROLLBACK");
    } else if (connection_->in_transaction()) {
      undo(transaction, guarded);
    }
    return false;
  }
  if (!guarded) return true;
  const int released = connection_->control_often("RELEASE closure");
  if (released == SQLITE_OK) return true;
  task.failure = std::make_exception_ptr(make_error(connection_->handle(), released, "RELEASE"));
  connection_->control("ROLLBACK");
  return false;
}

void WriterThread::undo(const Transaction& transaction, bool guarded) {
  if (guarded) {
    if (connection_->control("ROLLBACK TO closure; RELEASE closure") != SQLITE_OK)
      connection_->control("ROLLBACK");
  } else if (transaction.has_written()) {
    connection_->control("ROLLBACK");
    guarded_until_ = Clock::now() + kGuarded;
  }
}

void WriterThread::commit(Batch& batch) {
  const int code = connection_->control_often("COMMIT");
  if (code != SQLITE_OK) {
    Error error = make_error(connection_->handle(), code, "COMMIT");
    if (is_fatal(code)) {
      stop_writing(code, error.detail());
      // The log may or may not hold the commit after a restart.
      error = Error(ErrorKind::Unavailable, "database.unknown_outcome", {}, error.detail());
    }
    if (connection_->in_transaction()) connection_->control("ROLLBACK");
    fail_all(batch, error);
    return;
  }
  if (connection_->log_frames() < checkpointed_frames_) checkpointed_frames_ = 0;  // it restarted
  if (batch.empty()) return;
  ++counters_.commits;
  counters_.closures += static_cast<std::int64_t>(batch.size());
  for (Task* task : batch) {
    if (task->done != nullptr) {
      connection_->drop_statements();
      (*task->done)();
    }
    finish(*task);
  }
}

void WriterThread::fail_all(Batch& batch, const base::Error& error) {
  for (Task* task : batch) {
    task->failure = std::make_exception_ptr(error);
    finish(*task);
  }
  batch.clear();
}

void WriterThread::stop_writing(int code, const std::string& detail) {
  // After a failed fsync nobody knows what the disk holds; writing on could overwrite what was
  // acknowledged.
  connection_->forbid_checkpoint_on_close();
  const std::lock_guard lock(mutex_);
  if (failure_.empty()) failure_ = "SQLite " + std::to_string(code) + " (" + detail + ")";
}

std::string WriterThread::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::size_t WriterThread::queued() const {
  const std::lock_guard lock(mutex_);
  return interactive_.size() + bulk_.size();
}

std::optional<base::Error> WriterThread::refusal() const {
  const std::string why = failure();
  if (why.empty()) return std::nullopt;
  return Error(ErrorKind::Unavailable, "database.read_only", {}, why);
}

void WriterThread::checkpoint_when_large() {
  const int frames = connection_->log_frames();
  if (frames - checkpointed_frames_ < kLargeLogFrames || !failure().empty()) return;
  const int wait = frames < kHugeLogFrames ? kLargeLogWaitMilliseconds : kHugeLogWaitMilliseconds;
  sqlite3_busy_timeout(connection_->handle(), wait);
  checkpoint(SQLITE_CHECKPOINT_RESTART);
  sqlite3_busy_timeout(connection_->handle(), kBusyMilliseconds);
}

void WriterThread::checkpoint(int mode) {
  int frames = 0;
  int done = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, &frames, &done);
  if (is_fatal(code)) {
    stop_writing(code, sqlite3_errmsg(connection_->handle()));
    return;
  }
  // A reader or a full disk may have stopped it half-way; the next one goes on.
  checkpointed_frames_ = connection_->log_frames();
  if (code == SQLITE_BUSY) checkpointed_frames_ -= kLargeLogFrames - kFramesBeforeRetry;
}

}  // namespace kehai::db::sqlite
