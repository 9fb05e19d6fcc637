#include "db/postgres/pool.h"

#include <chrono>
#include <utility>

#include "base/error.h"

namespace kehai::db::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::seconds kPatience{30};

}  // namespace

Pool::Pool(std::string url, int connections) : url_(std::move(url)), limit_(connections) {}

Pool::Lease::~Lease() {
  if (connection_ == nullptr) return;
  if (connection_->is_lost()) pool_->suspect_all();
  pool_->give_back({std::move(connection_), generation_, epoch_});
}

Pool::Lease Pool::take() {
  std::unique_lock lock(mutex_);
  const bool ready =
      changed_.wait_for(lock, kPatience, [this] { return closing_ || in_use_ < limit_; });
  if (closing_) throw Error(ErrorKind::Unavailable, "database.closing");
  if (!ready) throw Error(ErrorKind::Unavailable, "database.busy", {}, "no free connection");
  ++in_use_;
  const std::uint64_t generation = generation_;
  const std::uint64_t epoch = epoch_;
  Idle found;
  if (!idle_.empty() && idle_.back().epoch == epoch) {
    found = std::move(idle_.back());
    idle_.pop_back();
  } else {
    idle_.clear();
  }
  lock.unlock();
  try {
    if (found.connection == nullptr) {
      found.connection = std::make_unique<Connection>(url_);
    } else if (found.generation != generation) {
      found.connection->drop_statements();
    }
  } catch (...) {
    free_place();
    throw;
  }
  return Lease(*this, std::move(found.connection), generation, epoch);
}

void Pool::give_back(Idle idle) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_ && idle.epoch == epoch_ && !idle.connection->is_lost()) {
      idle_.push_back(std::move(idle));
    }
  }
  idle.connection.reset();  // outside the lock: closing talks to the server
  free_place();
}

void Pool::free_place() {
  const std::lock_guard lock(mutex_);
  --in_use_;
  // close() waits on the same condition, so one waiter is not enough then.
  if (closing_) {
    changed_.notify_all();
  } else {
    changed_.notify_one();
  }
}

void Pool::drop_statements() {
  const std::lock_guard lock(mutex_);
  ++generation_;
}

void Pool::suspect_all() {
  const std::lock_guard lock(mutex_);
  ++epoch_;
}

void Pool::close() {
  std::unique_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return in_use_ == 0; });
  idle_.clear();
}

}  // namespace kehai::db::postgres
