#include "modules/duplicates/module.h"

#include <algorithm>
#include <set>
#include <string>

namespace kehai::modules {

using platform::DuplicateAction;
using platform::DuplicateActions;
using platform::DuplicateEntry;
using platform::DuplicateRule;
using platform::KeyKind;

namespace {

constexpr auto kShow = DuplicateAction::Ignore;
constexpr auto kWarn = DuplicateAction::Warn;
constexpr auto kBlock = DuplicateAction::Block;

// What an administrator starts with: the same wherever a record is made; a file's rows are decided
// in its preview, and who takes a record over is only shown the others.
DuplicateRule rule(std::string object, std::string other, KeyKind kind, DuplicateAction exact,
                   DuplicateAction normalised = kShow) {
  const std::set<std::string> converted = {"account", "contact", "opportunity"};
  const std::set<std::string> handed_over = {"lead", "account"};
  DuplicateRule rule;
  rule.object = std::move(object);
  rule.other = std::move(other);
  rule.kind = kind;
  rule.attaches_on_convert = rule.object == "account" && rule.other == "account";
  const auto set = [&](DuplicateEntry entry, DuplicateAction most) {
    auto& actions = rule.at(entry);
    actions.exact = std::min(exact, most);
    if (kind == KeyKind::Company) actions.normalised = std::min(normalised, most);
  };
  set(DuplicateEntry::Manual, kBlock);
  set(DuplicateEntry::Api, kBlock);
  set(DuplicateEntry::Import, kWarn);
  if (converted.contains(rule.object)) set(DuplicateEntry::Convert, kBlock);
  if (handed_over.contains(rule.object)) set(DuplicateEntry::Transfer, kShow);
  return rule;
}

// Nothing to decide: it is only shown.
DuplicateRule hint(std::string object, std::string other, KeyKind kind) {
  DuplicateRule rule;
  rule.object = std::move(object);
  rule.other = std::move(other);
  rule.kind = kind;
  return rule;
}

void add_fields(platform::Dedupe& dedupe) {
  dedupe.add_field({"lead", "company", KeyKind::Company});
  dedupe.add_field({"lead", "mobile", KeyKind::Phone});
  dedupe.add_field({"lead", "phone", KeyKind::Phone});
  dedupe.add_field({"lead", "email", KeyKind::Email});
  dedupe.add_field({"lead", "email", KeyKind::MailDomain});
  dedupe.add_field({"account", "name", KeyKind::Company});
  dedupe.add_field({"account", "former_names", KeyKind::Company, true});
  dedupe.add_field({"account", "uscc", KeyKind::Uscc});
  dedupe.add_field({"account", "phone", KeyKind::Phone});
  dedupe.add_field({"account", "email", KeyKind::MailDomain});
  dedupe.add_field({"account", "website", KeyKind::MailDomain});
  dedupe.add_field({"contact", "mobile", KeyKind::Phone});
  dedupe.add_field({"contact", "phone", KeyKind::OfficePhone});
  dedupe.add_field({"contact", "other_phones", KeyKind::Phone, false, true});
  dedupe.add_field({"contact", "email", KeyKind::Email});
  dedupe.add_field({"contact", "email", KeyKind::MailDomain});
  dedupe.add_field({"opportunity", "account_id", KeyKind::OpenSibling});
}

void add_rules(platform::Dedupe& dedupe) {
  // Two people of one company are two leads: legal, but said. The same mobile number is the same
  // person.
  dedupe.add_rule(rule("lead", "lead", KeyKind::Company, kWarn, kWarn));
  dedupe.add_rule(rule("lead", "account", KeyKind::Company, kWarn, kWarn));
  dedupe.add_rule(rule("lead", "lead", KeyKind::Phone, kBlock));
  dedupe.add_rule(rule("lead", "account", KeyKind::Phone, kWarn));
  dedupe.add_rule(rule("lead", "contact", KeyKind::Phone, kWarn));
  dedupe.add_rule(rule("lead", "lead", KeyKind::Email, kWarn));
  dedupe.add_rule(rule("lead", "contact", KeyKind::Email, kWarn));
  // One customer, one owner.
  dedupe.add_rule(rule("account", "account", KeyKind::Company, kBlock, kWarn));
  dedupe.add_rule(rule("account", "account", KeyKind::Uscc, kBlock));
  dedupe.add_rule(rule("account", "account", KeyKind::Phone, kShow));
  dedupe.add_rule(rule("account", "lead", KeyKind::Company, kShow));
  dedupe.add_rule(rule("account", "lead", KeyKind::Phone, kShow));
  dedupe.add_rule(rule("account", "contact", KeyKind::Phone, kShow));
  dedupe.add_rule(rule("contact", "contact", KeyKind::Phone, kWarn));
  dedupe.add_rule(rule("contact", "contact", KeyKind::Email, kShow));
  dedupe.add_rule(rule("contact", "lead", KeyKind::Phone, kShow));
  dedupe.add_rule(rule("contact", "lead", KeyKind::Email, kShow));
  dedupe.add_rule(rule("contact", "account", KeyKind::Phone, kShow));
  dedupe.add_rule(rule("contact", "account", KeyKind::OfficePhone, kShow));
  // A second deal with a customer is everyday business.
  dedupe.add_rule(rule("opportunity", "opportunity", KeyKind::OpenSibling, kShow));
  dedupe.add_rule(hint("lead", "account", KeyKind::MailDomain));
  dedupe.add_rule(hint("lead", "contact", KeyKind::MailDomain));
  dedupe.add_rule(hint("contact", "account", KeyKind::MailDomain));
  dedupe.add_rule(hint("contact", "contact", KeyKind::MailDomain));
  dedupe.add_rule(hint("account", "account", KeyKind::MailDomain));
}

}  // namespace

void register_duplicates(platform::Registrar& registrar, platform::Dedupe& dedupe) {
  add_fields(dedupe);
  add_rules(dedupe);
  dedupe.add_object({"lead", "", "", "region_id", "", ""});
  dedupe.add_object({"account", "won", "", "region_id", "", "parent_account_id"});
  dedupe.add_object({"contact", "", "", "", "account_id", ""});
  dedupe.add_object({"opportunity", "won", "open", "", "", ""});
  dedupe.install(registrar);
}

}  // namespace kehai::modules
