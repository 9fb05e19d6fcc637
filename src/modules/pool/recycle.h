// Automatic return 回收 (domain 3.6): owned records that nobody cares for go back to the pool that
// would receive them.
//
// Triggers are set on the pool, any of them is enough: no first follow-up within hours, no
// effective follow-up, no new opportunity, no deal within days, no deal when the protected days are
// over. Nobody loses a record without
// having been warned. Days run once a day after 00:30 of the organisation's zone, also after the
// program was down; hours at every run. Each record has a transaction of its own, in which
// everything is looked at again, so a follow-up that was saved first wins.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "modules/pool/holding.h"

namespace kehai::modules {

class Recycler {
 public:
  explicit Recycler(std::shared_ptr<const Holding> holding) : holding_(std::move(holding)) {}
  // One run; the schedule calls it every minute.
  void run(record::Engine& engine) const;
  // Keep `recycle_on` of leads and accounts true: the last day on which somebody may still save the
  // record from going back.
  static void add_hooks(record::Registry& registry, const std::shared_ptr<const Recycler>& self);

 private:
  struct Count {
    int examined = 0;
    int warned = 0;
    int taken = 0;
    int failed = 0;
  };
  enum class Outcome { Nothing, Warned, Taken };
  // Which triggers a run looks at.
  enum class Rhythm { Hours, Days };

  void sweep(record::Engine& engine, const HoldingKind& kind, Rhythm rhythm, Count& count) const;
  Outcome treat(record::Engine& engine, const HoldingKind& kind, record::RecordId id,
                Rhythm rhythm) const;
  void remember_day(record::Engine& engine, std::int64_t day, const Count& count) const;

  std::optional<base::Date> last_day(record::Tx& tx, const HoldingKind& kind,
                                     const record::Record& record) const;
  void keep_last_day(record::Tx& tx, const HoldingKind& kind, const record::Record& record) const;
  // After a change of rules all held records are looked at again.
  void refresh(record::Engine& engine) const;

  std::shared_ptr<const Holding> holding_;
};

// Fixed tables: runs by day, and the warnings that were given.
void add_recycle_tables(record::Registry& registry);
// Throws field errors for triggers that the kind of pool does not know; a new trigger begins after
// its longest warning.
void guard_recycle_rules(record::Tx& tx, record::Change& change);
// After a pool was saved: has `recycle_on` computed anew where its rules changed.
void want_refresh(record::Tx& tx, const record::Change& change);

}  // namespace kehai::modules
