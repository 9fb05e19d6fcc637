#include "platform/dedupe/disclosures.h"

#include "db/table.h"

namespace kehai::platform {

namespace {

const db::Table kLookUps("duplicate_look_up");
constexpr base::Instant kHour = 3'600'000;  // milliseconds

}  // namespace

db::TableDefinition Disclosures::table() {
  return {"duplicate_look_up",
          {{"user_id", false, true}, {"record_id", false, true}, {"at", false, true}},
          {"user_id", "record_id"},
          {},
          false};
}

Disclosures::Seen& Disclosures::seen_lately(db::Reader& reader, std::int64_t user_id,
                                            base::Instant now) {
  auto& seen = by_user_[user_id];
  std::erase_if(seen, [&](const auto& entry) { return entry.second <= now - kHour; });
  kLookUps.select_each(
      reader,
      {{"record_id", "at"},
       {{"user_id", db::Compare::Equal, user_id}, {"at", db::Compare::Greater, now - kHour}},
       {},
       0,
       false},
      [&](const db::Row& row) { seen.emplace(row.get_int(0), row.get_int(1)); });
  return seen;
}

Disclosures::Answer Disclosures::disclose(db::Reader& reader, std::int64_t user_id,
                                          record::RecordId id, base::Instant now, bool later) {
  const std::lock_guard lock(mutex_);
  auto& seen = seen_lately(reader, user_id, now);
  if (seen.contains(id)) return Answer::Known;
  if (static_cast<std::int64_t>(seen.size()) >= kPerHour) return Answer::Refused;
  seen.emplace(id, now);
  if (later) unwritten_[user_id].push_back(id);
  return Answer::New;
}

bool Disclosures::is_exhausted(db::Reader& reader, std::int64_t user_id, base::Instant now) {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(seen_lately(reader, user_id, now).size()) >= kPerHour;
}

bool Disclosures::keep(record::Tx& tx, std::int64_t user_id,
                       const std::vector<record::RecordId>& ids) {
  tx.writer().lock("duplicate_look_up", std::to_string(user_id));
  kLookUps.erase(tx.writer(), {{"user_id", db::Compare::Equal, user_id},
                               {"at", db::Compare::LessEqual, tx.now() - kHour}});
  for (const auto id : ids) {
    kLookUps.upsert(tx.writer(), {"user_id", "record_id"},
                    {{"user_id", user_id}, {"record_id", id}, {"at", tx.now()}});
  }
  return kLookUps.count(tx.writer(), {{"user_id", db::Compare::Equal, user_id}}) <= kPerHour;
}

void Disclosures::flush(record::Engine& engine) {
  std::map<std::int64_t, std::vector<record::RecordId>> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(unwritten_);
  }
  for (const auto& [user, ids] : taken)
    engine.write(record::system_actor("job"), [&](record::Tx& tx) { keep(tx, user, ids); });
}

}  // namespace kehai::platform
