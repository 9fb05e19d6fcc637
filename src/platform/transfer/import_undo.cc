// Taking back what an import created.
#include "platform/transfer/import_pass_row.h"
#include "platform/transfer/import_store.h"

namespace kehai::platform {

using base::Error;
using record::RecordId;
using record::Tx;

namespace {

struct Taken {
  std::int64_t gone = 0;
  std::int64_t kept = 0;
};

// False when it stays: it was changed since, or something refers to it by now.
bool take_back_one(Tx& tx, const std::string& object, RecordId id, bool only_unchanged) {
  auto record = tx.find(object, id, record::Lock::ForUpdate);
  if (!record) return true;
  if (only_unchanged && record->version() > 1) return false;
  try {
    tx.attempt([&] { tx.erase(*record); });
    return true;
  } catch (const Error& error) {
    if (is_fatal(error)) throw;
    return false;
  }
}

Taken take_back_rows(record::Engine& engine, const record::Actor& actor, const ImportJob& job,
                     bool only_unchanged) {
  constexpr int kAtOnce = 50;
  Taken all;
  std::int64_t after = 0;
  for (;;) {
    std::vector<CreatedRow> page;
    engine.database().read(
        [&](db::Reader& reader) { page = created_rows(reader, job.id, after, kAtOnce); });
    if (page.empty()) return all;
    Taken taken;
    engine.write(
        actor,
        [&](Tx& tx) {
          taken = {};
          // Children of the same file before their parents.
          for (auto row = page.rbegin(); row != page.rend(); ++row) {
            if (!take_back_one(tx, job.object, row->record_id, only_unchanged)) {
              ++taken.kept;
              continue;
            }
            erase_created(tx.writer(), job.id, row->row);
            ++taken.gone;
          }
        },
        db::Lane::Bulk);
    all.gone += taken.gone;
    all.kept += taken.kept;
    after = page.back().row;
  }
}

void take_back_companions(record::Engine& engine, const record::Actor& actor, const ImportJob& job,
                          bool only_unchanged) {
  std::int64_t after = 0;
  for (;;) {
    std::vector<CompanionRecord> page;
    engine.database().read(
        [&](db::Reader& reader) { page = companion_records(reader, job.id, after); });
    if (page.empty()) return;
    engine.write(
        actor,
        [&](Tx& tx) {
          for (auto made = page.rbegin(); made != page.rend(); ++made) {
            if (take_back_one(tx, made->object, made->id, only_unchanged))
              erase_companion(tx.writer(), job.id, *made);
          }
        },
        db::Lane::Bulk);
    after = page.back().row;
  }
}

}  // namespace

std::int64_t take_back_created(record::Engine& engine, const record::Actor& actor,
                               const ImportJob& job, bool only_unchanged, std::int64_t& kept) {
  // What belongs to the rows goes before them, what they refer to after them.
  take_back_companions(engine, actor, job, only_unchanged);
  const Taken taken = take_back_rows(engine, actor, job, only_unchanged);
  take_back_companions(engine, actor, job, only_unchanged);
  kept = taken.kept;
  return taken.gone;
}

}  // namespace kehai::platform
