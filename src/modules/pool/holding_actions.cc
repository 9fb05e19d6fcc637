// What people do with held records: claim, assign, return, transfer, move between pools.
#include "base/error.h"
#include "db/table.h"
#include "modules/action_input.h"
#include "modules/pool/holding.h"
#include "modules/team/team.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;

namespace {

const db::Table kOwnership("ownership");
const db::Table kLedger("claim_ledger");
constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kTakenMemory = kDay;  // how long a loser of a claim learns who was faster
constexpr std::int64_t kLeadCooldown = 3;    // days, where the pool does not say
constexpr std::int64_t kAccountCooldown = 30;

Error not_found() {
  return Error(ErrorKind::NotFound, "record.not_found");
}

// The person must exist and be at work.
void check_recipient(record::Tx& tx, std::int64_t user) {
  const auto record = tx.find("user", user);
  if (!record || record->text("status") != "active")
    throw field_error("owner_id", "holding.owner_not_active");
}

// The state machine speaks first: the same answer as for any other edge that does not exist.
void require_transition(const record::Record& record, const HoldingKind& kind,
                        std::string_view action) {
  if (!kind.uses_status) return;
  const std::string status = record.text("status");
  for (const auto& transition : record.definition().transitions) {
    if (transition.action != action) continue;
    for (const auto& from : transition.from) {
      if (from == status) return;
    }
  }
  throw Error(ErrorKind::Conflict, record.definition().name + ".bad_transition",
              {{"action", std::string(action)}, {"status", status}});
}

// Until when a former owner must wait: any of them, not only the latest.
std::int64_t cooldown_until(record::Tx& tx, std::int64_t record_id, std::int64_t user,
                            std::int64_t days) {
  const auto rows = kOwnership.select(tx.writer(), {{"to_at"},
                                                    {{"record_id", db::Compare::Equal, record_id},
                                                     {"owner_id", db::Compare::Equal, user},
                                                     {"to_at", db::Compare::IsNotNull, {}}},
                                                    {{"to_at", true}},
                                                    1,
                                                    false});
  return rows.empty() ? 0 : rows[0][0].as_int() + days * kDay;
}

std::int64_t cooldown_days(const HoldingKind& kind, const std::optional<Pool>& pool) {
  const std::int64_t fallback = kind.uses_status ? kLeadCooldown : kAccountCooldown;
  return pool ? pool->cooldown_days.value_or(fallback) : fallback;
}

void throw_until(record::Tx& tx, const char* code, std::int64_t until) {
  if (until <= tx.now()) return;
  throw Error(ErrorKind::Conflict, code,
              {{"date", base::format_date(tx.engine().zone().local_date(until))}});
}

bool sees(record::Tx& tx, const record::Record& record) {
  return record::admits(tx.engine().access().scope(tx.actor(), record.definition(), "read"),
                        record);
}

// The pool that it was in last, if there is still such a pool.
std::optional<Pool> last_pool(record::Tx& tx, const PoolDirectory& pools, std::int64_t record_id) {
  const auto rows = kOwnership.select(tx.writer(), {{"pool_id"},
                                                    {{"record_id", db::Compare::Equal, record_id},
                                                     {"pool_id", db::Compare::IsNotNull, {}}},
                                                    {{"from_at", true}, {"id", true}},
                                                    1,
                                                    false});
  return rows.empty() ? std::nullopt : pools.find(rows[0][0].as_int());
}

void check_not_blocked(const HoldingKind& kind, const record::Record& record) {
  if (!kind.blocked_status.empty() && record.text("status") == kind.blocked_status) {
    throw Error(ErrorKind::Conflict, kind.object + "." + kind.blocked_status);
  }
}

// Only a member of the pool that the record left within a day learns that it was taken, and by
// whom.
[[noreturn]] void throw_taken(record::Tx& tx, const PoolDirectory& pools,
                              const record::Record& record) {
  const auto left =
      kLedger.select(tx.writer(), {{"pool_id", "user_id", "at"},
                                   {{"record_id", db::Compare::Equal, record.id()},
                                    {"at", db::Compare::Greater, tx.now() - kTakenMemory}},
                                   {{"at", true}},
                                   1,
                                   false});
  const auto pool = left.empty() ? std::nullopt : pools.find(left[0][0].as_int());
  if (!pool || !pool->is_member(tx.engine().access().identity(tx.actor()))) throw not_found();
  const auto taker = tx.find("user", left[0][1].as_int());
  const std::int64_t at = left[0][2].as_int();
  const std::string time = base::format_instant(at + tx.engine().zone().offset_at(at));
  throw Error(ErrorKind::Conflict, "pool.taken",
              {{"name", taker ? taker->text("name") : ""}, {"time", time.substr(11, 5)}});
}

}  // namespace

// Freeze, cool-down, quota: in this order, for everyone but the pool's administrators.
void Holding::check_claimable(record::Tx& tx, const HoldingKind& kind, const record::Record& record,
                              const Pool& pool) const {
  if (is_pool_admin(tx, pool)) return;
  const std::int64_t user = tx.actor().user_id;
  if (pool.freeze_days > 0)
    throw_until(tx, "pool.frozen", record.integer("pooled_at") + pool.freeze_days * kDay);
  throw_until(tx, "pool.cooldown",
              cooldown_until(tx, record.id(), user, cooldown_days(kind, pool)));
  if (!pool.daily_limit) return;
  // One row of the ledger per claim: giving a record back does not give the quota back.
  tx.writer().lock("claim_quota", std::to_string(user));
  const std::int64_t used = kLedger.count(
      tx.writer(), {{"user_id", db::Compare::Equal, user},
                    {"day", db::Compare::Equal, tx.engine().zone().local_date(tx.now())},
                    {"kind", db::Compare::Equal, "claim"},
                    {"pool_id", db::Compare::Equal, pool.id}});
  if (used >= *pool.daily_limit) {
    throw Error(ErrorKind::Conflict, "pool.daily_limit",
                {{"limit", std::to_string(*pool.daily_limit)}});
  }
}

void Holding::claim(record::ActionContext& context, const HoldingKind& kind) const {
  auto& tx = context.tx;
  auto& record = *context.record;
  if (record.is_null("pool_id")) throw_taken(tx, *pools_, record);
  const auto pool = pools_->find(record.integer("pool_id"));
  const auto who = tx.engine().access().identity(tx.actor());
  const bool belongs = pool && (pool->is_member(who) || is_pool_admin(tx, *pool));
  // Whoever does not see the record in another way hears neither of it nor of its pool.
  if (!pool || (!belongs && !sees(tx, record))) throw not_found();
  if (!pool->is_enabled) throw Error(ErrorKind::Conflict, "pool.disabled", {{"pool", pool->name}});
  if (!belongs) throw Error(ErrorKind::Conflict, "pool.not_member", {{"pool", pool->name}});
  check_not_blocked(kind, record);
  check_claimable(tx, kind, record, *pool);
  give(tx, kind, record, who.user_id, "claim", "", context.options);
}

void Holding::assign(record::ActionContext& context, const HoldingKind& kind) const {
  const std::int64_t owner = input_id(context.input, "owner_id");
  require_transition(*context.record, kind, "assign");
  if (context.record->is_null("pool_id")) throw Error(ErrorKind::Conflict, "holding.not_in_pool");
  check_recipient(context.tx, owner);
  check_not_blocked(kind, *context.record);
  give(context.tx, kind, *context.record, owner, "assign", "", context.options);
}

void Holding::return_to_pool(record::ActionContext& context, const HoldingKind& kind) const {
  auto& record = *context.record;
  require_transition(record, kind, "return");
  if (record.is_null("owner_id")) throw Error(ErrorKind::Conflict, "holding.has_no_owner");
  const std::string reason = input_text(context.input, "reason");
  const std::string note = input_text(context.input, "note");
  if (reason == "other" && note.empty()) throw field_error("note", "field.required");
  const std::int64_t wanted = input_id(context.input, "pool_id");
  const auto pool = wanted != 0 ? pools_->find(wanted)
                                : pools_->choose(kind.object, record.integer("region_id"),
                                                 record.integer("owner_department_id"));
  if (!pool || pool->kind != kind.object || !pool->is_enabled) {
    throw field_error("pool_id", wanted != 0 ? "holding.wrong_pool" : "holding.no_pool");
  }
  record::WriteOptions options = context.options;
  options.options[kKeepTeam] = input_value(context.input, "keep_team").int_or(0) != 0;
  put_into_pool(context.tx, kind, record, *pool, reason, note, options);
}

void Holding::transfer(record::ActionContext& context, const HoldingKind& kind) const {
  auto& tx = context.tx;
  auto& record = *context.record;
  const std::int64_t owner = input_id(context.input, "owner_id");
  require_transition(record, kind, "transfer");
  if (record.is_null("owner_id")) throw Error(ErrorKind::Conflict, "holding.has_no_owner");
  if (record.integer("owner_id") == owner) throw field_error("owner_id", "holding.same_owner");
  check_recipient(tx, owner);
  // During the cool-down a colleague may not hand a record back to its former owner; whoever may
  // assign, may.
  if (!tx.engine().access().may(tx.actor(), context.object, "assign")) {
    const auto days = cooldown_days(kind, last_pool(tx, *pools_, record.id()));
    throw_until(tx, "pool.cooldown", cooldown_until(tx, record.id(), owner, days));
  }
  const std::int64_t former = record.integer("owner_id");
  give(tx, kind, record, owner, "transfer", input_text(context.input, "reason"), context.options);
  keep_former_owner(tx, record, context.input, former);
}

void Holding::move_pool(record::ActionContext& context, const HoldingKind& kind) const {
  auto& tx = context.tx;
  auto& record = *context.record;
  if (record.is_null("pool_id")) throw Error(ErrorKind::Conflict, "holding.not_in_pool");
  const auto from = pools_->find(record.integer("pool_id"));
  if (!from || !is_pool_admin(tx, *from)) throw Error(ErrorKind::Forbidden, "access.denied");
  const auto pool = pools_->find(input_id(context.input, "pool_id"));
  if (!pool || pool->kind != kind.object || !pool->is_enabled)
    throw field_error("pool_id", "holding.wrong_pool");
  // The time in the pool goes on: moving neither shortens nor prolongs the protection of new
  // records.
  tx.update(record, record::Draft().set("pool_id", pool->id), context.options);
}

}  // namespace kehai::modules
