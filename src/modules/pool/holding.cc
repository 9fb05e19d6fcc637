#include "modules/pool/holding.h"

#include <algorithm>

#include "base/error.h"
#include "db/table.h"
#include "modules/action_input.h"
#include "modules/pool/capacity.h"
#include "platform/notify/notify.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Lock;
using record::Value;

namespace {

const db::Table kOwnership("ownership");
const db::Table kLedger("claim_ledger");
constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kTakenMemory = kDay;  // how long a loser of a claim learns who was faster

Error not_found() { return Error(ErrorKind::NotFound, "record.not_found"); }

constexpr std::string_view kReasonField =
    R"({"name":"reason","type":"select","picklist":"return_reason","required":true,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"}})";
constexpr std::string_view kNoteField =
    R"({"name":"note","type":"text","label":{"zh-CN":"说明","zh-TW":"說明","en":"Note"}})";
constexpr std::string_view kPoolField =
    R"({"name":"pool_id","type":"reference","target":"pool","label":{"zh-CN":"退回到","zh-TW":"退回到","en":"To pool"}})";
constexpr std::string_view kOwnerField =
    R"({"name":"owner_id","type":"user","required":true,"label":{"zh-CN":"负责人","zh-TW":"負責人","en":"Owner"}})";
constexpr std::string_view kTransferNote =
    R"({"name":"reason","type":"text","label":{"zh-CN":"说明","zh-TW":"說明","en":"Note"}})";

// The person must exist and be at work.
void check_recipient(record::Tx& tx, std::int64_t user) {
  const auto record = tx.find("user", user);
  if (!record || record->text("status") != "active") {
    throw Error::fields({{"owner_id", "holding.owner_not_active", {}}});
  }
}

// Whether the person held the record within the last `days` days (any of its former owners, not only the latest).
std::int64_t cooldown_until(record::Tx& tx, std::int64_t record_id, std::int64_t user, std::int64_t days) {
  std::int64_t until = 0;
  const auto rows = kOwnership.select(
      tx.writer(), {{"to_at"},
                    {{"record_id", db::Compare::Equal, record_id},
                     {"owner_id", db::Compare::Equal, user},
                     {"to_at", db::Compare::IsNotNull, {}}},
                    {{"to_at", true}},
                    1,
                    false});
  if (!rows.empty()) until = rows[0][0].as_int() + days * kDay;
  return until;
}

}  // namespace

db::TableDefinition ownership_table() {
  return {"ownership",
          {{"id", false, true},
           {"object", true, true},
           {"record_id", false, true},
           {"owner_id", false, false},
           {"pool_id", false, false},
           {"from_at", false, true},
           {"to_at", false, false},
           {"operator_id", false, true},
           {"reason", true, false}},
          {"id"},
          {{"ix_ownership_record", {"record_id", "owner_id", "to_at"}, false, "", ""},
           {"ix_ownership_record_from", {"record_id", "from_at"}, false, "", ""}},
          false};
}

void add_holding_tables(record::Registry& registry) {
  registry.add_table(ownership_table());
  registry.add_table({"claim_ledger",
                      {{"id", false, true},
                       {"record_id", false, true},
                       {"pool_id", false, true},
                       {"user_id", false, true},
                       {"kind", true, true},
                       {"day", false, true},
                       {"at", false, true}},
                      {"id"},
                      {{"ix_claim_ledger_user", {"user_id", "day", "kind"}, false, "", ""},
                       {"ix_claim_ledger_record", {"record_id", "at"}, false, "", ""}},
                      false});
}

std::vector<OwnershipEntry> ownership_of(db::Reader& reader, std::int64_t record_id, int limit) {
  std::vector<OwnershipEntry> out;
  kOwnership.select_each(reader,
                         {{"owner_id", "pool_id", "from_at", "operator_id", "reason"},
                          {{"record_id", db::Compare::Equal, record_id}},
                          {{"from_at", true}},
                          limit,
                          false},
                         [&](const db::Row& row) {
                           out.push_back({row.get_int(0), row.get_int(1), row.get_int(2), row.get_int(3),
                                          std::string(row.get_text(4))});
                         });
  return out;
}

const HoldingKind* Holding::kind(std::string_view object) const {
  for (const auto& candidate : kinds_) {
    if (candidate->object == object) return candidate.get();
  }
  return nullptr;
}

void Holding::add(platform::Registrar& registrar, HoldingKind given) {
  const auto kind = std::make_shared<HoldingKind>(std::move(given));
  kinds_.push_back(kind);
  const auto* self = this;
  record::Hooks hooks;
  hooks.object = kind->object;
  hooks.name = "holding";
  hooks.order = 50;
  hooks.before_save = [self, kind](record::Tx& tx, record::Change& change) { self->before_save(tx, change, *kind); };
  hooks.after_save = [self](record::Tx& tx, record::Change& change) { self->after_save(tx, change); };
  registrar.registry.add_hooks(std::move(hooks));

  const auto action = [&](std::string name, base::Labels labels, std::string icon, std::string enabled_when,
                          std::vector<record::FieldDefinition> input, auto method) {
    record::Action value;
    value.object = kind->object;
    value.name = std::move(name);
    value.labels = std::move(labels);
    value.icon = std::move(icon);
    value.enabled_when = std::move(enabled_when);
    value.input = std::move(input);
    value.run = [self, kind, method](record::ActionContext& context) { (self->*method)(context, *kind); };
    return value;
  };
  auto claim = action("claim", {{"领取", "領取", "Claim"}}, "hand", "pool_id ne null", {}, &Holding::claim);
  // What is gone from the pool may still be answered with "taken by …"; claim() decides what to disclose.
  claim.sees_all = true;
  registrar.registry.add_action(std::move(claim));
  registrar.registry.add_action(action("assign", {{"分配", "分派", "Assign"}}, "user-check", "pool_id ne null",
                                       {input_field(kOwnerField)}, &Holding::assign));
  auto give_back = action("return", {{"退回", "退回", "Return to pool"}}, "undo-2",
                          kind->uses_status ? "owner_id ne null and status in ('pending','following','invalid')"
                                            : "owner_id ne null",
                          {input_field(kReasonField), input_field(kNoteField), input_field(kPoolField)}, &Holding::return_to_pool);
  give_back.danger = true;
  registrar.registry.add_action(std::move(give_back));
  registrar.registry.add_action(action("transfer", {{"转移", "移轉", "Transfer"}}, "arrow-right-left",
                                       kind->uses_status
                                           ? "owner_id ne null and status in ('pending','following','invalid')"
                                           : "owner_id ne null",
                                       {input_field(kOwnerField), input_field(kTransferNote)}, &Holding::transfer));
}

void Holding::check_capacity(record::Tx& tx, const HoldingKind& kind, std::int64_t user, std::int64_t more) const {
  tx.writer().lock("capacity." + kind.object, std::to_string(user));
  const auto limit = capacity_of(tx, kind.object, user);
  if (!limit) return;
  const std::int64_t used = tx.count(kind.object, kind.counted_filter, {{"owner", record::id_value(user)}});
  if (used + more > *limit) {
    throw Error(ErrorKind::Conflict, "pool.capacity",
                {{"used", std::to_string(used)}, {"limit", std::to_string(*limit)}});
  }
}

void Holding::give(record::Tx& tx, const HoldingKind& kind, record::Record& record, std::int64_t owner,
                   std::string_view action, const std::string& reason, const record::WriteOptions& options) const {
  const std::int64_t from_pool = record.integer("pool_id");
  check_capacity(tx, kind, owner);
  record::Draft draft;
  draft.set("owner_id", owner).set("pool_id", Value()).set("claimed_at", tx.now());
  record::WriteOptions with_reason = options;
  with_reason.options["ownership_reason"] = reason;
  if (kind.uses_status) {
    tx.transition(record, action, std::move(draft), with_reason);
  } else {
    tx.update(record, std::move(draft), with_reason);
  }
  if (from_pool != 0) {
    kLedger.insert(tx.writer(), {{"id", tx.engine().allocator().next_id("claim_ledger")},
                                 {"record_id", record.id()},
                                 {"pool_id", from_pool},
                                 {"user_id", owner},
                                 {"kind", action},
                                 {"day", tx.engine().zone().local_date(tx.now())},
                                 {"at", tx.now()}});
  }
  if (!options.quiet) {
    platform::notify(tx, owner, action == "transfer" ? "transferred" : "assigned",
                     {{"title", record.text(record.definition().title_field)}}, kind.object, record.id());
  }
  record::Event event;
  event.kind = action == "claim" ? "claimed" : action == "transfer" ? "transferred" : "assigned";
  event.object = kind.object;
  event.record_id = record.id();
  event.version = record.version();
  event.data["owner_id"] = owner;
  tx.emit(std::move(event));
}

void Holding::claim(record::ActionContext& context, const HoldingKind& kind) const {
  auto& tx = context.tx;
  auto& record = *context.record;
  const record::Identity who = tx.engine().access().identity(tx.actor());
  if (record.is_null("pool_id")) {
    // Only a member of the pool that the record left within a day learns that it was taken, and by whom.
    const auto left = kLedger.select(tx.writer(), {{"pool_id", "user_id", "at"},
                                                   {{"record_id", db::Compare::Equal, record.id()},
                                                    {"at", db::Compare::Greater, tx.now() - kTakenMemory}},
                                                   {{"at", true}},
                                                   1,
                                                   false});
    const auto pool = left.empty() ? std::nullopt : pools_->find(left[0][0].as_int());
    if (!pool || !pool->is_member(who)) throw not_found();
    const auto taker = tx.find("user", left[0][1].as_int());
    std::string time = base::format_instant(left[0][2].as_int() + tx.engine().zone().offset_at(left[0][2].as_int()));
    throw Error(ErrorKind::Conflict, "pool.taken",
                {{"name", taker ? taker->text("name") : ""}, {"time", time.substr(11, 5)}});
  }
  const auto pool = pools_->find(record.integer("pool_id"));
  const bool admin = pool && pool->is_admin(who);
  if (!pool || (!pool->is_member(who) && !tx.actor().system)) throw not_found();
  if (!pool->is_enabled) throw Error(ErrorKind::Conflict, "pool.disabled", {{"pool", pool->name}});
  if (!admin) {
    const std::int64_t free_at = record.integer("pooled_at") + pool->freeze_days * kDay;
    if (pool->freeze_days > 0 && free_at > tx.now()) {
      throw Error(ErrorKind::Conflict, "pool.frozen",
                  {{"date", base::format_date(tx.engine().zone().local_date(free_at))}});
    }
    const std::int64_t days = pool->cooldown_days.value_or(kind.uses_status ? 3 : 30);
    const std::int64_t until = cooldown_until(tx, record.id(), who.user_id, days);
    if (until > tx.now()) {
      throw Error(ErrorKind::Conflict, "pool.cooldown",
                  {{"date", base::format_date(tx.engine().zone().local_date(until))}});
    }
    if (pool->daily_limit) {
      // One row of the ledger per claim: giving a record back does not give the quota back.
      tx.writer().lock("claim_quota", std::to_string(who.user_id));
      const std::int64_t today = tx.engine().zone().local_date(tx.now());
      const std::int64_t used = kLedger.count(tx.writer(), {{"user_id", db::Compare::Equal, who.user_id},
                                                            {"day", db::Compare::Equal, today},
                                                            {"kind", db::Compare::Equal, "claim"},
                                                            {"pool_id", db::Compare::Equal, pool->id}});
      if (used >= *pool->daily_limit) {
        throw Error(ErrorKind::Conflict, "pool.daily_limit", {{"limit", std::to_string(*pool->daily_limit)}});
      }
    }
  }
  give(tx, kind, record, who.user_id, "claim", "", context.options);
}

void Holding::assign(record::ActionContext& context, const HoldingKind& kind) const {
  const std::int64_t owner = input_id(context.input, "owner_id");
  if (context.record->is_null("pool_id")) {
    throw Error(ErrorKind::Conflict, "holding.not_in_pool");
  }
  check_recipient(context.tx, owner);
  give(context.tx, kind, *context.record, owner, "assign", "", context.options);
}

void Holding::put_into_pool(record::Tx& tx, const HoldingKind& kind, record::Record& record, const Pool& pool,
                            const std::string& reason, const record::WriteOptions& options) const {
  record::Draft draft;
  draft.set("pool_id", pool.id).set("owner_id", Value()).set("previous_owner_id", record.get("owner_id"));
  draft.set("pooled_at", tx.now()).set("pool_reason", reason.empty() ? Value() : Value(reason));
  record::WriteOptions with_reason = options;
  with_reason.options["ownership_reason"] = reason;
  if (kind.uses_status) {
    tx.transition(record, "return", std::move(draft), with_reason);
  } else {
    tx.update(record, std::move(draft), with_reason);
  }
  record::Event event;
  event.kind = "returned";
  event.object = kind.object;
  event.record_id = record.id();
  event.version = record.version();
  event.data["pool_id"] = pool.id;
  tx.emit(std::move(event));
}

void Holding::return_to_pool(record::ActionContext& context, const HoldingKind& kind) const {
  auto& record = *context.record;
  if (record.is_null("owner_id")) throw Error(ErrorKind::Conflict, "holding.has_no_owner");
  const std::string reason = input_text(context.input, "reason");
  if (reason == "other" && input_text(context.input, "note").empty()) {
    throw Error::fields({{"note", "field.required", {}}});
  }
  const std::int64_t wanted = input_id(context.input, "pool_id");
  const auto pool = wanted != 0 ? pools_->find(wanted)
                                : pools_->choose(kind.object, record.integer("region_id"),
                                                 record.integer("owner_department_id"));
  if (!pool || pool->kind != kind.object || !pool->is_enabled) {
    throw Error::fields({{"pool_id", wanted != 0 ? "holding.wrong_pool" : "holding.no_pool", {}}});
  }
  put_into_pool(context.tx, kind, record, *pool, reason, context.options);
}

void Holding::transfer(record::ActionContext& context, const HoldingKind& kind) const {
  auto& tx = context.tx;
  auto& record = *context.record;
  const std::int64_t owner = input_id(context.input, "owner_id");
  if (record.is_null("owner_id")) throw Error(ErrorKind::Conflict, "holding.has_no_owner");
  if (record.integer("owner_id") == owner) throw Error::fields({{"owner_id", "holding.same_owner", {}}});
  check_recipient(tx, owner);
  // During the cool-down a colleague may not hand a record back to its former owner; whoever may assign, may.
  if (!tx.engine().access().may(tx.actor(), context.object, "assign")) {
    const std::int64_t until = cooldown_until(tx, record.id(), owner, kind.uses_status ? 3 : 30);
    if (until > tx.now()) {
      throw Error(ErrorKind::Conflict, "pool.cooldown",
                  {{"date", base::format_date(tx.engine().zone().local_date(until))}});
    }
  }
  give(tx, kind, record, owner, "transfer", input_text(context.input, "reason"), context.options);
}

void Holding::before_save(record::Tx& tx, record::Change& change, const HoldingKind& kind) const {
  auto& record = *change.after;
  if (change.operation == record::Operation::Create) {
    if (!record.is_null("owner_id") && !record.is_null("pool_id")) {
      throw Error::fields({{"pool_id", "holding.owner_or_pool", {}}});
    }
    if (!record.is_null("pool_id")) {
      const auto pool = pools_->find(record.integer("pool_id"));
      if (!pool || pool->kind != kind.object || !pool->is_enabled) {
        throw Error::fields({{"pool_id", "holding.wrong_pool", {}}});
      }
    } else if (record.is_null("owner_id")) {
      if (tx.actor().user_id != 0) {
        record.set("owner_id", tx.actor().user_id);
      } else if (const auto pool = pools_->choose(kind.object, record.integer("region_id"), 0)) {
        record.set("pool_id", pool->id);
      } else {
        throw Error::fields({{"pool_id", "holding.no_pool", {}}});
      }
    }
    const std::int64_t owner = record.integer("owner_id");
    if (owner != 0 && owner != tx.actor().user_id && !tx.actor().system) {
      if (!tx.engine().access().may(tx.actor(), change.object, "assign")) {
        throw Error::fields({{"owner_id", "holding.may_not_assign", {}}});
      }
      check_recipient(tx, owner);
    }
    if (owner != 0) check_capacity(tx, kind, owner);
    if (record.is_null("claimed_at") && owner != 0) record.set("claimed_at", tx.now());
    if (owner == 0) record.set("pooled_at", tx.now());
    // A file may bring leads that somebody is already working on.
    const std::string given = kind.uses_status ? record.text("status") : "";
    const bool is_kept = change.options.entry == "import" && owner != 0 && (given == "following" || given == "invalid");
    if (kind.uses_status && !is_kept) record.set("status", owner == 0 ? "unassigned" : "pending");
  }
}

void Holding::after_save(record::Tx& tx, record::Change& change) const {
  const auto& record = *change.after;
  const bool moved = change.operation == record::Operation::Create || change.changed("owner_id") ||
                     change.changed("pool_id");
  if (!moved || change.operation == record::Operation::Delete) return;
  if (change.before != nullptr) {
    kOwnership.update(tx.writer(), {{"to_at", tx.now()}},
                      {{"record_id", db::Compare::Equal, record.id()}, {"to_at", db::Compare::IsNull, {}}});
  }
  std::string reason;
  if (const auto* given = change.options.options.if_contains("ownership_reason"); given != nullptr && given->is_string()) {
    reason = std::string(given->get_string());
  }
  kOwnership.insert(tx.writer(), {{"id", tx.engine().allocator().next_id("ownership")},
                                  {"object", change.object.name},
                                  {"record_id", record.id()},
                                  {"owner_id", record.get("owner_id")},
                                  {"pool_id", record.get("pool_id")},
                                  {"from_at", tx.now()},
                                  {"operator_id", tx.actor().user_id},
                                  {"reason", reason}});
}

}  // namespace kehai::modules
