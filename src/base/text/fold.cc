#include "base/text/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "base/text/data.h"
#include "base/text/pinyin.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace data {

const std::uint16_t* longest_word(const WordGroup* groups, std::size_t group_count,
                                  const std::uint16_t* words, const char32_t* text,
                                  std::size_t available, std::size_t& length) {
  const auto* end = groups + group_count;
  const auto* group = std::lower_bound(groups, end, text[0], [](const WordGroup& g, char32_t c) {
    return static_cast<char32_t>(g.first) < c;
  });
  if (group == end || static_cast<char32_t>(group->first) != text[0]) return nullptr;
  const std::uint16_t* entry = words + group->begin;
  for (std::size_t i = 0; i < group->count; ++i) {
    const std::size_t word_length = entry[0];
    const bool equal =
        word_length <= available &&
        std::equal(entry + 1, entry + word_length, text + 1,
                   [](std::uint16_t a, char32_t b) { return static_cast<char32_t>(a) == b; });
    if (equal) {
      length = word_length;
      return entry + word_length;
    }
    entry += 2 * word_length;
  }
  return nullptr;
}

}  // namespace data

namespace {

// Also what becomes of U+0000 itself: comparable forms are without it.
constexpr char32_t kDropped = 0;
constexpr char32_t kNeedsIcu = 0xFFFFFFFF;

// NFKC with case folding for the characters of everyday Chinese text, each of which is independent
// of its neighbours; kNeedsIcu for all others.
char32_t normalize_simple(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0x3400 && c <= 0x9FFF) return c;
  if (c >= 0xFF01 && c <= 0xFF5E) return normalize_simple(c - 0xFF01 + '!');
  if (c == 0x3000) return ' ';
  if (c == 0x200B || c == 0x200C || c == 0x200D || c == 0xFEFF || c == 0x2060 || c == 0x00AD)
    return kDropped;
  if (c == 0x00B7 || (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3011) ||
      (c >= 0x3014 && c <= 0x301B) || c == 0x2014 || (c >= 0x2018 && c <= 0x201D)) {
    return c;
  }
  return kNeedsIcu;
}

std::u32string normalize_with_icu(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  icu::UnicodeString source;
  for (const char32_t c : text) {
    if (c != kDropped) source.append(static_cast<UChar32>(c));
  }
  icu::UnicodeString result;
  normalizer->normalize(source, result, status);
  // Only running out of memory can fail here; the text itself is then the best answer.
  if (U_FAILURE(status)) return std::u32string(text);
  std::u32string out;
  out.reserve(static_cast<std::size_t>(result.length()));
  for (std::int32_t i = 0; i < result.length();) {
    const UChar32 c = result.char32At(i);
    out += static_cast<char32_t>(c);
    i += U16_LENGTH(c);
  }
  return out;
}

bool is_trimmed(char32_t c) {
  if (c < 0x80) return c <= 0x20 || c == 0x7F;
  if (c >= 0x3400 && c <= 0x9FFF) return false;
  return u_isUWhiteSpace(static_cast<UChar32>(c)) ||
         u_charType(static_cast<UChar32>(c)) == U_CONTROL_CHAR;
}

void trim(std::u32string& text) {
  std::size_t end = text.size();
  while (end > 0 && is_trimmed(text[end - 1])) --end;
  text.resize(end);
  std::size_t begin = 0;
  while (begin < text.size() && is_trimmed(text[begin])) ++begin;
  text.erase(0, begin);
}

char32_t simplify_character(char32_t c) {
  if (data::is_table_han(c)) {
    const std::uint16_t target = data::kSimplified[c - data::kFirstHan];
    if (target == 0) return c;
    if (target != 1) return target;
  } else if (c < 0x2E80) {
    return c;
  }
  const auto* end = data::kRareSimplified + data::kRareSimplifiedCount;
  const auto* found = std::lower_bound(
      data::kRareSimplified, end, c,
      [](const data::RareSimplified& entry, char32_t x) { return entry.from < x; });
  return found != end && found->from == c ? found->to : c;
}

}  // namespace

std::u32string normalize_code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = normalize_simple(next_code_point(text, position));
    if (c == kNeedsIcu) {
      out = normalize_with_icu(to_utf32(text));
      break;
    }
    if (c != kDropped) out += c;
  }
  trim(out);
  return out;
}

void simplify(std::u32string& text, KeptWords kept_words) {
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = text[i];
    if (kept_words == KeptWords::Keep && data::is_table_han(c) &&
        data::kWordFlags[c - data::kFirstHan] & data::kStartsKeptWord) {
      std::size_t length = 0;
      const std::uint16_t* word =
          data::longest_word(data::kKeptWordGroups, data::kKeptWordGroupsCount, data::kKeptWords,
                             text.data() + i, text.size() - i, length);
      if (word) {
        for (std::size_t j = 0; j < length; ++j) text[i + j] = word[j];
        i += length;
        continue;
      }
    }
    text[i] = simplify_character(c);
    ++i;
  }
}

std::u32string fold_code_points(std::string_view text) {
  std::u32string out = normalize_code_points(text);
  simplify(out, KeptWords::Ignore);
  return out;
}

std::string fold(std::string_view text) {
  return to_utf8(fold_code_points(text));
}

std::string to_simplified(std::string_view text) {
  std::u32string out = to_utf32(text);
  simplify(out, KeptWords::Keep);
  return to_utf8(out);
}

// The ranks of the tables take the code points from U+3000 up, three bytes each in UTF-8; what is
// below keeps its place, everything else from there on moves behind U+E000.
std::string sort_key(std::string_view text, NameKind kind) {
  constexpr char32_t kFirstRank = 0x3000;
  constexpr char32_t kBehind = 0xE000;
  std::u32string simple = normalize_code_points(text);
  simplify(simple, KeptWords::Keep);
  if (simple.size() > kSortKeyCodePoints) simple.resize(kSortKeyCodePoints);
  const std::vector<ReadCharacter> readings = read(simple, kind);
  std::string key;
  key.reserve(simple.size() * 3);
  for (std::size_t i = 0; i < simple.size(); ++i) {
    const char32_t c = simple[i];
    if (readings[i].reading != kNoReading) {
      append_utf8(key, kFirstRank + readings[i].rank);
      // Beyond the direct table, several characters share a rank.
      if (!data::is_table_han(c)) append_utf8(key, c);
    } else {
      if (c >= kFirstRank) append_utf8(key, kBehind);
      append_utf8(key, c);
    }
  }
  return key;
}

std::uint64_t tables_version() {
  return data::kTablesVersion;
}

}  // namespace kehai::text
