#include <algorithm>
#include <cstdint>

#include "base/text/fold.h"
#include "base/text/phone.h"
#include "base/text/pinyin.h"
#include "base/text/segments.h"
#include "base/text/tokens.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

constexpr std::size_t kMaxWord = 40;  // characters of one word that count
constexpr std::size_t kMaxReadings =
    4;  // readings per character that are paired with the neighbour's

class Indexer {
 public:
  explicit Indexer(FieldClass field) : field_(field) { tokens_.reserve(64); }

  void add_text(std::string_view text) {
    const bool is_text = field_.kind == TokenKind::Text;
    text = take_code_points(text, is_text ? kMaxIndexedText : kMaxIndexedName);
    std::u32string folded = fold_code_points(text);
    strip_diacritics(folded);
    const std::vector<Run> runs = cut_runs(folded);
    std::u32string joined;  // neighbouring runs of Han belong together in names: 华为·技术
    for (const Run& run : runs) {
      const std::u32string_view part = std::u32string_view(folded).substr(run.begin, run.size);
      if (run.kind == RunKind::Grams) {
        if (!is_text && run.adjoins) {
          joined += without_legal_forms(part, false);
          continue;
        }
        add_grams(joined);
        joined = is_text ? std::u32string(part) : without_legal_forms(part, false);
        continue;
      }
      add_grams(joined);
      joined.clear();
      add_word(run.kind, part);
    }
    add_grams(joined);
    if (field_.kind == TokenKind::Name) add_readings(text);
  }

  void add_phone(std::string_view text) {
    for (const std::string& part : split_phones(text)) {
      const PhoneDigits digits = phone_digits(part);
      if (digits.national.empty()) continue;
      add_number(digits.national);
      for (const std::string& tail : digits.tails) add('t', tail);
    }
  }

  std::vector<std::string> take() {
    // Comparing eight bytes at once makes the sort three times as fast as comparing strings.
    struct Entry {
      std::uint64_t head;
      std::size_t index;
    };
    std::vector<Entry> order;
    order.reserve(tokens_.size());
    for (std::size_t i = 0; i < tokens_.size(); ++i) order.push_back({head_of(tokens_[i]), i});
    std::sort(order.begin(), order.end(), [&](const Entry& a, const Entry& b) {
      return a.head != b.head ? a.head < b.head : tokens_[a.index] < tokens_[b.index];
    });
    std::vector<std::string> out;
    out.reserve(order.size());
    for (const Entry& entry : order) {
      std::string& token = tokens_[entry.index];
      if (out.empty() || out.back() != token) out.push_back(std::move(token));
    }
    return out;
  }

 private:
  static std::uint64_t head_of(const std::string& token) {
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      head = head << 8 | (i < token.size() ? static_cast<unsigned char>(token[i]) : 0u);
    }
    return head;
  }
  void add(char kind, std::string_view rest, std::string_view more = {}) {
    std::string& token = tokens_.emplace_back();
    token.reserve(2 + rest.size() + more.size());
    token += field_.letter;
    token += kind;
    token += rest;
    token += more;
  }
  void add_characters(char kind, std::u32string_view characters) {
    std::string rest;
    for (const char32_t c : characters) append_base36(rest, c);
    add(kind, rest);
  }

  void add_plain_grams(std::u32string_view run) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      add_characters('u', run.substr(i, 1));
      if (i + 1 < run.size()) add_characters('b', run.substr(i, 2));
    }
  }
  void add_grams(std::u32string_view run) {
    add_plain_grams(run);
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (const Term* term = term_at(run, i)) add_plain_grams(term->canonical);
    }
  }

  void add_number(std::string_view digits) {
    add('d', digits);
    for (std::size_t length = kShortestHead; length <= kLongestHead; ++length) {
      if (digits.size() > length) add('h', digits.substr(0, length));
    }
  }

  void add_word(RunKind kind, std::u32string_view part) {
    part = part.substr(0, kMaxWord);
    if (kind == RunKind::OtherWord) {
      add_characters('o', part);
      return;
    }
    const std::string word = to_utf8(part);
    if (kind == RunKind::Number) {
      add_number(word);
    } else {
      add('w', word);
    }
    if (field_.kind != TokenKind::Code) return;
    for (std::size_t length = 8; length >= 4; --length) {
      if (word.size() > length) add('t', std::string_view(word).substr(word.size() - length));
    }
  }

  // All readings of each character, unless the word around it decides.
  void add_readings(std::string_view text) {
    std::u32string simple = normalize_code_points(text);
    simplify(simple, KeptWords::Keep);
    std::u32string joined;
    for (const Run& run : cut_runs(simple)) {
      const std::u32string_view part = std::u32string_view(simple).substr(run.begin, run.size);
      if (run.kind != RunKind::Grams || !run.adjoins) {
        add_reading_run(joined);
        joined.clear();
      }
      if (run.kind == RunKind::Grams) joined += without_legal_forms(part, false);
    }
    add_reading_run(joined);
  }

  void add_reading_run(std::u32string_view run) {
    const std::vector<ReadCharacter> decided = read(run, NameKind::Text);
    std::vector<std::vector<std::string_view>> all(run.size());
    for (std::size_t i = 0; i < run.size(); ++i) {
      const auto keep = [&](Reading reading) {
        const std::string_view s = syllable(reading);
        if (std::find(all[i].begin(), all[i].end(), s) == all[i].end()) all[i].push_back(s);
      };
      if (decided[i].reading == kNoReading) continue;
      keep(decided[i].reading);
      if (!decided[i].from_word) std::ranges::for_each(readings_of(run[i]), keep);
      for (const std::string_view s : all[i]) add('y', s);
      if (all[i].size() > kMaxReadings) all[i].resize(kMaxReadings);
    }
    for (std::size_t i = 0; i + 1 < run.size(); ++i) {
      for (const std::string_view a : all[i]) {
        for (const std::string_view b : all[i + 1]) {
          char pair[14];
          std::size_t length = a.copy(pair, 6);
          pair[length++] = '0';
          length += b.copy(pair + length, 6);
          add('z', {pair, length});
        }
      }
    }
    add_initials(all);
  }

  void add_initials(const std::vector<std::vector<std::string_view>>& all) {
    std::vector<std::string> letters(all.size());  // the distinct initials of each character
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const std::string_view s : all[i]) {
        if (letters[i].find(s[0]) == std::string::npos) letters[i] += s[0];
      }
    }
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      for (const char a : letters[i]) {
        for (const char b : letters[i + 1]) {
          const char triple[3] = {a, b, 0};
          add('i', {triple, 2});
          if (i + 2 >= all.size()) continue;
          for (const char c : letters[i + 2]) add('i', {triple, 2}, {&c, 1});
        }
      }
    }
  }

  FieldClass field_;
  std::vector<std::string> tokens_;
};

}  // namespace

TokenKind token_kind(char field_class) {
  switch (field_class) {
    case 'n':
      return TokenKind::Name;
    case 'p':
      return TokenKind::Phone;
    case 'e':
      return TokenKind::Email;
    case 'c':
      return TokenKind::Code;
    default:
      return TokenKind::Text;
  }
}

std::vector<std::string> index_tokens(std::string_view text, char field_class) {
  return index_tokens(text, FieldClass{field_class, token_kind(field_class)});
}

std::vector<std::string> index_tokens(std::string_view text, FieldClass field_class) {
  Indexer indexer(field_class);
  if (field_class.kind == TokenKind::Phone)
    indexer.add_phone(text);
  else
    indexer.add_text(text);
  return indexer.take();
}

}  // namespace kehai::text
