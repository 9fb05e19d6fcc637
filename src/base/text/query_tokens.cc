#include <algorithm>
#include <functional>
#include <iterator>

#include "base/text/fold.h"
#include "base/text/phone.h"
#include "base/text/segments.h"
#include "base/text/tokens.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

constexpr std::size_t kMaxQueryText = 200;  // code points of a query that count
constexpr std::size_t kMaxInitials = 12;
constexpr std::size_t kLongestTail = 8;
constexpr std::size_t kShortestTail = 4;
// An index reads a whole token from its newest record on and stops when it has enough; of a prefix
// it first gathers every record.
constexpr std::size_t kMostEndings = 12;

QueryTerm term(char kind, std::string_view rest, bool prefix = false) {
  return {std::string(1, kind) + std::string(rest), prefix};
}
QueryTerm term(char kind, std::u32string_view characters, bool prefix = false) {
  QueryTerm out{std::string(1, kind), prefix};
  for (const char32_t c : characters) append_base36(out.token, c);
  return out;
}

QueryAlternative grams(std::u32string_view run) {
  QueryAlternative out;
  if (run.size() == 1) out.push_back(term('u', run));
  for (std::size_t i = 0; i + 1 < run.size(); ++i) {
    QueryTerm pair = term('b', run.substr(i, 2));
    if (std::find(out.begin(), out.end(), pair) == out.end()) out.push_back(std::move(pair));
  }
  return out;
}

QueryGroup gram_group(std::u32string_view run) {
  QueryGroup group;
  const std::u32string kept = without_legal_forms(run, true);
  group.any.push_back(grams(kept));
  std::u32string canonical;
  for (std::size_t i = 0; i < kept.size();) {
    if (const Term* found = term_at(kept, i)) {
      canonical += found->canonical;
      i += found->written.size();
    } else {
      canonical += kept[i++];
    }
  }
  if (canonical != kept) group.any.push_back(grams(canonical));
  return group;
}

// The last syllable may be unfinished: the few that it can become by name, many as a prefix.
std::vector<QueryTerm> last_syllables(char kind, const std::string& before,
                                      const std::string& letters) {
  const auto endings = syllables_beginning(letters);
  if (endings.empty() || endings.size() > kMostEndings) return {term(kind, before + letters, true)};
  std::vector<QueryTerm> out;
  for (const std::string_view ending : endings)
    out.push_back(term(kind, before + std::string(ending)));
  return out;
}

// Letters may be the beginning of a word, pinyin, or initials.
QueryGroup word_group(const std::string& word) {
  QueryGroup group;
  group.any.push_back({term('w', word, true)});
  if (!std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
    return group;
  for (const std::vector<std::string>& way : split_syllables(word)) {
    QueryAlternative pairs;
    for (std::size_t i = 0; i + 2 < way.size(); ++i)
      pairs.push_back(term('z', way[i] + '0' + way[i + 1]));
    const bool single = way.size() == 1;
    for (QueryTerm& last :
         last_syllables(single ? 'y' : 'z', single ? "" : way[way.size() - 2] + '0', way.back())) {
      group.any.push_back(pairs);
      group.any.back().push_back(std::move(last));
    }
  }
  // No syllable begins with i, u or v.
  const bool can_be_initials = word.size() >= 2 && word.size() <= kMaxInitials &&
                               word.find_first_of("iuv") == std::string::npos;
  if (can_be_initials) {
    QueryAlternative alternative;
    if (word.size() == 2) alternative.push_back(term('i', word));
    for (std::size_t i = 0; i + 2 < word.size(); ++i)
      alternative.push_back(term('i', word.substr(i, 3)));
    group.any.push_back(std::move(alternative));
  }
  return group;
}

// Any number that begins with these digits.
void add_numbers_beginning(QueryGroup& group, const std::string& digits) {
  const bool is_head = digits.size() >= kShortestHead && digits.size() <= kLongestHead;
  group.any.push_back({term('d', digits, !is_head)});
  if (is_head) group.any.push_back({term('h', digits)});
}

QueryGroup number_group(const std::string& digits) {
  QueryGroup group;
  add_numbers_beginning(group, digits);
  group.any.push_back({term('w', digits, true)});
  if (digits.size() >= kShortestTail) {
    const std::size_t tail = std::min(digits.size(), kLongestTail);
    group.any.push_back({term('t', digits.substr(digits.size() - tail))});
  }
  return group;
}

// A query of digits and the marks that people put between them is one number, if it can be one.
bool is_phone_like(std::u32string_view text) {
  std::size_t digits = 0;
  std::size_t runs = 0;
  bool inside = false;
  for (const char32_t c : text) {
    if (is_digit(c)) {
      ++digits;
      if (!inside) ++runs;
      inside = true;
    } else if (c == ' ' || c == '-' || c == '(' || c == ')' || c == '+' || c == '.') {
      inside = false;
    } else {
      return false;
    }
  }
  return digits >= 5 && (runs > 1 || text[0] == '+' || digits > 11);
}

QueryGroup phone_group(std::u32string_view folded) {
  const std::string text = to_utf8(folded);
  QueryGroup group = number_group(phone_query_digits(text));
  const Phone phone = normalize_phone(text);
  if (phone.identifies()) {
    group.any.push_back({term('d', phone_digits(text).national, true)});
    return group;
  }
  QueryAlternative
      separate;  // 2026-0007 in a record number is two numbers, the first of them whole
  const std::vector<Run> runs = cut_runs(folded);
  for (const Run& run : runs) {
    const bool is_last = &run == &runs.back();
    separate.push_back(term('d', to_utf8(folded.substr(run.begin, run.size)), is_last));
  }
  group.any.push_back(std::move(separate));
  return group;
}

bool may_hold(TokenKind kind, char token) {
  switch (kind) {
    case TokenKind::Name:
      return token != 't';
    case TokenKind::Text:
      return token == 'u' || token == 'b' || token == 'w' || token == 'o' || token == 'd' ||
             token == 'h';
    case TokenKind::Phone:
      return token == 'd' || token == 'h' || token == 't';
    case TokenKind::Email:
    case TokenKind::Code:
      return token != 'y' && token != 'z' && token != 'i';
  }
  return false;
}

struct Spelling {
  std::string_view all;
  std::string_view any;
  std::string_view prefix;
};

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  if (parts.size() == 1) return parts[0];
  std::string out = "(";
  for (const std::string& part : parts) {
    if (out.size() > 1) out += between;
    out += part;
  }
  return out += ')';
}

// Parts that cannot match in these classes drop out; "" when nothing can.
std::string spell(const QueryTokens& query, std::span<const FieldClass> classes,
                  const Spelling& spelling) {
  std::vector<std::string> groups;
  for (const QueryGroup& group : query.all) {
    std::vector<std::string> alternatives;
    for (const QueryAlternative& alternative : group.any) {
      std::vector<std::string> terms;
      for (const QueryTerm& part : alternative) {
        std::vector<std::string> choices;
        for (const FieldClass& field : classes) {
          if (!may_hold(field.kind, part.token[0])) continue;
          choices.push_back(field.letter + part.token +
                            std::string(part.prefix ? spelling.prefix : ""));
        }
        if (!choices.empty()) terms.push_back(join(choices, spelling.any));
      }
      if (!terms.empty() && terms.size() == alternative.size()) {
        alternatives.push_back(join(terms, spelling.all));
      }
    }
    if (alternatives.empty()) return {};
    groups.push_back(join(alternatives, spelling.any));
  }
  return groups.empty() ? std::string() : join(groups, spelling.all);
}

bool holds(std::span<const std::string> sorted, const std::string& token, bool prefix) {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), token);
  return found != sorted.end() && (prefix ? found->starts_with(token) : *found == token);
}

}  // namespace

QueryTokens query_tokens(std::string_view query) {
  QueryTokens out;
  std::u32string folded = fold_code_points(take_code_points(query, kMaxQueryText));
  strip_diacritics(folded);
  if (folded.empty()) return out;
  if (is_phone_like(folded)) {
    out.all.push_back(phone_group(folded));
    return out;
  }
  for (const Run& run : cut_runs(folded)) {
    if (out.all.size() == kMaxQueryGroups) break;
    const std::u32string_view part = std::u32string_view(folded).substr(run.begin, run.size);
    switch (run.kind) {
      case RunKind::Grams:
        out.all.push_back(gram_group(part));
        break;
      case RunKind::Word:
        out.all.push_back(word_group(to_utf8(part)));
        break;
      case RunKind::Number:
        out.all.push_back(number_group(to_utf8(part)));
        break;
      case RunKind::OtherWord:
        out.all.push_back({{{term('o', part, true)}}});
        break;
    }
  }
  return out;
}

std::string fts5_match(const QueryTokens& query, std::span<const FieldClass> classes) {
  return spell(query, classes, {" AND ", " OR ", "*"});
}
std::string tsquery_text(const QueryTokens& query, std::span<const FieldClass> classes) {
  return spell(query, classes, {" & ", " | ", ":*"});
}

bool matches(const QueryTokens& query, std::span<const FieldClass> classes,
             std::span<const std::string> sorted_tokens) {
  const auto term_holds = [&](const QueryTerm& part) {
    return std::ranges::any_of(classes, [&](const FieldClass& field) {
      return may_hold(field.kind, part.token[0]) &&
             holds(sorted_tokens, field.letter + part.token, part.prefix);
    });
  };
  const auto alternative_holds = [&](const QueryAlternative& alternative) {
    return !alternative.empty() && std::ranges::all_of(alternative, term_holds);
  };
  return !query.empty() && std::ranges::all_of(query.all, [&](const QueryGroup& group) {
    return std::ranges::any_of(group.any, alternative_holds);
  });
}

}  // namespace kehai::text
