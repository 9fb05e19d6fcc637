#include "db/postgres/pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"

namespace kehai::db::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kBetweenTries{500};
constexpr std::chrono::milliseconds kOverdue{400};
constexpr std::chrono::milliseconds kBetweenLooks{100};
constexpr std::chrono::seconds kBetweenGreetings{2};

}  // namespace

Pool::Pool(std::string url, int connections)
    : url_(std::move(url)), limit_(connections), watchman_([this] { watch(); }) {}

Pool::~Pool() {
  close();
}

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
  const std::uint64_t generation = generation_;
  const std::uint64_t epoch = epoch_;
  Idle place;
  try {
    place = choose();
  } catch (...) {
    changed_.notify_one();  // the place stays free: let the next one hear it, too
    throw;
  }
  ++in_use_;
  lock.unlock();
  try {
    if (place.connection == nullptr) {
      open(place);
    } else if (place.generation != generation) {
      place.connection->drop_statements();
    }
  } catch (...) {
    free_place();
    throw;
  }
  lock.lock();
  leased_.insert(place.connection.get());
  lock.unlock();
  return Lease(*this, std::move(place.connection), generation, epoch);
}

Pool::Idle Pool::choose() {
  Idle place;
  if (!idle_.empty() && idle_.back().epoch == epoch_) {
    place = std::move(idle_.back());
    idle_.pop_back();
    return place;
  }
  idle_.clear();
  if (!unreachable_) return place;
  if (trying_ || std::chrono::steady_clock::now() - tried_at_ < kBetweenTries)
    throw Error(ErrorKind::Unavailable, "database.unreachable", {}, "the last attempt failed");
  trying_ = true;
  return place;
}

void Pool::open(Idle& place) {
  const auto found = [this](bool unreachable) {
    const std::lock_guard lock(mutex_);
    unreachable_ = unreachable;
    trying_ = false;
    tried_at_ = std::chrono::steady_clock::now();
  };
  try {
    place.connection = std::make_unique<Connection>(url_);
  } catch (...) {
    found(true);
    throw;
  }
  found(false);
}

void Pool::give_back(Idle idle) {
  {
    const std::lock_guard lock(mutex_);
    leased_.erase(idle.connection.get());
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

void Pool::watch() {
  std::chrono::steady_clock::time_point greeted;
  std::unique_lock lock(mutex_);
  while (!closing_) {
    watchman_wakes_.wait_for(lock, kBetweenLooks, [this] { return closing_; });
    if (closing_) break;
    release_snapshots();
    if (!is_answer_overdue()) continue;
    if (std::chrono::steady_clock::now() - greeted < kBetweenGreetings) continue;
    lock.unlock();
    const bool answers = server_answers(url_);
    lock.lock();
    greeted = std::chrono::steady_clock::now();
    if (!answers) give_up_waiting();
  }
}

// A snapshot that nobody needs keeps vacuum from its work and tables from being changed. With
// mutex_ held: some bytes for a connection with nothing before them, which does not wait.
void Pool::release_snapshots() {
  std::erase_if(idle_, [](const Idle& idle) {
    if (!idle.connection->holds_snapshot()) return false;
    try {
      idle.connection->roll_back();
      return false;
    } catch (const Error&) {
      return true;  // the connection is lost; the next one finds out whether the server is
    }
  });
}

bool Pool::is_answer_overdue() {
  return std::any_of(leased_.begin(), leased_.end(), [](const Connection* connection) {
    return connection->waits_longer_than(kOverdue);
  });
}

void Pool::give_up_waiting() {
  ++epoch_;
  unreachable_ = true;
  tried_at_ = std::chrono::steady_clock::now();
  for (const Connection* connection : leased_) {
    if (connection->waits_longer_than({})) connection->interrupt();
  }
}

void Pool::close() {
  std::unique_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
  watchman_wakes_.notify_all();
  changed_.wait(lock, [this] { return in_use_ == 0; });
  idle_.clear();
  lock.unlock();
  if (watchman_.joinable()) watchman_.join();
}

}  // namespace kehai::db::postgres
