// Keys under which values meet in the table dedupe_key. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/dedupe/dedupe.h"

namespace kehai::platform {

// Kinds in the table. name_head, name_tail and name_pinyin only collect candidates for the fuzzy
// tier.
struct StoredKey {
  std::string kind;
  std::string key;
  friend bool operator==(const StoredKey&, const StoredKey&) = default;
  friend auto operator<=>(const StoredKey&, const StoredKey&) = default;
};

std::vector<StoredKey> keys_of(KeyKind kind, std::string_view value);
// 'E', 'N', 'F' for a stored kind.
char tier_of(std::string_view stored_kind);

}  // namespace kehai::platform
