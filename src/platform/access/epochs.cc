#include "platform/access/epochs.h"

#include <algorithm>

namespace kehai::platform {

namespace {

const db::Table kEpoch("epoch");
constexpr std::int64_t kFreshMilliseconds = 500;
constexpr std::int64_t kLongestTransaction = 10'000;

std::int64_t read_value(db::Reader& reader, const std::string& name) {
  const auto rows = kEpoch.select(
      reader, {{"value"}, {{"name", db::Compare::Equal, db::Value(name)}}, {}, 0, false});
  return rows.empty() ? 0 : rows[0][0].int_or(0);
}

}  // namespace

db::TableDefinition Epochs::table() {
  return {"epoch", {{"name", true, true}, {"value", false, true}}, {"name"}, {}, false};
}

std::int64_t Epochs::current() {
  const base::Instant now = clock_.now();
  if (now < fresh_until_.load(std::memory_order_acquire))
    return value_.load(std::memory_order_acquire);
  return refresh(now);
}

std::int64_t Epochs::refresh(base::Instant now) {
  std::int64_t found = 0;
  database_.read([&](db::Reader& reader) { found = read_value(reader, name_); });
  const std::lock_guard lock(mutex_);
  // A slower reader must not put an older value back.
  const std::int64_t value = std::max(found, value_.load());
  value_.store(value, std::memory_order_release);
  const bool pending = value < expected_ && now < expected_until_;
  fresh_until_.store(pending ? 0 : now + kFreshMilliseconds, std::memory_order_release);
  return value;
}

void Epochs::bump(db::Writer& writer) {
  if (!kEpoch.add(writer, "value", 1, {{"name", db::Compare::Equal, db::Value(name_)}})) {
    kEpoch.upsert(writer, {"name"}, {{"name", name_}, {"value", 1}});
  }
  const std::int64_t value = read_value(writer, name_);
  const std::lock_guard lock(mutex_);
  expected_ = std::max(expected_, value);
  expected_until_ = clock_.now() + kLongestTransaction;
  fresh_until_.store(0, std::memory_order_release);
}

}  // namespace kehai::platform
