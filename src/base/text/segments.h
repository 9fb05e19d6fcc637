// Cutting a folded text into runs of one script, and the spelling of tokens. Private to the token
// functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kehai::text {

enum class RunKind { Grams, Word, Number, OtherWord };
struct Run {
  RunKind kind;
  std::size_t begin = 0;
  std::size_t size = 0;
  bool adjoins = false;  // nothing but a space or a mark stands between it and the run before
};
// Runs of ASCII letters and digits, of Han, kana and hangul, and of other letters.
std::vector<Run> cut_runs(std::u32string_view folded);

// Latin letters without their diacritics (é → e), in place; one character for one character.
void strip_diacritics(std::u32string& folded);

// Three base-36 digits for most characters, five for the rest; no two texts share a spelling.
void append_base36(std::string& out, char32_t character);

// Removes 有限公司 and the like wherever they stand, unless nothing would remain. With `partial`,
// also what somebody has typed of one at the end (华为有限 → 华为).
std::u32string without_legal_forms(std::u32string_view run, bool partial);

// Words that Taiwan and the mainland say differently (联络人 / 联系人): where `term` starts at
// `position`, its other form.
struct Term {
  std::u32string_view written;
  std::u32string_view canonical;
};
const Term* term_at(std::u32string_view text, std::size_t position);

// The syllable as the tables spell it ("lue" → "lve"); nothing when it is none.
std::optional<std::string_view> known_syllable(std::string_view letters);
bool begins_syllable(std::string_view letters);
// The syllables that begin with the letters, in ascending order.
std::vector<std::string_view> syllables_beginning(std::string_view letters);
// Ways to read letters as syllables, the last of which may be unfinished; fewest syllables first.
std::vector<std::vector<std::string>> split_syllables(std::string_view letters);

}  // namespace kehai::text
