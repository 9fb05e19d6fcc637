// Layout of the generated tables (tools/gen/text_data.mjs). Private to src/base/text.
//
// A packed reading is syllable * 8 + tone, tone 1–5 with 5 = neutral. Characters of the block
// [kFirstHan, kLastHan] have direct tables; the rest is in small sorted lists.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kehai::text::data {

constexpr char32_t kFirstHan = 0x3400;
constexpr char32_t kLastHan = 0x9FFF;
constexpr std::size_t kSyllableWidth = 7;  // characters per syllable in kSyllables, padded with NUL

struct RareReading {
  char32_t character;
  std::uint16_t reading;
  std::uint16_t rank;
};
struct RareSimplified {
  char32_t from;
  char32_t to;
};
// Words that begin with one character: `count` entries at `begin`, longest first. An entry is its
// length, its characters after the first, then one value per character.
struct WordGroup {
  char16_t first;
  std::uint16_t count;
  std::uint32_t begin;
};
struct SurnameReading {
  char16_t character;
  std::uint16_t index;
};

constexpr std::uint8_t kStartsReadingWord = 1;
constexpr std::uint8_t kStartsKeptWord = 2;

extern const char kSyllables[];
extern const std::size_t kSyllablesCount;
// Readings of a character: kReadings[kReadingStarts[i] … kReadingStarts[i + 1]), most common first.
extern const std::uint16_t kReadingStarts[];
extern const std::uint16_t kReadings[];
extern const std::uint16_t kRanks[];  // parallel to kReadings: the place in the order of sort keys
extern const RareReading kRareReadings[];
extern const std::size_t kRareReadingsCount;
extern const std::uint16_t kSimplified[];  // 0 = unchanged, 1 = look in kRareSimplified
extern const RareSimplified kRareSimplified[];
extern const std::size_t kRareSimplifiedCount;
extern const std::uint8_t kWordFlags[];
extern const WordGroup kReadingWordGroups[];
extern const std::size_t kReadingWordGroupsCount;
extern const std::uint16_t kReadingWords[];
extern const WordGroup kKeptWordGroups[];
extern const std::size_t kKeptWordGroupsCount;
extern const std::uint16_t kKeptWords[];
extern const SurnameReading kSurnames[];
extern const std::size_t kSurnamesCount;
extern const std::uint64_t kTablesVersion;

inline bool is_table_han(char32_t c) {
  return c >= kFirstHan && c <= kLastHan;
}

// The longest word of a group table that stands at text[position]; null when there is none. The
// result points at the word's values, its length goes to `length`.
const std::uint16_t* longest_word(const WordGroup* groups, std::size_t group_count,
                                  const std::uint16_t* words, const char32_t* text,
                                  std::size_t available, std::size_t& length);

}  // namespace kehai::text::data
