// Pinyin of simplified or traditional characters from the compiled-in tables. Pure, safe from any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/fold.h"

namespace kehai::text {

// syllable * 8 + tone (1–5); kNoReading for whatever is not read in pinyin.
using Reading = std::uint16_t;
constexpr Reading kNoReading = 0xFFFF;

// "zhong"; ü is written v.
std::string_view syllable(Reading reading);

// All readings of one character, most common first; empty when it has none.
std::span<const Reading> readings_of(char32_t character);

struct ReadCharacter {
  Reading reading = kNoReading;
  std::uint16_t rank = 0;  // place in the order of sort keys
  bool from_word = false;  // the word around it decided (银行), not the character alone
};
// The reading of each character in its context; `text` must have passed simplify().
std::vector<ReadCharacter> read(std::u32string_view text, NameKind kind);

// "chong qing yin hang"; other text stays as its folded self, e.g. "tcl ji tuan".
std::string pinyin(std::string_view text, NameKind kind = NameKind::Text);
// "cqyh"; Latin letters and digits stay.
std::string initials(std::string_view text, NameKind kind = NameKind::Text);

}  // namespace kehai::text
