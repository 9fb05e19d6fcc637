// Keys by which two spellings of one company name meet, and how alike two names are.
//
// Pure functions, safe from any thread; about a microsecond per name. The displayed name is never
// altered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kehai::text {

// exact: width, case, script, spaces and punctuation do not matter. Equal = the same name.
// norm:  the legal form is gone as well (有限公司 or 有限责任公司). Equal = probably the same
// company. core:  bracketed additions and regions are gone as well. Equal = worth a look, no more:
// 上海华东电子 and
//        北京华东电子 are two companies.
// A key is empty only when the name is.
struct CompanyKeys {
  std::string key_exact;
  std::string key_norm;
  std::string key_core;
  friend bool operator==(const CompanyKeys&, const CompanyKeys&) = default;
};
CompanyKeys company_keys(std::string_view name);

enum class NamePart { LegalForm, Bracket, Region, Branch };
struct NameStep {
  NamePart part;
  std::string text;  // folded, e.g. "有限公司"; for Branch what was kept, e.g. "上海分公司"
};
struct CompanyName {
  CompanyKeys keys;
  // A branch (分公司, 办事处 …) is a child of its head office, not a duplicate of it.
  bool is_branch = false;
  std::string head_norm;  // key_norm of the head office; empty when it cannot be told apart
  std::vector<NameStep>
      steps;  // what the keys leave out, in the order in which it went: the evidence
};
CompanyName explain_company_name(std::string_view name);
bool is_branch(std::string_view name);

// "杭＊＊＊＊司": the first and last character; of one or two characters only the first.
std::string masked_name(std::string_view name);

// Likeness of two key_core values in basis points (10000 = equal): the best of edit distance,
// shared character pairs, one being the beginning of the other (9000) and equal pinyin without
// tones (8800).
constexpr int kSimilarEnough = 7500;
int name_similarity(std::string_view core_a, std::string_view core_b);

// The same against many candidates: what depends on the first name only is computed once.
class NameMatcher {
 public:
  explicit NameMatcher(std::string_view core);
  int score(std::string_view other_core) const;

 private:
  std::u32string core_;
  std::vector<std::uint64_t> pairs_;  // sorted character pairs
  std::string pinyin_;
};

}  // namespace kehai::text
