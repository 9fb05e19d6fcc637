#include "platform/transfer/own_jobs.h"

#include <spdlog/spdlog.h>

#include "base/error.h"

namespace kehai::platform {

namespace {

constexpr base::Instant kLostAfter = 60'000;  // milliseconds without a sign of life

}  // namespace

void OwnJobs::add(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  ids_.insert(id);
}

void OwnJobs::remove(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  ids_.erase(id);
}

std::set<std::int64_t> OwnJobs::all() {
  const std::lock_guard lock(mutex_);
  return ids_;
}

bool OwnJobs::take(std::int64_t id, base::Instant updated_at, base::Instant now) {
  if (database_.is_postgres() && now - updated_at < kLostAfter) return false;
  {
    const std::lock_guard lock(mutex_);
    if (!ids_.insert(id).second) return false;
  }
  bool taken = false;
  try {
    database_.write([&](db::Writer& writer) {
      taken = table_.update(writer, {{"updated_at", now}},
                            {{"id", db::Compare::Equal, id},
                             {"updated_at", db::Compare::Equal, updated_at}}) > 0;
    });
  } catch (...) {
    remove(id);
    throw;
  }
  if (!taken) remove(id);
  return taken;
}

void OwnJobs::mark(base::Instant at) {
  const auto ids = all();
  if (ids.empty()) return;
  database_.write([&](db::Writer& writer) {
    for (const std::int64_t id : ids) {
      for (const auto& status : unfinished_) {
        table_.update(writer, {{"updated_at", at}},
                      {{"id", db::Compare::Equal, id}, {"status", db::Compare::Equal, status}});
      }
    }
  });
}

void OwnJobs::keep_alive(base::Instant now) {
  mark(now);
}

void OwnJobs::give_back(base::Instant now) {
  if (!database_.is_postgres()) return;  // the next start takes them all
  try {
    mark(now - kLostAfter);
  } catch (const base::Error& error) {
    spdlog::warn("jobs not given back: {} {}", error.code(), error.detail());
  }
  const std::lock_guard lock(mutex_);
  ids_.clear();
}

}  // namespace kehai::platform
