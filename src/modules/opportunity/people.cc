#include "modules/opportunity/people.h"

#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "platform/merge/merge_rules.h"
#include "record/engine.h"

namespace kehai::modules {

namespace {

void before_save(record::Tx& tx, record::Change& change) {
  auto& person = *change.after;
  if (change.operation == record::Operation::Delete) return;
  if (!change.changed("contact_id") && !change.changed("opportunity_id") &&
      change.operation == record::Operation::Update) {
    return;
  }
  for (const auto* target : {"opportunity", "contact"}) {
    const std::string field = std::string(target) + "_id";
    if (tx.actor().system || person.is_null(field)) continue;
    if (!tx.engine().can_see(tx.writer(), tx.actor(), tx.schema().at(target),
                             person.integer(field))) {
      throw field_error(field, "field.reference_not_found");
    }
  }
  // The deal is locked, so that two people cannot add the same contact at once.
  const auto deal =
      tx.find("opportunity", person.integer("opportunity_id"), record::Lock::ForUpdate);
  if (deal && tx.count("opportunity_contact",
                       "opportunity_id eq @deal and contact_id eq @contact and id ne @self",
                       {{"deal", record::id_value(deal->id())},
                        {"contact", record::id_value(person.integer("contact_id"))},
                        {"self", record::id_value(person.id())}}) > 0) {
    throw field_error("contact_id", "opportunity_contact.already_there");
  }
  if (!person.is_null("role")) return;
  if (const auto contact = tx.find("contact", person.integer("contact_id")))
    person.set("role", contact->get("decision_role"));
}

}  // namespace

void register_people(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_opportunity_contact());
  record::Hooks hooks;
  hooks.object = "opportunity_contact";
  hooks.name = "people";
  hooks.before_save = before_save;
  registry.add_hooks(std::move(hooks));
  registrar.merge_rules->add(
      platform::EqualChildren{"contact", "opportunity_contact", "contact_id", "opportunity_id"});
}

}  // namespace kehai::modules
