#include "base/text/pinyin.h"

#include <algorithm>

#include "base/text/data.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

const data::RareReading* rare_reading(char32_t c) {
  if (c < 0x3007) return nullptr;
  const auto* end = data::kRareReadings + data::kRareReadingsCount;
  const auto* found = std::lower_bound(
      data::kRareReadings, end, c,
      [](const data::RareReading& entry, char32_t x) { return entry.character < x; });
  return found != end && found->character == c ? found : nullptr;
}

ReadCharacter read_alone(char32_t c, std::size_t index) {
  ReadCharacter result;
  if (data::is_table_han(c)) {
    const std::size_t begin = data::kReadingStarts[c - data::kFirstHan];
    const std::size_t end = data::kReadingStarts[c - data::kFirstHan + 1];
    if (begin + index < end) {
      result.reading = data::kReadings[begin + index];
      result.rank = data::kRanks[begin + index];
    }
  } else if (const auto* rare = rare_reading(c)) {
    result.reading = rare->reading;
    result.rank = rare->rank;
  }
  return result;
}

// Index of the reading that a character has as a surname.
std::size_t surname_index(char32_t c) {
  const auto* end = data::kSurnames + data::kSurnamesCount;
  const auto* found =
      std::lower_bound(data::kSurnames, end, c, [](const data::SurnameReading& entry, char32_t x) {
        return static_cast<char32_t>(entry.character) < x;
      });
  return found != end && static_cast<char32_t>(found->character) == c ? found->index : 0;
}

std::vector<ReadCharacter> read_name(std::string_view text, NameKind kind, std::u32string& simple) {
  simple = normalize_code_points(text);
  simplify(simple, KeptWords::Keep);
  return read(simple, kind);
}

}  // namespace

std::string_view syllable(Reading reading) {
  if (reading == kNoReading) return {};
  const char* text = data::kSyllables + (reading >> 3) * data::kSyllableWidth;
  std::size_t length = 0;
  while (length < data::kSyllableWidth && text[length] != '\0') ++length;
  return {text, length};
}

std::span<const Reading> readings_of(char32_t character) {
  if (data::is_table_han(character)) {
    const std::size_t begin = data::kReadingStarts[character - data::kFirstHan];
    const std::size_t end = data::kReadingStarts[character - data::kFirstHan + 1];
    return {data::kReadings + begin, end - begin};
  }
  if (const auto* rare = rare_reading(character)) return {&rare->reading, 1};
  return {};
}

std::vector<ReadCharacter> read(std::u32string_view text, NameKind kind) {
  std::vector<ReadCharacter> out(text.size());
  std::size_t i = 0;
  // A compound surname (单于) is a word of the tables; otherwise the first character is the
  // surname.
  const auto word_at = [&](std::size_t position, std::size_t& length) -> const std::uint16_t* {
    const char32_t c = text[position];
    if (!data::is_table_han(c) ||
        !(data::kWordFlags[c - data::kFirstHan] & data::kStartsReadingWord)) {
      return nullptr;
    }
    return data::longest_word(data::kReadingWordGroups, data::kReadingWordGroupsCount,
                              data::kReadingWords, text.data() + position, text.size() - position,
                              length);
  };
  if (kind == NameKind::Person && !text.empty()) {
    if (const std::size_t index = surname_index(text[0]); index != 0) {
      std::size_t length = 0;
      const bool compound = text.size() > 2 && word_at(0, length) && length == 2 &&
                            (text.substr(0, 2) == U"单于" || text.substr(0, 2) == U"万俟" ||
                             text.substr(0, 2) == U"尉迟" || text.substr(0, 2) == U"长孙");
      if (!compound) {
        out[0] = read_alone(text[0], index);
        out[0].from_word = true;
        i = 1;
      }
    }
  }
  while (i < text.size()) {
    std::size_t length = 0;
    if (const std::uint16_t* indexes = word_at(i, length)) {
      for (std::size_t j = 0; j < length; ++j) {
        out[i + j] = read_alone(text[i + j], indexes[j]);
        out[i + j].from_word = true;
      }
      i += length;
    } else {
      out[i] = read_alone(text[i], 0);
      ++i;
    }
  }
  return out;
}

std::string pinyin(std::string_view text, NameKind kind) {
  std::u32string simple;
  const std::vector<ReadCharacter> characters = read_name(text, kind, simple);
  std::string out;
  bool after_syllable = false;
  for (std::size_t i = 0; i < simple.size(); ++i) {
    const bool is_syllable = characters[i].reading != kNoReading;
    const bool at_border = is_syllable || after_syllable;
    if (at_border && !out.empty() && out.back() != ' ' && simple[i] != ' ') out += ' ';
    if (is_syllable) {
      out += syllable(characters[i].reading);
    } else {
      append_utf8(out, simple[i]);
    }
    after_syllable = is_syllable;
  }
  return out;
}

std::string initials(std::string_view text, NameKind kind) {
  std::u32string simple;
  const std::vector<ReadCharacter> characters = read_name(text, kind, simple);
  std::string out;
  for (std::size_t i = 0; i < simple.size(); ++i) {
    if (characters[i].reading != kNoReading) {
      out += syllable(characters[i].reading).front();
    } else if (is_ascii_letter(simple[i]) || is_digit(simple[i])) {
      out += static_cast<char>(simple[i]);
    }
  }
  return out;
}

}  // namespace kehai::text
