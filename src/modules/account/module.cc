#include "modules/account/module.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text/uscc.h"
#include "modules/action_input.h"
#include "modules/by_hand.h"
#include "modules/embedded_definitions.h"
#include "modules/pool/capacity.h"
#include "platform/access/access.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Value;

namespace {

void check_uscc(record::Change& change) {
  auto& account = *change.after;
  if (account.is_null("uscc") || !change.changed("uscc")) return;
  const auto code = text::check_uscc(account.text("uscc"));
  if (!code.suggestion.empty())
    throw field_error("uscc", "field.uscc_suggestion", {{"code", code.suggestion}});
  if (!code.error().empty())
    throw field_error("uscc", "field.uscc", {{"rule", std::string(code.error())}});
  account.set("uscc", code.code);
}

void check_parent(record::Tx& tx, const record::Change& change) {
  if (!change.changed("parent_account_id")) return;
  std::int64_t parent = change.after->integer("parent_account_id");
  constexpr int kMaximumDepth = 50;
  for (int depth = 0; parent != 0; ++depth) {
    if (parent == change.after->id() || depth > kMaximumDepth)
      throw field_error("parent_account_id", "field.cycle");
    const auto record = tx.find("account", parent);
    parent = record ? record->integer("parent_account_id") : 0;
  }
}

// Status follows from business; only "lost" and "inactive" are set by hand, by their actions.
void check_new_status(record::Tx& tx, const record::Change& change) {
  if (change.operation != record::Operation::Create || change.after->text("status") == "potential")
    return;
  if (is_by_hand(tx, change.options)) throw field_error("status", "field.read_only");
}

// Whoever gives a customer back ends the business with it first.
void check_open_deals(record::Tx& tx, const record::Change& change) {
  const auto& account = *change.after;
  if (change.operation != record::Operation::Update || !change.changed("pool_id") ||
      account.is_null("pool_id"))
    return;
  if (!change.changed("owner_id")) return;
  const auto open = tx.count("opportunity", "account_id eq @account and status eq 'open'",
                             {{"account", record::id_value(account.id())}});
  if (open > 0)
    throw Error(ErrorKind::Conflict, "account.has_open_deals", {{"count", std::to_string(open)}});
}

// A lock is its owner's: whoever gets the customer next decides anew.
void release_lock(record::Change& change) {
  if (change.operation == record::Operation::Update && change.changed("owner_id"))
    change.after->set("is_locked", 0);
}

void before_save(record::Tx& tx, record::Change& change) {
  release_lock(change);
  check_uscc(change);
  check_parent(tx, change);
  check_new_status(tx, change);
  check_open_deals(tx, change);
  // A renamed company keeps its former name: searched, and part of the duplicate check.
  if (change.operation == record::Operation::Update && change.changed("name")) {
    auto former = change.after->many("former_names");
    const Value& old = change.before->get("name");
    if (std::find(former.begin(), former.end(), old) == former.end()) former.push_back(old);
    change.after->set_many("former_names", former);
  }
}

// Contacts go with their account; open deals go along on a transfer.
void after_save(record::Tx& tx, record::Change& change) {
  if (change.operation != record::Operation::Update || !change.changed("owner_id")) return;
  const auto& account = *change.after;
  const record::ExpressionParameters parameters{{"account", record::id_value(account.id())}};
  for (auto& contact : tx.find_all("contact", "account_id eq @account", parameters, "id", 10'000)) {
    tx.update(contact, Draft().set("owner_id", account.get("owner_id")));
  }
  if (account.is_null("owner_id")) return;
  for (auto& deal : tx.find_all("opportunity", "account_id eq @account and status eq 'open'",
                                parameters, "id", 10'000)) {
    tx.update(deal, Draft().set("owner_id", account.get("owner_id")));
  }
}

record::Action action(std::string name, base::Labels labels, std::string icon, std::string right,
                      std::string enabled_when, std::vector<record::FieldDefinition> input,
                      std::function<void(record::ActionContext&)> run) {
  record::Action value;
  value.object = "account";
  value.name = std::move(name);
  value.labels = std::move(labels);
  value.icon = std::move(icon);
  value.right = std::move(right);
  value.enabled_when = std::move(enabled_when);
  value.input = std::move(input);
  value.run = std::move(run);
  return value;
}

record::FieldDefinition reason_field() {
  return input_field(
      R"({"name":"reason","type":"text","required":true,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"}})");
}

// How many customers one person may keep from going back to the pool is limited by a rule of its
// own (domain 3.4).
void lock(record::ActionContext& context) {
  auto& tx = context.tx;
  const std::int64_t owner = context.record->integer("owner_id");
  if (owner == 0) throw Error(ErrorKind::Conflict, "account.in_pool");
  if (context.record->integer("is_locked") != 0) return;
  tx.writer().lock("capacity.locked_account", std::to_string(owner));
  const Capacity capacity = capacity_of(tx, "locked_account", owner);
  if (capacity.limit) {
    const std::int64_t used = tx.count("account", "owner_id eq @owner and is_locked eq true",
                                       {{"owner", record::id_value(owner)}});
    if (used >= *capacity.limit) {
      throw Error(ErrorKind::Conflict, "account.lock_limit",
                  {{"used", std::to_string(used)}, {"limit", std::to_string(*capacity.limit)}});
    }
  }
  tx.update(*context.record, Draft().set("is_locked", 1), context.options);
}

void deactivate(record::ActionContext& context) {
  Draft draft;
  draft.set("status_before_inactive", context.record->get("status"));
  context.tx.transition(*context.record, "deactivate", std::move(draft), context.options);
  base::JsonObject data;
  data["reason"] = input_text(context.input, "reason");
  context.tx.audit(*context.record, "deactivate", std::move(data));
}

void activate(record::ActionContext& context) {
  auto& account = *context.record;
  if (account.text("status") != "inactive") {
    throw Error(ErrorKind::Conflict, "account.bad_transition",
                {{"action", "activate"}, {"status", account.text("status")}});
  }
  Draft draft;
  draft.set("status", account.is_null("status_before_inactive")
                          ? Value("potential")
                          : account.get("status_before_inactive"));
  draft.set("status_before_inactive", Value());
  context.tx.update(account, std::move(draft), context.options);
}

// ---- Merging (domain 5.8)

int rank_of(std::string_view status) {
  constexpr std::string_view kRising[] = {"inactive", "lost", "potential", "interested", "won"};
  return static_cast<int>(std::find(std::begin(kRising), std::end(kRising), status) -
                          std::begin(kRising));
}

// Two valid credit codes are two legal persons: only an administrator knows better.
void check_merge(const platform::MergeCheck& check) {
  std::set<std::string> codes;
  for (const auto& account : check.set.records) {
    const auto code = text::check_uscc(account.text("uscc"));
    if (!account.is_null("uscc") && code.error().empty()) codes.insert(code.code);
  }
  if (codes.size() > 1 && !platform::access_of(check.engine).is_admin(check.actor))
    check.refuse("account.two_codes");
  const bool master_inactive = check.set.master().text("status") == "inactive";
  for (const auto* loser : check.set.losers()) {
    if (loser->integer("is_locked") != 0) check.refuse("account.merge_locked");
    if (master_inactive && loser->text("status") != "inactive") check.refuse("account.inactive");
  }
}

// Names of the others become former names; the business of all decides about the status.
void merge_values(const platform::MergeSet& set, Draft& draft) {
  const auto chosen = draft.values.find("name");
  const Value name = chosen == draft.values.end() ? set.master().get("name") : chosen->second;
  auto& former = draft.many["former_names"];
  for (const auto& account : set.records) {
    const Value& old = account.get("name");
    if (!old.is_null() && !(old == name) &&
        std::find(former.begin(), former.end(), old) == former.end())
      former.push_back(old);
  }
  std::string status = set.master().text("status");
  Value first_deal = set.master().get("first_deal_at");
  for (const auto* loser : set.losers()) {
    if (status != "inactive" && rank_of(loser->text("status")) > rank_of(status))
      status = loser->text("status");
    const Value& theirs = loser->get("first_deal_at");
    if (!theirs.is_null() && (first_deal.is_null() || theirs.as_int() < first_deal.as_int()))
      first_deal = theirs;
  }
  draft.set("status", status).set("first_deal_at", first_deal);
}

}  // namespace

void account_gains_opportunity(record::Tx& tx, record::RecordId id) {
  auto account = tx.find("account", id, record::Lock::ForUpdate);
  if (account && (account->text("status") == "potential" || account->text("status") == "lost")) {
    tx.transition(*account, "interest");
  }
}

void account_wins(record::Tx& tx, record::RecordId id) {
  auto account = tx.find("account", id, record::Lock::ForUpdate);
  if (!account) return;
  Draft draft;
  if (account->is_null("first_deal_at")) draft.set("first_deal_at", tx.now());
  const std::string status = account->text("status");
  if (status != "won" && status != "inactive") {
    tx.transition(*account, "win", std::move(draft));
  } else {
    tx.update(*account, std::move(draft));
  }
}

void account_loses_win(record::Tx& tx, record::RecordId id) {
  auto account = tx.find("account", id, record::Lock::ForUpdate);
  if (!account || tx.count("opportunity", "account_id eq @account and status eq 'won'",
                           {{"account", record::id_value(id)}}) > 0) {
    return;
  }
  Draft draft;
  draft.set("first_deal_at", Value());
  if (account->text("status") == "won") {
    tx.transition(*account, "unwin", std::move(draft));
  } else {
    tx.update(*account, std::move(draft));
  }
}

void check_open_for_business(record::Tx& tx, record::RecordId id) {
  const auto account = tx.find("account", id);
  if (!account) return;
  if (account->text("status") == "inactive") throw Error(ErrorKind::Conflict, "account.inactive");
  if (!account->is_null("pool_id")) throw field_error("account_id", "account.in_pool");
}

void register_account(platform::Registrar& registrar, std::shared_ptr<Holding> holding) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_account());
  registry.add_definition(embedded_contact());
  record::Hooks hooks;
  hooks.object = "account";
  hooks.name = "account";
  hooks.before_save = before_save;
  hooks.after_save = after_save;
  registry.add_hooks(std::move(hooks));
  platform::MergeHooks merge;
  merge.object = "account";
  merge.check = check_merge;
  merge.adjust = merge_values;
  registrar.merge_rules->add(std::move(merge));
  // Won customers need no room of their own (domain 3.4).
  holding->add(registrar, {"account", false, "owner_id eq @owner and status ne 'inactive'", "won",
                           "inactive"});
  registry.add_action(action("lock", {{"锁定", "鎖定", "Lock"}}, "lock", "lock",
                             "is_locked ne true and owner_id ne null", {}, lock));
  registry.add_action(action("unlock", {{"解锁", "解鎖", "Unlock"}}, "lock-open", "lock",
                             "is_locked eq true", {}, [](record::ActionContext& context) {
                               context.tx.update(*context.record, Draft().set("is_locked", 0),
                                                 context.options);
                             }));
  auto lost = action("mark_lost", {{"标记流失", "標記流失", "Mark as lost"}}, "user-x", "edit",
                     "status in ('potential','interested','won')", {reason_field()},
                     [](record::ActionContext& context) {
                       base::JsonObject data;
                       data["reason"] = input_text(context.input, "reason");
                       context.tx.transition(*context.record, "mark_lost", {}, context.options);
                       context.tx.audit(*context.record, "mark_lost", std::move(data));
                     });
  lost.danger = true;
  registry.add_action(std::move(lost));
  auto off = action("deactivate", {{"停用", "停用", "Deactivate"}}, "circle-off", "deactivate",
                    "status ne 'inactive'", {reason_field()}, deactivate);
  off.danger = true;
  registry.add_action(std::move(off));
  registry.add_action(action("activate", {{"启用", "啟用", "Activate"}}, "circle-check",
                             "deactivate", "status eq 'inactive'", {}, activate));
}

}  // namespace kehai::modules
