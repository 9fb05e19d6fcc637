#include "platform/transfer/mapping_guess.h"

#include <algorithm>
#include <set>

#include "base/random.h"
#include "base/text/fold.h"
#include "base/text/utf8.h"
#include "platform/transfer/column_words.h"
#include "platform/transfer/import_plan.h"
#include "platform/transfer/import_types.h"

namespace kehai::platform {

using record::FieldDefinition;
using record::FieldType;

namespace {

constexpr int kSameLabel = 100;
constexpr int kSynonym = 90;
constexpr int kOtherFieldsWord = 80;
constexpr int kContains = 60;
constexpr int kEnough = 50;

struct Candidate {
  std::size_t column;
  std::string field;
  int score;
  bool several;
};

bool has_word(std::string_view words, const std::string& header) {
  std::size_t start = 0;
  while (start < words.size()) {
    const std::size_t end = std::min(words.find(' ', start), words.size());
    if (normal_header(words.substr(start, end - start)) == header) return true;
    start = end + 1;
  }
  return false;
}

// A longer header that ends in one of the words: "公司联系电话", "客户所属行业".
bool ends_in_word(std::string_view words, const std::string& header) {
  std::size_t start = 0;
  while (start < words.size()) {
    const std::size_t end = std::min(words.find(' ', start), words.size());
    const std::string word = normal_header(words.substr(start, end - start));
    constexpr std::size_t kTwoHan = 6;
    const bool han = !word.empty() && static_cast<unsigned char>(word[0]) >= 0x80;
    if (han && word.size() >= kTwoHan && header.size() > word.size() && header.ends_with(word))
      return true;
    start = end + 1;
  }
  return false;
}

int score_of(const record::ObjectDefinition& object, std::string_view field,
             const FieldDefinition* definition, const std::string& header) {
  if (definition != nullptr) {
    if (normal_header(definition->name) == header) return kSameLabel;
    for (const auto& label : definition->labels.texts) {
      if (normal_header(label) == header) return kSameLabel;
    }
    // "客户级别" for the account's field "级别".
    for (const auto& own : object.labels.texts) {
      for (const auto& label : definition->labels.texts) {
        if (normal_header(own + label) == header) return kSynonym;
      }
    }
    if (definition->is_reference() && normal_header(definition->navigation()) == header)
      return kSynonym;
  }
  int score = 0;
  for (const auto& words : kColumnWords) {
    if (words.field != field || (!words.object.empty() && words.object != object.name)) continue;
    const int found = words.object.empty() ? kOtherFieldsWord : kSynonym;
    if (has_word(words.words, header)) score = std::max(score, found);
    if (ends_in_word(words.words, header)) score = std::max(score, kContains);
  }
  return score;
}

// "手机" says mobile before it says phone, when both fields are there and both columns exist.
std::vector<Candidate> candidates(const record::ObjectDefinition& object,
                                  const std::vector<std::string>& headers,
                                  const std::function<bool(const FieldDefinition&)>& importable,
                                  bool update) {
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string header = normal_header(headers[i]);
    if (header.empty()) continue;
    for (const auto& field : object.fields) {
      if (field.name == "code" ? !update : !importable(field)) continue;
      const int score = score_of(object, field.name, &field, header);
      if (score >= kEnough) out.push_back({i, field.name, score, takes_several_columns(field)});
    }
    const int key = std::max(score_of(object, kExternalId, nullptr, header),
                             update ? 0 : score_of(object, "code", object.field("code"), header));
    if (key > 0) out.push_back({i, std::string(kExternalId), key, false});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  return out;
}

}  // namespace

std::string header_key(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += name + '\n';
  return base::sha256_hex(all);
}

std::string normal_header(std::string_view header) {
  const std::u32string folded = text::fold_code_points(header);
  std::string out;
  int depth = 0;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const char32_t c = folded[i];
    // A hint in brackets is no part of the name, unless the name is nothing else.
    if (i > 0 && (c == U'(' || c == U'[' || c == U'【' || c == U'〔')) ++depth;
    if (depth == 0 &&
        (text::is_han(c) || text::is_digit(c) || text::is_ascii_letter(c) || c >= 0x80) &&
        c != U'：' && c != U'、' && c != U'。') {
      text::append_utf8(out, c);
    }
    if (depth > 0 && (c == U')' || c == U']' || c == U'】' || c == U'〕')) --depth;
  }
  return out;
}

std::vector<ColumnGuess> guess_mapping(
    const record::ObjectDefinition& object, const std::vector<std::string>& headers,
    const std::function<bool(const FieldDefinition&)>& importable, bool update) {
  std::vector<ColumnGuess> guesses(headers.size());
  std::set<std::string> taken;
  for (const auto& candidate : candidates(object, headers, importable, update)) {
    auto& guess = guesses[candidate.column];
    if (!guess.field.empty()) continue;
    if (!taken.insert(candidate.field).second && !candidate.several) continue;
    guess = {candidate.field, candidate.score};
  }
  return guesses;
}

void guess_companion(const record::ObjectDefinition& companion, const FieldDefinition& link,
                     const std::vector<std::string>& headers,
                     const std::function<bool(const FieldDefinition&)>& importable,
                     std::vector<ColumnGuess>& guesses) {
  const auto own = guess_mapping(companion, headers, importable, false);
  std::vector<ColumnGuess> with = guesses;
  std::set<std::string> filled;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i].field.empty() || own[i].field == kExternalId ||
        own[i].confidence <= guesses[i].confidence)
      continue;
    with[i] = {companion.name + "." + own[i].field, own[i].confidence};
    filled.insert(own[i].field);
  }
  const bool complete =
      std::all_of(companion.fields.begin(), companion.fields.end(), [&](const auto& field) {
        return !field.required || field.system || &field == &link ||
               !field.default_value.is_null() || filled.contains(field.name);
      });
  if (complete && !filled.empty()) guesses = std::move(with);
}

}  // namespace kehai::platform
