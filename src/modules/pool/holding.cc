#include "modules/pool/holding.h"

#include "base/error.h"
#include "db/row_insert.h"
#include "db/table.h"
#include "modules/action_input.h"
#include "modules/by_hand.h"
#include "modules/pool/capacity.h"
#include "modules/team/team.h"
#include "platform/access/access.h"
#include "platform/notify/notify.h"
#include "record/reasons.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Value;

namespace {

const db::Table kOwnership("ownership");
const db::Table kLedger("claim_ledger");

constexpr std::string_view kOverrideRight = "override_capacity";
// What happened, for the history of the record; also the name of the option that carries it there,
// which no request can set.
constexpr const char* kBeyondCapacity = "capacity_overridden";

constexpr std::string_view kReasonField =
    R"({"name":"reason","type":"select","picklist":"manual.return_reason","required":true,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"}})";
constexpr std::string_view kNoteField =
    R"({"name":"note","type":"text","max_length":200,"label":{"zh-CN":"说明","zh-TW":"說明","en":"Note"}})";
constexpr std::string_view kReturnPoolField =
    R"({"name":"pool_id","type":"reference","target":"pool","label":{"zh-CN":"退回到","zh-TW":"退回到","en":"To pool"}})";
constexpr std::string_view kKeepTeamField =
    R"({"name":"keep_team","type":"boolean","label":{"zh-CN":"保留团队成员的权限","zh-TW":"保留團隊成員的權限","en":"The team keeps its access"}})";
constexpr std::string_view kMovePoolField =
    R"({"name":"pool_id","type":"reference","target":"pool","required":true,"label":{"zh-CN":"移到","zh-TW":"移到","en":"To pool"}})";
constexpr std::string_view kOwnerField =
    R"({"name":"owner_id","type":"user","required":true,"label":{"zh-CN":"负责人","zh-TW":"負責人","en":"Owner"}})";
constexpr std::string_view kTransferNote =
    R"({"name":"reason","type":"text","max_length":200,"label":{"zh-CN":"说明","zh-TW":"說明","en":"Note"}})";

bool is_active(record::Tx& tx, std::int64_t user) {
  const auto person = tx.find("user", user);
  return person && person->text("status") == "active";
}

void add_invariants(record::Registry& registry, const HoldingKind& kind) {
  const db::Condition living{"deleted_at", db::Compare::IsNull, {}};
  const db::Condition owned{"owner_id", db::Compare::IsNotNull, {}};
  const db::Condition pooled{"pool_id", db::Compare::IsNotNull, {}};
  std::vector<db::Condition> nobodys = {
      living, {"owner_id", db::Compare::IsNull, {}}, {"pool_id", db::Compare::IsNull, {}}};
  if (kind.uses_status) nobodys.push_back({"status", db::Compare::NotEqual, "voided"});
  const std::string object = kind.object;
  registry.add_invariant({object + ": has an owner and a pool", [=](db::Reader& reader) {
                            return db::all_of(reader, {object, {living, owned, pooled}});
                          }});
  registry.add_invariant({object + ": has neither owner nor pool", [=](db::Reader& reader) {
                            return db::all_of(reader, {object, nobodys});
                          }});
  const db::Condition open{"to_at", db::Compare::IsNull, {}};
  registry.add_invariant(
      {object + ": the ownership history does not end at the owner or pool of today",
       [=](db::Reader& reader) {
         auto found = db::without_partner(
             reader, {object, {living}},
             {{"ownership",
               {{"id", "record_id"}, {"owner_id", "owner_id", true}, {"pool_id", "pool_id", true}},
               {open}}});
         found.add(db::repeated(
             reader, {"ownership", {open, {"object", db::Compare::Equal, object}}, "record_id"},
             "record_id"));
         return found;
       }});
}

std::string title_of(const record::Record& record) {
  return record.text(record.definition().title_field);
}

record::Event event_of(std::string kind, const record::Record& record) {
  record::Event event;
  event.kind = std::move(kind);
  event.object = record.definition().name;
  event.record_id = record.id();
  event.version = record.version();
  return event;
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

void add_holding_links(platform::MergeRules& rules) {
  rules.add(platform::RecordLink{"ownership", "record_id", "", "object", "to_at", true});
  rules.add(platform::RecordLink{"claim_ledger", "record_id", "", "", "", true});
  rules.add(platform::RecordLink{"recycle_warning", "record_id", "", "", "", false});
  platform::MergeHooks hooks;
  hooks.check = [](const platform::MergeCheck& check) {
    if (check.set.object->definition().field("is_disputed") == nullptr) return;
    for (const auto& record : check.set.records) {
      if (record.integer("is_disputed") != 0) return check.refuse("holding.disputed");
    }
  };
  rules.add(std::move(hooks));
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
                           out.push_back({row.get_int(0), row.get_int(1), row.get_int(2),
                                          row.get_int(3), std::string(row.get_text(4))});
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
  hooks.before_save = [self, kind](record::Tx& tx, record::Change& change) {
    check_undisputed(change, *kind);
    if (change.operation == record::Operation::Create) self->before_create(tx, change, *kind);
    if (change.operation == record::Operation::Restore) self->before_restore(tx, change, *kind);
  };
  hooks.after_save = [self](record::Tx& tx, record::Change& change) {
    self->after_save(tx, change);
  };
  registrar.registry.add_hooks(std::move(hooks));
  add_invariants(registrar.registry, *kind);

  const auto action = [&](std::string name, base::Labels labels, std::string icon,
                          std::string enabled_when, std::vector<record::FieldDefinition> input,
                          auto method) {
    record::Action value;
    value.object = kind->object;
    value.name = std::move(name);
    value.labels = std::move(labels);
    value.icon = std::move(icon);
    value.enabled_when = std::move(enabled_when);
    value.input = std::move(input);
    value.run = [self, kind, method](record::ActionContext& context) {
      (self->*method)(context, *kind);
    };
    return value;
  };
  const std::string pooled = kind->blocked_status.empty()
                                 ? "pool_id ne null"
                                 : "pool_id ne null and status ne '" + kind->blocked_status + "'";
  const std::string owned = kind->uses_status
                                ? "owner_id ne null and status in ('pending','following','invalid')"
                                : "owner_id ne null";
  auto claim = action("claim", {{"领取", "領取", "Claim"}}, "hand", pooled, {}, &Holding::claim);
  // What is gone from the pool may still be answered with "taken by …"; claim() decides what to
  // disclose.
  claim.sees_all = true;
  registrar.registry.add_action(std::move(claim));
  registrar.registry.add_action(action("assign", {{"分配", "分派", "Assign"}}, "user-check", pooled,
                                       {input_field(kOwnerField)}, &Holding::assign));
  auto give_back = action("return", {{"退回", "退回", "Return to pool"}}, "undo-2", owned,
                          {input_field(kReasonField), input_field(kNoteField),
                           input_field(kReturnPoolField), input_field(kKeepTeamField)},
                          &Holding::return_to_pool);
  give_back.danger = true;
  registrar.registry.add_action(std::move(give_back));
  std::vector<record::FieldDefinition> hand_over{input_field(kOwnerField),
                                                 input_field(kTransferNote)};
  for (auto& field : keep_owner_fields()) hand_over.push_back(std::move(field));
  registrar.registry.add_action(action("transfer", {{"转移", "移轉", "Transfer"}},
                                       "arrow-right-left", owned, std::move(hand_over),
                                       &Holding::transfer));
  auto move = action("move_pool", {{"移到其他池", "移到其他池", "Move to another pool"}}, "waves",
                     "pool_id ne null", {input_field(kMovePoolField)}, &Holding::move_pool);
  move.right = "assign";
  registrar.registry.add_action(std::move(move));
}

bool Holding::is_pool_admin(record::Tx& tx, const Pool& pool) const {
  return pool.is_admin(tx.engine().access().identity(tx.actor())) ||
         platform::access_of(tx.engine()).is_admin(tx.actor());
}

record::WriteOptions Holding::check_capacity(record::Tx& tx, const HoldingKind& kind,
                                             std::int64_t user, const record::WriteOptions& options,
                                             const record::Record* gained) const {
  tx.writer().lock("capacity." + kind.object, std::to_string(user));
  const Capacity capacity = capacity_of(tx, kind.object, user);
  if (!capacity.limit) return options;
  const bool exempts = capacity.excludes_won && !kind.exempt_status.empty();
  if (exempts && gained != nullptr && gained->text("status") == kind.exempt_status) return options;
  const std::string filter =
      exempts ? kind.counted_filter + " and status ne '" + kind.exempt_status + "'"
              : kind.counted_filter;
  const std::int64_t used = tx.count(kind.object, filter, {{"owner", record::id_value(user)}});
  if (used < *capacity.limit) return options;
  const Error full(ErrorKind::Conflict, "pool.capacity",
                   {{"used", std::to_string(used)}, {"limit", std::to_string(*capacity.limit)}});
  // Nobody is beyond the limit unseen, jobs included: it takes a person with the right, and a
  // reason.
  const auto& object = tx.schema().at(kind.object).definition();
  if (tx.actor().system || !tx.engine().access().may(tx.actor(), object, kOverrideRight))
    throw full;
  const std::string reason = record::given_reason(options, kCapacityReason);
  if (reason.empty()) throw record::asking_reason(full, kCapacityReason);
  record::WriteOptions beyond = options;
  beyond.options[kBeyondCapacity] = {
      {"reason", reason}, {"used", used}, {"limit", *capacity.limit}, {"user_id", user}};
  return beyond;
}

void Holding::give(record::Tx& tx, const HoldingKind& kind, record::Record& record,
                   std::int64_t owner, std::string_view action, const std::string& reason,
                   const record::WriteOptions& options) const {
  const std::int64_t from_pool = record.integer("pool_id");
  const std::int64_t from_owner = record.integer("owner_id");
  record::WriteOptions with_reason = check_capacity(tx, kind, owner, options, &record);
  record::Draft draft;
  draft.set("owner_id", owner).set("pool_id", Value()).set("claimed_at", tx.now());
  if (from_owner != 0) draft.set("previous_owner_id", from_owner);
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
                     {{"title", title_of(record)}}, kind.object, record.id());
    if (from_owner != 0) {
      platform::notify(tx, from_owner, "transferred_away", {{"title", title_of(record)}},
                       kind.object, record.id());
    }
  }
  if (action == "claim" && !options.quiet) tell_administrators(tx, kind, record, from_pool);
  auto event = event_of(action == "claim"      ? "claimed"
                        : action == "transfer" ? "transferred"
                                               : "assigned",
                        record);
  event.data["owner_id"] = owner;
  tx.emit(std::move(event));
}

// What was theirs to hand out is gone; they hear of it, grouped.
void Holding::tell_administrators(record::Tx& tx, const HoldingKind& kind,
                                  const record::Record& record, std::int64_t from_pool) const {
  const auto pool = pools_->find(from_pool);
  if (!pool) return;
  const auto taker = tx.find("user", record.integer("owner_id"));
  for (const std::int64_t user : pool->admins) {
    platform::notify(tx, user, "claimed",
                     {{"title", title_of(record)}, {"name", taker ? taker->text("name") : ""}},
                     kind.object, record.id());
  }
}

void Holding::put_into_pool(record::Tx& tx, const HoldingKind& kind, record::Record& record,
                            const Pool& pool, const std::string& reason, const std::string& note,
                            const record::WriteOptions& options) const {
  const std::int64_t from_owner = record.integer("owner_id");
  record::Draft draft;
  draft.set("pool_id", pool.id)
      .set("owner_id", Value())
      .set("previous_owner_id", record.get("owner_id"));
  draft.set("pooled_at", tx.now()).set("pool_reason", reason.empty() ? Value() : Value(reason));
  record::WriteOptions with_reason = options;
  with_reason.options["ownership_reason"] = note.empty() ? reason : reason + "\n" + note;
  if (kind.uses_status) {
    tx.transition(record, "return", std::move(draft), with_reason);
  } else {
    tx.update(record, std::move(draft), with_reason);
  }
  // Taken back by somebody else: the former owner must hear of it.
  if (!options.quiet) {
    platform::notify(tx, from_owner, "taken_back",
                     {{"title", title_of(record)}, {"pool", pool.name}}, kind.object, record.id());
  }
  auto event = event_of("returned", record);
  event.data["pool_id"] = pool.id;
  tx.emit(std::move(event));
}

void Holding::before_create(record::Tx& tx, record::Change& change, const HoldingKind& kind) const {
  auto& record = *change.after;
  if (!record.is_null("owner_id") && !record.is_null("pool_id")) {
    throw field_error("pool_id", "holding.owner_or_pool");
  }
  if (!record.is_null("pool_id")) {
    const auto pool = pools_->find(record.integer("pool_id"));
    const bool fits = pool && pool->kind == kind.object && pool->is_enabled;
    const auto who = tx.engine().access().identity(tx.actor());
    if (!fits || (!pool->is_member(who) && !is_pool_admin(tx, *pool)))
      throw field_error("pool_id", "holding.wrong_pool");
  } else if (record.is_null("owner_id")) {
    if (tx.actor().user_id != 0) {
      record.set("owner_id", tx.actor().user_id);
    } else if (const auto pool = pools_->choose(kind.object, record.integer("region_id"), 0)) {
      record.set("pool_id", pool->id);
    } else {
      throw field_error("pool_id", "holding.no_pool");
    }
  }
  const std::int64_t owner = record.integer("owner_id");
  if (owner != 0 && owner != tx.actor().user_id && !tx.actor().system) {
    if (!tx.engine().access().may(tx.actor(), change.object, "assign") &&
        !brings_history(change.options)) {
      throw field_error("owner_id", "holding.may_not_assign");
    }
    if (!is_active(tx, owner)) throw field_error("owner_id", "holding.owner_not_active");
  }
  if (owner != 0) change.scratch = check_capacity(tx, kind, owner, change.options, &record);
  if (record.is_null("claimed_at") && owner != 0) record.set("claimed_at", tx.now());
  if (owner == 0 && record.is_null("pooled_at")) record.set("pooled_at", tx.now());
  // A file may bring leads that somebody is already working on.
  const std::string given = kind.uses_status ? record.text("status") : "";
  const bool is_kept =
      brings_history(change.options) && owner != 0 && (given == "following" || given == "invalid");
  if (kind.uses_status && !is_kept) record.set("status", owner == 0 ? "unassigned" : "pending");
}

// Whoever decides takes the mark off first.
void Holding::check_undisputed(const record::Change& change, const HoldingKind& kind) {
  if (change.before == nullptr || change.after->integer("is_disputed") == 0) return;
  const std::string status = kind.uses_status ? change.after->text("status") : "";
  const bool closes = change.changed("status") && (status == "converted" || status == "voided");
  if (change.operation == record::Operation::Delete || change.changed("owner_id") ||
      change.changed("pool_id") || closes) {
    throw Error(ErrorKind::Conflict, "holding.disputed");
  }
}

// Back from the recycle bin: the pool may be gone, the owner may have left or have no room.
void Holding::before_restore(record::Tx& tx, record::Change& change,
                             const HoldingKind& kind) const {
  auto& record = *change.after;
  const std::int64_t owner = record.integer("owner_id");
  const std::int64_t pool_id = record.integer("pool_id");
  if (owner == 0 && pool_id == 0) return;  // voided
  const bool is_open = !kind.uses_status || record.text("status") != "converted";
  if (owner != 0 && is_active(tx, owner)) {
    if (is_open && record.text("status") != "voided")
      change.scratch = check_capacity(tx, kind, owner, change.options, &record);
    return;
  }
  const auto kept = pool_id == 0 ? std::nullopt : pools_->find(pool_id);
  if ((kept && kept->is_enabled) || !is_open || record.text("status") == "voided") return;
  const auto pool = pools_->choose(kind.object, record.integer("region_id"),
                                   record.integer("owner_department_id"));
  if (!pool) throw field_error("pool_id", "holding.no_pool");
  if (owner != 0) record.set("previous_owner_id", owner);
  record.set("owner_id", Value());
  record.set("pool_id", pool->id);
  record.set("pooled_at", tx.now());
  if (kind.uses_status) record.set("status", "unassigned");
}

void Holding::after_save(record::Tx& tx, record::Change& change) const {
  const auto& record = *change.after;
  // Checks before the save say here what they found; those of actions, in the options.
  const auto* checked = std::any_cast<record::WriteOptions>(&change.scratch);
  const auto& options = checked == nullptr ? change.options.options : checked->options;
  const auto* beyond = options.if_contains(kBeyondCapacity);
  if (beyond != nullptr) tx.audit(record, kBeyondCapacity, beyond->as_object());
  const bool moved = change.operation == record::Operation::Create || change.changed("owner_id") ||
                     change.changed("pool_id");
  if (!moved || change.operation == record::Operation::Delete) return;
  if (change.before != nullptr) {
    kOwnership.update(
        tx.writer(), {{"to_at", tx.now()}},
        {{"record_id", db::Compare::Equal, record.id()}, {"to_at", db::Compare::IsNull, {}}});
  }
  std::string reason;
  if (const auto* given = options.if_contains("ownership_reason");
      given != nullptr && given->is_string()) {
    reason = std::string(given->get_string());
  }
  if (beyond != nullptr) {
    if (!reason.empty()) reason += "\n";
    reason += base::json_text(beyond->as_object(), "reason");
  }
  static const auto insert = std::make_shared<const db::RowInsert>(ownership_table());
  tx.writer().insert_later(
      insert, {tx.engine().allocator().next_id("ownership"), change.object.name, record.id(),
               record.get("owner_id"), record.get("pool_id"), tx.now(), record::Value(),
               tx.actor().user_id, reason});
}

}  // namespace kehai::modules
