// Counters in the database that tell every node when something it caches is out of date: rights,
// sessions, settings.
//
// current() reads the database at most every 500 ms; a change made through this object is seen at
// once, one made by another node within that time. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/time.h"
#include "db/database.h"
#include "db/table.h"

namespace kehai::platform {

class Epochs {
 public:
  // Borrowed for the object's life.
  Epochs(db::Database& database, base::Clock& clock, std::string name)
      : database_(database), clock_(clock), name_(std::move(name)) {}

  // Never inside a transaction: it may read the database.
  std::int64_t current();
  // Inside the transaction that makes the change.
  void bump(db::Writer& writer);

  static db::TableDefinition table();

 private:
  std::int64_t refresh(base::Instant now);

  db::Database& database_;
  base::Clock& clock_;
  std::string name_;
  std::atomic<std::int64_t> value_{0};
  std::atomic<base::Instant> fresh_until_{0};
  std::mutex mutex_;
  // A transaction of ours is about to make this value current; until then nothing read counts as
  // fresh.
  std::int64_t expected_ = 0;
  base::Instant expected_until_ = 0;  // the transaction may roll back
};

}  // namespace kehai::platform
