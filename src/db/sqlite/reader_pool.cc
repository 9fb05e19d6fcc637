#include "db/sqlite/reader_pool.h"

#include <sqlite3.h>

#include <chrono>
#include <utility>

#include "base/error.h"
#include "db/sqlite/errors.h"
#include "db/sqlite/transaction.h"

namespace kehai::db::sqlite {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::seconds kPatience{30};

void run_in_snapshot(Connection& connection, const std::function<void(Reader&)>& fn) {
  const int begun = connection.control_often("BEGIN DEFERRED");
  if (begun != SQLITE_OK) throw make_error(connection.handle(), begun, "BEGIN");
  try {
    Transaction transaction(connection);
    fn(transaction);
    transaction.refuse_when_failed();
  } catch (...) {
    connection.control("ROLLBACK");
    throw;
  }
  connection.control_often("COMMIT");
  if (connection.in_transaction()) connection.control("ROLLBACK");
}

}  // namespace

ReaderPool::ReaderPool(const ConnectionOptions& options, int connections) {
  for (int i = 0; i < connections; ++i) {
    auto slot = std::make_unique<Slot>();
    slot->connection = std::make_unique<Connection>(options);
    free_.push_back(std::move(slot));
  }
}

void ReaderPool::run(const std::function<void(Reader&)>& fn) {
  std::unique_ptr<Slot> slot = take();
  try {
    const std::uint64_t generation = generation_.load();
    if (slot->generation != generation) {
      slot->connection->drop_statements();
      slot->generation = generation;
    }
    run_in_snapshot(*slot->connection, fn);
  } catch (...) {
    give_back(std::move(slot));
    throw;
  }
  give_back(std::move(slot));
}

std::unique_ptr<ReaderPool::Slot> ReaderPool::take() {
  std::unique_lock lock(mutex_);
  const bool ready =
      changed_.wait_for(lock, kPatience, [this] { return closing_ || !free_.empty(); });
  if (closing_) throw Error(ErrorKind::Unavailable, "database.closing");
  if (!ready) throw Error(ErrorKind::Unavailable, "database.busy", {}, "no free reader");
  std::unique_ptr<Slot> slot = std::move(free_.back());
  free_.pop_back();
  ++in_use_;
  return slot;
}

void ReaderPool::give_back(std::unique_ptr<Slot> slot) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(slot));
  --in_use_;
  // close() waits on the same condition, so one waiter is not enough then.
  if (closing_) {
    changed_.notify_all();
  } else {
    changed_.notify_one();
  }
}

void ReaderPool::close() {
  std::unique_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return in_use_ == 0; });
  free_.clear();
}

}  // namespace kehai::db::sqlite
