#include "base/text/company_name.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "base/text/company_words.h"
#include "base/text/fold.h"
#include "base/text/region_names.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

// A character that counts, with what the dropped ones around it said.
struct Unit {
  char32_t c = 0;
  bool starts_word = false;  // a space, a mark or a bracket stood before it
  int bracket = 0;           // number of the bracket it stands in, 0 = none
};
using Units = std::vector<Unit>;

bool is_mark(char32_t c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case '-':
    case '_':
    case ',':
    case '.':
    case '&':
    case '\'':
    case '"':
    case 0x3002:
    case 0x3001:
    case 0x00B7:
    case 0x2022:
    case 0x2027:
    case 0x30FB:
    case 0x2219:
      return true;
    default:
      return (c >= 0x2010 && c <= 0x201F) || c == 0x2032 || c == 0x2033 || c == 0x2212 || c == 0xA0;
  }
}

// The closing bracket of an opening one, 0 when it opens nothing.
char32_t closing(char32_t c) {
  switch (c) {
    case '(':
      return ')';
    case '[':
      return ']';
    case '{':
      return '}';
    case '<':
      return '>';
    case 0x3014:
      return 0x3015;
    default:
      return c == 0x3008 || c == 0x300A || c == 0x300C || c == 0x300E || c == 0x3010 ||
                     c == 0x3016 || c == 0x3018 || c == 0x301A
                 ? c + 1
                 : 0;
  }
}
bool is_closing(char32_t c) {
  return c == ')' || c == ']' || c == '}' || c == '>' || c == 0x3009 || c == 0x300B ||
         c == 0x300D || c == 0x300F || c == 0x3011 || c == 0x3015 || c == 0x3017 || c == 0x3019 ||
         c == 0x301B;
}

bool is_combining(char32_t c) {
  return c >= 0x300 && u_getCombiningClass(static_cast<UChar32>(c)) != 0;
}

Units clean(std::u32string_view text) {
  Units units;
  units.reserve(text.size());
  char32_t wanted = 0;  // nested brackets count as part of the outer one
  int bracket = 0;
  bool starts_word = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    // A mark that carries an accent stays, or the accent would move to the letter before.
    const bool carries = !units.empty() && i + 1 < text.size() && is_combining(text[i + 1]);
    if (carries) {
      units.push_back({c, starts_word, wanted != 0 ? bracket : 0});
      starts_word = false;
    } else if (wanted == 0 && closing(c) != 0 &&
               text.find(closing(c), i) != std::u32string_view::npos) {
      wanted = closing(c);
      ++bracket;
      starts_word = true;
    } else if (wanted != 0 && c == wanted) {
      wanted = 0;
      starts_word = true;
    } else if (is_mark(c) || closing(c) != 0 || is_closing(c)) {
      starts_word = true;
    } else {
      units.push_back({c, starts_word, wanted != 0 ? bracket : 0});
      starts_word = false;
    }
  }
  return units;
}

std::u32string characters(const Units& units) {
  std::u32string out;
  out.reserve(units.size());
  for (const Unit& unit : units) out += unit.c;
  return out;
}
std::string text_of(Units::const_iterator begin, Units::const_iterator end) {
  std::string out;
  for (auto unit = begin; unit != end; ++unit) append_utf8(out, unit->c);
  return out;
}

bool is_latin_or_digit(char32_t c) {
  return is_ascii_letter(c) || is_digit(c);
}

// Does `word` end at `end`?
bool ends_with(const Units& units, std::size_t end, std::u32string_view word) {
  if (word.size() > end) return false;
  return std::equal(word.begin(), word.end(),
                    units.begin() + static_cast<std::ptrdiff_t>(end - word.size()),
                    [](char32_t c, const Unit& unit) { return c == unit.c; });
}

// Length of the legal form that ends at `end`, 0 when there is none.
std::size_t legal_form(const Units& units, std::size_t end) {
  std::size_t longest = 0;
  if (end > 0 && is_ascii_letter(units[end - 1].c)) {
    for (const std::u32string_view form : kLatinLegalForms) {
      if (form.size() <= longest || !ends_with(units, end, form)) continue;
      const std::size_t begin = end - form.size();
      if (units[begin].starts_word || !is_latin_or_digit(units[begin - 1].c)) longest = form.size();
    }
    return longest;
  }
  for (const std::u32string_view form : kLegalForms) {
    if (form.size() > longest && ends_with(units, end, form)) longest = form.size();
  }
  return longest;
}

void erase(Units& units, std::size_t begin, std::size_t end) {
  units.erase(units.begin() + static_cast<std::ptrdiff_t>(begin),
              units.begin() + static_cast<std::ptrdiff_t>(end));
  if (begin > 0 && begin < units.size()) units[begin].starts_word = true;
}

std::u32string_view branch_word(const Units& units) {
  for (const std::u32string_view word : kNoBranch) {
    if (ends_with(units, units.size(), word)) return {};
  }
  for (const std::u32string_view word : kBranchWords) {
    if (units.size() > word.size() && ends_with(units, units.size(), word)) return word;
  }
  return {};
}

class Analysis {
 public:
  explicit Analysis(std::string_view name) {
    std::u32string text = normalize_code_points(name);
    simplify(text, KeptWords::Keep);
    units_ = clean(text);
    if (units_.empty()) {
      // Nothing but punctuation: the name is its own key.
      result_.keys.key_exact = result_.keys.key_norm = result_.keys.key_core = to_utf8(text);
      return;
    }
    result_.keys.key_exact = text_of(units_.begin(), units_.end());
    for (std::size_t before = 0; before != units_.size();) {
      before = units_.size();
      find_branch();
      strip_legal_forms();
    }
    if (tail_ > 0) note(NamePart::Branch, units_.size() - tail_, units_.size());
    result_.keys.key_norm = text_of(units_.begin(), units_.end());
    if (tail_ > 0 && tail_ < units_.size()) {
      result_.head_norm =
          text_of(units_.begin(), units_.end() - static_cast<std::ptrdiff_t>(tail_));
    }
    cut_brackets();
    strip_legal_forms();
    strip_regions();
    result_.keys.key_core = text_of(units_.begin(), units_.end());
  }
  CompanyName take() { return std::move(result_); }

 private:
  void note(NamePart part, std::size_t begin, std::size_t end) {
    result_.steps.push_back({part, text_of(units_.begin() + static_cast<std::ptrdiff_t>(begin),
                                           units_.begin() + static_cast<std::ptrdiff_t>(end))});
  }

  // A branch keeps its place and its word: the part behind the head office's legal form, or the
  // bracket that says it.
  void find_branch() {
    const std::u32string_view word = branch_word(units_);
    if (word.empty()) return;
    result_.is_branch = true;
    const std::size_t size = units_.size();
    if (const int bracket = units_.back().bracket; bracket != 0) {
      tail_ = 0;
      while (tail_ < size && units_[size - 1 - tail_].bracket == bracket) ++tail_;
    } else {
      // 华为技术有限公司|上海分公司: the last 公司 before the branch's own word.
      for (std::size_t end = size - word.size(); end >= 3; --end) {
        if (units_[end - 1].c == U'司' && units_[end - 2].c == U'公') {
          tail_ = size - end;
          break;
        }
      }
    }
    if (tail_ == size) tail_ = 0;
  }

  // Repeats until nothing strips; never strips everything.
  void strip_legal_forms() {
    if (result_.is_branch && tail_ == 0) return;
    while (true) {
      std::size_t end = units_.size() - tail_;
      // 华为技术有限公司(深圳): the form stands before the bracket.
      std::size_t length = legal_form(units_, end);
      while (length == 0 && end > 0 && units_[end - 1].bracket != 0) {
        const int bracket = units_[end - 1].bracket;
        while (end > 0 && units_[end - 1].bracket == bracket) --end;
        length = legal_form(units_, end);
      }
      if (length == 0 || length >= end) return;
      note(NamePart::LegalForm, end - length, end);
      erase(units_, end - length, end);
    }
  }

  void cut_brackets() {
    for (std::size_t begin = 0; begin + tail_ < units_.size();) {
      const int bracket = units_[begin].bracket;
      if (bracket == 0) {
        ++begin;
        continue;
      }
      std::size_t end = begin;
      while (end + tail_ < units_.size() && units_[end].bracket == bracket) ++end;
      const bool whole_name = begin == 0 && end + tail_ == units_.size();
      if (whole_name) return;
      note(NamePart::Bracket, begin, end);
      erase(units_, begin, end);
    }
  }

  void strip_regions() {
    while (true) {
      const std::u32string name = characters(units_);
      const std::u32string_view head(name.data(), name.size() - tail_);
      const std::size_t length = leading_region(head);
      const std::u32string_view rest = head.substr(length);
      if (length == 0 || rest.size() < 2 || is_only_trades(rest)) return;
      // 上海分公司 says nothing without its place.
      if (tail_ == 0 && result_.is_branch && rest.size() <= branch_word(units_).size()) return;
      note(NamePart::Region, 0, length);
      erase(units_, 0, length);
    }
  }

  static std::size_t leading_region(std::u32string_view name) {
    if (name.starts_with(U"中国")) return 2;
    return longest_region_name(name);
  }
  static bool is_only_trades(std::u32string_view text);

  Units units_;
  std::size_t tail_ = 0;  // units at the end that belong to the branch
  CompanyName result_;
};

bool Analysis::is_only_trades(std::u32string_view text) {
  static const std::unordered_set<std::u32string_view> trades(std::begin(kTrades),
                                                              std::end(kTrades));
  constexpr std::size_t kLongest = 6;
  constexpr std::size_t kMost = 24;
  if (text.size() > kMost) return false;
  bool reached[kMost + 1] = {true};
  for (std::size_t end = 1; end <= text.size(); ++end) {
    for (std::size_t length = 1; length <= std::min(end, kLongest) && !reached[end]; ++length) {
      reached[end] = reached[end - length] && trades.contains(text.substr(end - length, length));
    }
  }
  return reached[text.size()];
}

}  // namespace

CompanyName explain_company_name(std::string_view name) {
  return Analysis(name).take();
}
CompanyKeys company_keys(std::string_view name) {
  return explain_company_name(name).keys;
}
bool is_branch(std::string_view name) {
  return explain_company_name(name).is_branch;
}

std::string masked_name(std::string_view name) {
  const std::u32string text = to_utf32(name);
  const auto blank = [](char32_t c) { return c <= 0x20 || c == 0x3000 || c == 0xA0; };
  const auto begin = std::find_if_not(text.begin(), text.end(), blank);
  auto end = text.end();
  while (end != begin && blank(*(end - 1))) --end;
  if (begin == end) return {};
  std::string out;
  append_utf8(out, *begin);
  out += "＊＊＊＊";
  if (end - begin > 2) append_utf8(out, *(end - 1));
  return out;
}

}  // namespace kehai::text
