#include "base/text/segments.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <iterator>

#include "base/text/data.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

constexpr std::size_t kMaxTried = 40;
constexpr std::size_t kMaxWays = 6;

enum class Class { Separator, Letter, Digit, Gram, Other };

Class class_of(char32_t c) {
  if (c < 0x80) {
    if (is_digit(c)) return Class::Digit;
    return is_ascii_letter(c) ? Class::Letter : Class::Separator;
  }
  if (is_han(c)) return Class::Gram;
  const bool kana_or_hangul = (c >= 0x3041 && c <= 0x30FA) || c == 0x30FC ||
                              (c >= 0x31F0 && c <= 0x31FF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                              (c >= 0x0E01 && c <= 0x0E5B);
  if (kana_or_hangul) return Class::Gram;
  return u_isalnum(static_cast<UChar32>(c)) ? Class::Other : Class::Separator;
}

// Only what every company name ends with; 集团, 厂 or 店 are worth finding.
constexpr std::u32string_view kUnindexedForms[] = {U"股份有限公司", U"有限责任公司", U"股份公司",
                                                   U"有限公司", U"公司"};

// Taiwan's word and the mainland's, both in simplified characters.
constexpr Term kTerms[] = {
    {U"联络人", U"联系人"},   {U"联络", U"联系"},     {U"软体", U"软件"},
    {U"硬体", U"硬件"},       {U"韧体", U"固件"},     {U"网路", U"网络"},
    {U"网际网路", U"互联网"}, {U"资讯", U"信息"},     {U"程式", U"程序"},
    {U"伺服器", U"服务器"},   {U"专案", U"项目"},     {U"品质", U"质量"},
    {U"行动电话", U"手机"},   {U"简讯", U"短信"},     {U"列印", U"打印"},
    {U"印表机", U"打印机"},   {U"滑鼠", U"鼠标"},     {U"萤幕", U"屏幕"},
    {U"记忆体", U"内存"},     {U"数位", U"数字"},     {U"积体电路", U"集成电路"},
    {U"影片", U"视频"},       {U"雷射", U"激光"},     {U"奈米", U"纳米"},
    {U"塑胶", U"塑料"},       {U"计程车", U"出租车"}, {U"捷运", U"地铁"},
    {U"货柜", U"集装箱"},     {U"冷气", U"空调"},
};

char32_t base_letter(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString decomposed;
  if (U_FAILURE(status) || !normalizer->getDecomposition(static_cast<UChar32>(c), decomposed))
    return c;
  return static_cast<char32_t>(decomposed.char32At(0));
}

std::string_view syllable_at(std::size_t index) {
  const char* text = data::kSyllables + index * data::kSyllableWidth;
  std::size_t length = 0;
  while (length < data::kSyllableWidth && text[length] != '\0') ++length;
  return {text, length};
}

// The first syllable that is not less than `letters`.
std::size_t syllable_not_below(std::string_view letters) {
  std::size_t low = 0;
  std::size_t high = data::kSyllablesCount / data::kSyllableWidth;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (syllable_at(middle) < letters)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void split_from(std::string_view letters, std::vector<std::string>& way,
                std::vector<std::vector<std::string>>& ways) {
  constexpr std::size_t kMaxSyllables = 12;
  if (ways.size() >= kMaxTried || way.size() >= kMaxSyllables) return;
  if (letters.empty()) {
    ways.push_back(way);
    return;
  }
  for (std::size_t length = std::min<std::size_t>(6, letters.size()); length > 0; --length) {
    const std::string_view piece = letters.substr(0, length);
    const std::optional<std::string_view> known = known_syllable(piece);
    const bool unfinished = !known && length == letters.size() && begins_syllable(piece);
    if (!known && !unfinished) continue;
    way.emplace_back(known ? *known : piece);
    split_from(letters.substr(length), way, ways);
    way.pop_back();
  }
}

}  // namespace

std::vector<Run> cut_runs(std::u32string_view folded) {
  std::vector<Run> runs;
  bool gap_is_mark = true;
  for (std::size_t i = 0; i < folded.size();) {
    const Class first = class_of(folded[i]);
    if (first == Class::Separator) {
      gap_is_mark = gap_is_mark && folded[i] != '\n';
      ++i;
      continue;
    }
    const bool ascii = first == Class::Letter || first == Class::Digit;
    bool only_digits = first == Class::Digit;
    std::size_t end = i + 1;
    for (; end < folded.size(); ++end) {
      const Class next = class_of(folded[end]);
      if (ascii ? next != Class::Letter && next != Class::Digit : next != first) break;
      only_digits = only_digits && next == Class::Digit;
    }
    const RunKind kind = first == Class::Gram    ? RunKind::Grams
                         : first == Class::Other ? RunKind::OtherWord
                         : only_digits           ? RunKind::Number
                                                 : RunKind::Word;
    runs.push_back({kind, i, end - i, !runs.empty() && gap_is_mark});
    gap_is_mark = true;
    i = end;
  }
  return runs;
}

void strip_diacritics(std::u32string& folded) {
  for (char32_t& c : folded) {
    if ((c >= 0xC0 && c < 0x250) || (c >= 0x1E00 && c < 0x1F00)) c = base_letter(c);
  }
}

void append_base36(std::string& out, char32_t character) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  constexpr char32_t kShortEnd = 35 * 36 * 36;  // below it the first of three digits is never z
  char digits[5];
  const std::size_t count = character < kShortEnd ? 3 : 4;
  for (std::size_t i = count; i-- > 0; character /= 36) digits[i] = kDigits[character % 36];
  if (count == 4) out += 'z';
  out.append(digits, count);
}

std::u32string without_legal_forms(std::u32string_view run, bool partial) {
  std::u32string out;
  for (std::size_t i = 0; i < run.size();) {
    const bool branch = i > 0 && run[i - 1] == U'分';  // 分公司 is a word of its own
    const auto form =
        std::find_if(std::begin(kUnindexedForms), std::end(kUnindexedForms),
                     [&](std::u32string_view f) { return run.substr(i).starts_with(f); });
    if (form != std::end(kUnindexedForms) && !branch) {
      i += form->size();
    } else {
      out += run[i++];
    }
  }
  if (out.empty()) return std::u32string(run);
  if (!partial) return out;
  std::size_t longest = 0;
  for (const std::u32string_view form : kUnindexedForms) {
    for (std::size_t length = form.size() - 1; length > longest; --length) {
      if (out.size() >= length + 2 && out.ends_with(form.substr(0, length))) longest = length;
    }
  }
  out.resize(out.size() - longest);
  return out;
}

const Term* term_at(std::u32string_view text, std::size_t position) {
  const Term* longest = nullptr;
  const std::u32string_view rest = text.substr(position);
  for (const Term& term : kTerms) {
    if (term.written[0] == rest[0] && rest.starts_with(term.written) &&
        (!longest || term.written.size() > longest->written.size())) {
      longest = &term;
    }
  }
  return longest;
}

std::optional<std::string_view> known_syllable(std::string_view letters) {
  if (letters == "lue") letters = "lve";
  if (letters == "nue") letters = "nve";
  const std::size_t index = syllable_not_below(letters);
  if (index * data::kSyllableWidth < data::kSyllablesCount && syllable_at(index) == letters) {
    return syllable_at(index);
  }
  return std::nullopt;
}

bool begins_syllable(std::string_view letters) {
  const std::size_t index = syllable_not_below(letters);
  return index * data::kSyllableWidth < data::kSyllablesCount &&
         syllable_at(index).starts_with(letters);
}

std::vector<std::string_view> syllables_beginning(std::string_view letters) {
  std::vector<std::string_view> out;
  for (std::size_t index = syllable_not_below(letters);
       index * data::kSyllableWidth < data::kSyllablesCount &&
       syllable_at(index).starts_with(letters);
       ++index) {
    out.push_back(syllable_at(index));
  }
  return out;
}

std::vector<std::vector<std::string>> split_syllables(std::string_view letters) {
  std::vector<std::vector<std::string>> ways;
  std::vector<std::string> way;
  if (letters.size() <= 40) split_from(letters, way, ways);
  std::stable_sort(ways.begin(), ways.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (ways.size() > kMaxWays) ways.resize(kMaxWays);
  return ways;
}

}  // namespace kehai::text
