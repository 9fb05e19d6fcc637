// The nightly work on data quality: the format audit's walk through the records, then the figures
// (figures.h).
//
// One run goes object by object: first what was found before is looked at again, then the records
// that changed since the last run (all of them when the rules changed, or when more was wrong than
// the list holds), then what time alone makes wrong. It reads slices by key outside a transaction
// and writes the differences and how far it has come together, so that a crash costs one slice.
// Once a day after 01:30 of the organisation's zone, also after the program was down, and on
// demand. `quality_run` has one row; `quality_walk` one per object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "db/database.h"
#include "record/engine.h"

namespace kehai::modules {

// As many findings of one object are listed; further ones wait until some of these are mended.
inline constexpr std::int64_t kMostFindings = 20'000;

struct QualityRun {
  std::int64_t day = 0;     // local day of the last nightly run
  std::int64_t stage = 0;   // 0 = idle, n = the n-th audited object, one more = the figures
  std::int64_t phase = 0;   // of the object's walk
  std::int64_t cursor = 0;  // last key of the phase
  std::int64_t cursor_id = 0;
  std::int64_t checked = 0;  // records in this run
  std::int64_t started_at = 0;
  std::int64_t finished_at = 0;  // of the last complete run
  std::int64_t since = 0;        // month in which the installation began to watch (figures.h)
  bool wanted = false;
};

// Nothing before the first run.
std::optional<QualityRun> read_run(db::Reader& reader);
// Asks for a run as soon as possible.
void want_run(record::Tx& tx);
// Whether more was wrong with an object than is listed.
bool is_cut(db::Reader& reader);

class QualityJob {
 public:
  // Works until nothing is left to do or a moment has passed; the schedule calls it again.
  void run(record::Engine& engine) const;
  // One slice; false when there is nothing to do.
  bool step(record::Engine& engine) const;
};

void add_quality_tables(record::Registry& registry);

}  // namespace kehai::modules
