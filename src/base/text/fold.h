// Forms of a text that are stored beside it and compared: never shown, never a replacement for it.
//
// Pure functions, safe from any thread. Malformed UTF-8 is read as U+FFFD; callers refuse it
// beforehand (utf8.h). The results depend on the compiled-in tables: after a change of
// tables_version(), stored forms have to be derived again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kehai::text {

// The value of `<field>__fold` columns: NFKC (full width → half), case folded, zero-width and other
// ignorable characters dropped, Traditional → Simplified character by character, trimmed.
// fold(fold(x)) == fold(x). Each Han character folds alone (乾 is always 干), so that a part of a
// text is also a part of its fold; words that keep a traditional character (乾隆) are kept by
// simplify() only.
std::string fold(std::string_view text);

// The same steps on code points: all of fold(), or all but Traditional → Simplified.
std::u32string fold_code_points(std::string_view text);
std::u32string normalize_code_points(std::string_view text);

enum class KeptWords { Ignore, Keep };
// Traditional → Simplified in place, one character for one character. With Keep, 乾隆 and similar
// words stay as they are.
void simplify(std::u32string& text, KeptWords kept_words);
// Display form of simplify(Keep): nothing else changes.
std::string to_simplified(std::string_view text);

enum class NameKind { Text, Person };
constexpr std::size_t kSortKeyCodePoints = 64;
// The value of `<field>__sort` columns: bytes that compare in the order punctuation, digits, Latin,
// other alphabets, Han by pinyin (with tone, then character). Valid UTF-8, no NUL, about as long as
// the text, of which the first kSortKeyCodePoints code points count. Person reads surnames as
// surnames (曾 zeng).
std::string sort_key(std::string_view text, NameKind kind = NameKind::Text);

std::uint64_t tables_version();

}  // namespace kehai::text
