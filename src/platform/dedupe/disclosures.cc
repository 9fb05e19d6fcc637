#include "platform/dedupe/disclosures.h"

namespace kehai::platform {

namespace {

constexpr base::Instant kHour = 3'600'000;  // milliseconds

}  // namespace

Disclosures::Seen& Disclosures::seen_lately(std::int64_t user_id, base::Instant now) {
  auto& seen = by_user_[user_id];
  std::erase_if(seen, [&](const auto& entry) { return entry.second <= now - kHour; });
  return seen;
}

Disclosures::Answer Disclosures::disclose(std::int64_t user_id, record::RecordId id,
                                          base::Instant now) {
  const std::lock_guard lock(mutex_);
  auto& seen = seen_lately(user_id, now);
  if (seen.contains(id)) return Answer::Known;
  if (seen.size() >= kPerHour) return Answer::Refused;
  seen.emplace(id, now);
  return Answer::New;
}

bool Disclosures::is_exhausted(std::int64_t user_id, base::Instant now) {
  const std::lock_guard lock(mutex_);
  return seen_lately(user_id, now).size() >= kPerHour;
}

}  // namespace kehai::platform
