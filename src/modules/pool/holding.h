// Holding: who has a lead or an account, a person or a pool, never both, never neither.
//
// One mechanism for both objects: the invariant on every save, claim with its ordered checks and
// ledger, assign, return, transfer, moving between pools, private capacity, ownership history,
// cool-down, and no change of hands while "is_disputed" (set by whoever settles the dispute).
// Rules: README.md of this folder.
#pragma once

#include <memory>
#include <string>

#include "modules/pool/pool_directory.h"
#include "platform/registrar.h"
#include "record/registry.h"
#include "record/tx.h"

namespace kehai::modules {

// Member of a body that says why somebody gains a record beyond the capacity.
inline constexpr std::string_view kCapacityReason = "capacity_reason";

// How an object takes part. `uses_status`: owner changes are also moves of the status machine
// (leads).
struct HoldingKind {
  std::string object;
  bool uses_status = false;
  std::string counted_filter;  // which owned records count for capacity; "@owner" is the person
  std::string
      exempt_status;  // status that needs no room while the capacity rule says so; "" = none
  std::string blocked_status;  // status in which nobody can be given the record; "" = none
};

class Holding {
 public:
  explicit Holding(std::shared_ptr<PoolDirectory> pools) : pools_(std::move(pools)) {}
  // Hooks and actions of one object.
  void add(platform::Registrar& registrar, HoldingKind kind);

  // Throws Conflict "pool.capacity" {used, limit} when `user` may not hold one record more; asks
  // for a reason (record/reasons.h) when the actor has the right to go beyond the limit. With the
  // reason there is room; the answer then is options that have the reason kept with the change of
  // hands, and else the given ones. `gained` is the record in question, when it is known. Locks the
  // person's count.
  record::WriteOptions check_capacity(record::Tx& tx, const HoldingKind& kind, std::int64_t user,
                                      const record::WriteOptions& options,
                                      const record::Record* gained = nullptr) const;
  const HoldingKind* kind(std::string_view object) const;
  const std::vector<std::shared_ptr<HoldingKind>>& kinds() const { return kinds_; }
  // Gives the record to a person: the common end of claim, assign, transfer and un-void.
  void give(record::Tx& tx, const HoldingKind& kind, record::Record& record, std::int64_t owner,
            std::string_view action, const std::string& reason,
            const record::WriteOptions& options) const;
  void put_into_pool(record::Tx& tx, const HoldingKind& kind, record::Record& record,
                     const Pool& pool, const std::string& reason, const std::string& note,
                     const record::WriteOptions& options) const;
  PoolDirectory& pools() const { return *pools_; }

 private:
  void claim(record::ActionContext& context, const HoldingKind& kind) const;
  void assign(record::ActionContext& context, const HoldingKind& kind) const;
  void return_to_pool(record::ActionContext& context, const HoldingKind& kind) const;
  void transfer(record::ActionContext& context, const HoldingKind& kind) const;
  void move_pool(record::ActionContext& context, const HoldingKind& kind) const;
  bool is_pool_admin(record::Tx& tx, const Pool& pool) const;
  void check_claimable(record::Tx& tx, const HoldingKind& kind, const record::Record& record,
                       const Pool& pool) const;
  void tell_administrators(record::Tx& tx, const HoldingKind& kind, const record::Record& record,
                           std::int64_t from_pool) const;
  void before_create(record::Tx& tx, record::Change& change, const HoldingKind& kind) const;
  void before_restore(record::Tx& tx, record::Change& change, const HoldingKind& kind) const;
  static void check_undisputed(const record::Change& change, const HoldingKind& kind);
  void after_save(record::Tx& tx, record::Change& change) const;

  std::shared_ptr<PoolDirectory> pools_;
  std::vector<std::shared_ptr<HoldingKind>> kinds_;
};

// Ownership history; every record of a holding kind has exactly one row without to_at.
db::TableDefinition ownership_table();
// Fixed tables: ownership history and claim ledger.
void add_holding_tables(record::Registry& registry);
// What of it goes along when a record is merged into another one.
void add_holding_links(platform::MergeRules& rules);

// Members of the ownership history for timelines: owner changes of one record, newest first.
struct OwnershipEntry {
  std::int64_t owner_id = 0;
  std::int64_t pool_id = 0;
  std::int64_t from_at = 0;
  std::int64_t operator_id = 0;
  std::string reason;
};
std::vector<OwnershipEntry> ownership_of(db::Reader& reader, std::int64_t record_id, int limit);

}  // namespace kehai::modules
