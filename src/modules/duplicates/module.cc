#include "modules/duplicates/module.h"

namespace kehai::modules {

using platform::DuplicateAction;
using platform::KeyKind;

void register_duplicates(platform::Registrar& registrar, platform::Dedupe& dedupe) {
  dedupe.add_field({"lead", "company", KeyKind::Company});
  dedupe.add_field({"lead", "mobile", KeyKind::Phone});
  dedupe.add_field({"lead", "phone", KeyKind::Phone});
  dedupe.add_field({"lead", "email", KeyKind::Email});
  dedupe.add_field({"account", "name", KeyKind::Company});
  dedupe.add_field({"account", "former_names", KeyKind::Company, true});
  dedupe.add_field({"account", "uscc", KeyKind::Uscc});
  dedupe.add_field({"account", "phone", KeyKind::Phone});
  dedupe.add_field({"contact", "mobile", KeyKind::Phone});
  dedupe.add_field({"contact", "email", KeyKind::Email});

  // Two people of one company are two leads: legal, but said. The same mobile number is the same
  // person.
  dedupe.add_rule({"lead", "lead", KeyKind::Company, DuplicateAction::Warn, DuplicateAction::Warn});
  dedupe.add_rule(
      {"lead", "account", KeyKind::Company, DuplicateAction::Warn, DuplicateAction::Warn});
  dedupe.add_rule({"lead", "lead", KeyKind::Phone, DuplicateAction::Block});
  dedupe.add_rule({"lead", "account", KeyKind::Phone, DuplicateAction::Warn});
  dedupe.add_rule({"lead", "contact", KeyKind::Phone, DuplicateAction::Warn});
  dedupe.add_rule({"lead", "lead", KeyKind::Email, DuplicateAction::Warn});
  dedupe.add_rule({"lead", "contact", KeyKind::Email, DuplicateAction::Warn});
  // One customer, one owner.
  dedupe.add_rule(
      {"account", "account", KeyKind::Company, DuplicateAction::Block, DuplicateAction::Warn});
  dedupe.add_rule({"account", "account", KeyKind::Uscc, DuplicateAction::Block});
  dedupe.add_rule({"account", "account", KeyKind::Phone, DuplicateAction::Ignore});
  dedupe.add_rule({"account", "lead", KeyKind::Company, DuplicateAction::Ignore});
  dedupe.add_rule({"contact", "contact", KeyKind::Phone, DuplicateAction::Warn});
  dedupe.add_rule({"contact", "contact", KeyKind::Email, DuplicateAction::Ignore});
  dedupe.add_rule({"contact", "lead", KeyKind::Phone, DuplicateAction::Ignore});
  dedupe.add_object({"account", "won"});
  dedupe.install(registrar);
}

}  // namespace kehai::modules
