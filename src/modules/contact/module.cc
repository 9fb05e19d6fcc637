#include "modules/contact/module.h"

#include <algorithm>

#include "modules/action_input.h"
#include "modules/by_hand.h"
#include "record/engine.h"

namespace kehai::modules {

namespace {

// The primary contacts of the account other than this one.
std::vector<record::Record> other_primaries(record::Tx& tx, const record::Record& contact) {
  return tx.find_all("contact", "account_id eq @account and is_primary eq true and id ne @self",
                     {{"account", record::id_value(contact.integer("account_id"))},
                      {"self", record::id_value(contact.id())}});
}

// A customer of the pool gets people from those who look after the pool, or after it was claimed.
void check_pool(record::Tx& tx, const record::Change& change,
                const std::optional<record::Record>& account) {
  if (!account || account->is_null("pool_id") || !is_by_hand(tx, change.options)) return;
  const auto scope = tx.engine().access().scope(tx.actor(), account->definition(), "edit");
  if (!admits(scope, *account)) throw field_error("account_id", "account.in_pool");
}

// The superior is another person of the same customer, and not below the contact itself.
void check_superior(record::Tx& tx, const record::Record& contact) {
  constexpr int kDeepest = 50;
  std::int64_t above = contact.integer("reports_to_id");
  for (int depth = 0; above != 0 && depth < kDeepest; ++depth) {
    if (above == contact.id()) throw field_error("reports_to_id", "contact.reports_to_itself");
    const auto superior = tx.find("contact", above);
    if (!superior) return;
    if (depth == 0 && superior->integer("account_id") != contact.integer("account_id"))
      throw field_error("reports_to_id", "contact.superior_elsewhere");
    above = superior->integer("reports_to_id");
  }
}

void check_disabled(record::Record& contact) {
  if (contact.integer("is_disabled") == 0) {
    contact.set("disable_reason", record::Value());
    return;
  }
  if (contact.text("disable_reason").empty()) throw field_error("disable_reason", "field.required");
  contact.set("is_primary", 0);  // nobody is led to a person who has left
}

void before_save(record::Tx& tx, record::Change& change) {
  auto& contact = *change.after;
  if (change.operation != record::Operation::Delete) {
    if (change.changed("reports_to_id") || change.changed("account_id"))
      check_superior(tx, contact);
    if (change.changed("is_disabled") || change.changed("disable_reason") ||
        change.changed("is_primary")) {
      check_disabled(contact);
    }
  }
  // Whoever became primary in the meantime stays it.
  if (change.operation == record::Operation::Restore && contact.integer("is_primary") != 0 &&
      !other_primaries(tx, contact).empty()) {
    contact.set("is_primary", 0);
  }
  if (change.operation != record::Operation::Create) return;
  const auto account = contact.is_null("account_id")
                           ? std::nullopt
                           : tx.find("account", contact.integer("account_id"));
  if (contact.is_null("owner_id") && account) contact.set("owner_id", account->get("owner_id"));
  check_pool(tx, change, account);
  check_named_owner(tx, change, account ? account->integer("owner_id") : 0);
}

void after_save(record::Tx& tx, record::Change& change) {
  const auto& contact = *change.after;
  if (change.operation == record::Operation::Delete || contact.integer("is_primary") == 0) return;
  if (!change.changed("is_primary") && !change.changed("account_id")) return;
  for (auto& other : other_primaries(tx, contact)) {
    tx.update(other, record::Draft().set("is_primary", 0));
  }
}

// ---- Merging (domain 5.8)

// Deals and follow-ups of a person lie with the customer: people of two customers stay two.
void check_merge(const platform::MergeCheck& check) {
  for (const auto* loser : check.set.losers()) {
    if (loser->integer("account_id") == check.set.master().integer("account_id")) continue;
    check.refuse("contact.merge_elsewhere");
    return;
  }
}

// Whoever was the primary contact stays it under the new id.
void merge_values(const platform::MergeSet& set, record::Draft& draft) {
  const auto disabled = draft.values.find("is_disabled");
  const auto is_disabled = disabled == draft.values.end() ? set.master().integer("is_disabled")
                                                          : disabled->second.int_or(0);
  const bool primary =
      std::any_of(set.records.begin(), set.records.end(),
                  [](const record::Record& contact) { return contact.integer("is_primary") != 0; });
  draft.set("is_primary", primary && is_disabled == 0 ? 1 : 0);
}

// One primary contact a customer: the master's, else the first that comes along.
void keep_one_primary(platform::MergeSteps& steps, const platform::MergeSet& set) {
  bool has_one = false;
  for (const auto& account : set.records) {
    const bool has = steps.tx().count("contact", "account_id eq @account and is_primary eq true",
                                      {{"account", record::id_value(account.id())}}) > 0;
    if (has && has_one) {
      steps.set({"contact", "is_primary", record::Value(1), record::Value(0)},
                {{"account_id", db::Compare::Equal, account.id()}});
    }
    has_one = has_one || has;
  }
}

void add_merge_rules(platform::MergeRules& rules) {
  platform::MergeHooks contact;
  contact.object = "contact";
  contact.check = check_merge;
  contact.adjust = merge_values;
  rules.add(std::move(contact));
  platform::MergeHooks account;
  account.object = "account";
  account.prepare = keep_one_primary;
  rules.add(std::move(account));
  rules.add(platform::EqualChildren{"account", "contact", "account_id", "mobile"});
}

}  // namespace

void register_contact(platform::Registrar& registrar) {
  record::Hooks hooks;
  hooks.object = "contact";
  hooks.name = "contact";
  hooks.before_save = before_save;
  hooks.after_save = after_save;
  registrar.registry.add_hooks(std::move(hooks));
  add_merge_rules(*registrar.merge_rules);
}

}  // namespace kehai::modules
