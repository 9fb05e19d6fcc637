#include "platform/recycle_bin/recycle_bin.h"

#include "db/database.h"
#include "platform/access/memberships.h"
#include "platform/dedupe/dedupe.h"
#include "platform/files/files.h"
#include "platform/merge/merge.h"
#include "record/engine.h"
#include "record/store_changes.h"

namespace kehai::platform {

namespace {

using record::RecordId;

constexpr std::int64_t kEveryMilliseconds = 3'600'000;
constexpr std::int64_t kDay = 86'400'000;
constexpr int kBatch = 200;

// Looked up and erased in one transaction: what somebody restores meanwhile stays.
std::size_t empty_batch(record::Engine& engine, const record::ObjectSchema& object,
                        base::Instant before) {
  std::size_t done = 0;
  engine.write(
      record::system_actor("job"),
      [&](record::Tx& tx) {
        const auto ids = record::deleted_before(tx.writer(), object.name(), before, kBatch);
        for (const RecordId id : ids) {
          const auto record = tx.find(object.name(), id, record::Lock::ForUpdate, true);
          if (!record) continue;
          release_files(tx, *record);
          Dedupe::forget(tx.writer(), id);
          forget_stubs(tx.writer(), id);
          member_rows().erase(tx.writer(), {{"record_id", db::Compare::Equal, id}});
          engine.store().erase(tx.writer(), object, id);
        }
        done = ids.size();
      },
      db::Lane::Bulk);
  return done;
}

void empty(record::Engine& engine) {
  const auto before = engine.clock().now() - kRecycleBinDays * kDay;
  const auto schema = engine.schema();
  for (const auto& object : schema->objects()) {
    if (!object->soft_delete()) continue;
    while (empty_batch(engine, *object, before) == kBatch) {
    }
  }
}

}  // namespace

void register_recycle_bin(Registrar& registrar) {
  registrar.schedules.push_back({"recycle_bin.empty", kEveryMilliseconds, empty});
}

}  // namespace kehai::platform
