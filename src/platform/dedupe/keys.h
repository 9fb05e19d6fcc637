// Keys under which values meet in the table dedupe_key. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text/phone.h"
#include "platform/dedupe/rules.h"

namespace kehai::platform {

// Kinds in the table. name_head, name_tail and name_pinyin only collect candidates for the fuzzy
// tier, mail_domain is a hint by itself.
struct StoredKey {
  std::string kind;
  std::string key;
  friend bool operator==(const StoredKey&, const StoredKey&) = default;
  friend auto operator<=>(const StoredKey&, const StoredKey&) = default;
};

// What OpenSibling refers to is looked up where it stands and never stored: "open_sibling" only
// locks.
std::vector<StoredKey> keys_of(KeyKind kind, std::string_view value,
                               text::PhoneRegion region = text::PhoneRegion::Mainland);
bool is_stored(KeyKind kind);
bool is_phone(KeyKind kind);
// 'E', 'N', 'F' for a stored kind.
char tier_of(std::string_view stored_kind);

}  // namespace kehai::platform
