// Taking back what an import created.
#include "platform/transfer/import_pass_row.h"
#include "platform/transfer/import_store.h"

namespace kehai::platform {

using base::Error;
using record::Tx;

std::int64_t take_back_created(record::Engine& engine, const record::Actor& actor,
                               const ImportJob& job, bool only_unchanged, std::int64_t& kept) {
  constexpr int kAtOnce = 50;
  std::int64_t gone = 0;
  kept = 0;
  std::int64_t after = 0;
  for (;;) {
    std::vector<CreatedRow> page;
    engine.database().read(
        [&](db::Reader& reader) { page = created_rows(reader, job.id, after, kAtOnce); });
    if (page.empty()) return gone;
    std::int64_t erased = 0;
    std::int64_t stayed = 0;
    engine.write(
        actor,
        [&](Tx& tx) {
          erased = 0;
          stayed = 0;
          // Children of the same file before their parents.
          for (auto row = page.rbegin(); row != page.rend(); ++row) {
            auto record = tx.find(job.object, row->record_id, record::Lock::ForUpdate);
            if (record && only_unchanged && record->version() > 1) {
              ++stayed;
              continue;
            }
            try {
              if (record) tx.attempt([&] { tx.erase(*record); });
              erase_created(tx.writer(), job.id, row->row);
              ++erased;
            } catch (const Error& error) {
              if (is_fatal(error)) throw;
              ++stayed;  // something refers to it by now
            }
          }
        },
        db::Lane::Bulk);
    gone += erased;
    kept += stayed;
    after = page.back().row;
  }
}

}  // namespace kehai::platform
