// Which of many drafts meet anything at all: one look at the keys for all of them.
#include <unordered_map>

#include "db/among.h"
#include "platform/dedupe/dedupe.h"
#include "platform/dedupe/values.h"

namespace kehai::platform {

namespace {

// Values by kind of key, with the drafts that ask about them.
using Asked =
    std::unordered_map<std::string, std::unordered_map<std::string, std::vector<std::size_t>>>;

bool needs_region(const DuplicateField& field, const std::string& value) {
  return is_phone(field.kind) && text::normalize_phone(value).kind == text::PhoneKind::Ambiguous;
}

void look_up(db::Reader& reader, const Asked& asked, std::vector<bool>& meets) {
  for (const auto& [kind, by_key] : asked) {
    base::Values keys;
    keys.reserve(by_key.size());
    for (const auto& [key, drafts] : by_key) keys.emplace_back(key);
    db::select_among(
        reader, {Dedupe::table().name, {"key"}, {{"kind", db::Compare::Equal, kind}}, "key", true},
        keys, [&](const db::Row& row) {
          const auto found = by_key.find(std::string(row.get_text(0)));
          if (found == by_key.end()) return;
          for (const std::size_t draft : found->second) meets[draft] = true;
        });
  }
}

}  // namespace

std::vector<bool> Dedupe::may_meet(db::Reader& reader, std::string_view object,
                                   const std::vector<Asking>& asking) const {
  std::vector<bool> meets(asking.size());
  Asked asked;
  const auto rules = rules_->current();
  const auto finds_open = [&](const DuplicateField& field) {
    const auto* rule = find_rule(*rules, object, object, field.kind);
    return !is_stored(field.kind) && rule != nullptr &&
           rule->action(DuplicateEntry::Import, 'E') != DuplicateAction::Ignore;
  };
  for (std::size_t i = 0; i < asking.size(); ++i) {
    for (const auto& field : fields_) {
      if (field.object != object) continue;
      for (const auto& value : texts_of(asking[i].draft, field.field))
        meets[i] = meets[i] || finds_open(field) || needs_region(field, value);
    }
    const Prepared* prepared = nullptr;
    for (const auto& scratch : asking[i].prepared) {
      prepared = prepared_in(scratch);
      if (prepared != nullptr) break;
    }
    if (prepared == nullptr) continue;
    for (const auto& [name, field] : prepared->by_field) {
      for (const auto& key : field.keys) {
        if (tier_of(key.kind) != 'F') asked[key.kind][key.key].push_back(i);
      }
    }
  }
  look_up(reader, asked, meets);
  return meets;
}

}  // namespace kehai::platform
