#include "modules/contact/module.h"

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

void before_save(record::Tx& tx, record::Change& change) {
  auto& contact = *change.after;
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

}  // namespace

void register_contact(platform::Registrar& registrar) {
  record::Hooks hooks;
  hooks.object = "contact";
  hooks.name = "contact";
  hooks.before_save = before_save;
  hooks.after_save = after_save;
  registrar.registry.add_hooks(std::move(hooks));
}

}  // namespace kehai::modules
