// Search tokens: what the index stores for a text and what a query asks the index for. One family
// of functions makes both, so that they meet. Pure, safe from any thread; a few microseconds per
// name.
//
// A token is [a-z0-9]+ in ASCII: FTS5's unicode61 and ascii tokenizers keep it whole, PostgreSQL
// takes it as an array element or a lexeme as it is. Its first letter is the class of the field it
// comes from, so that a query can be limited to classes that the caller may read; the second is the
// kind of token:
//   u one character, b two neighbours (Han, kana, hangul)   w word (Latin, may hold digits)   o
//   other word d number   h first 3 and 4 digits of a longer number   t last 4–8 digits of a number
//   y pinyin syllable   z two neighbouring syllables   i initials of two or three neighbouring
//   characters
// Characters beyond ASCII are written in base 36. Legal forms (有限公司) are left out of names.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kehai::text {

// Heads of numbers that are tokens of their own: of a prefix an index first gathers every record,
// and many numbers begin with the same few digits.
constexpr std::size_t kShortestHead = 3;
constexpr std::size_t kLongestHead = 4;

// How a field is cut into tokens.
enum class TokenKind {
  Name,   // companies, persons, products, titles: everything, with pinyin and initials
  Text,   // remarks, addresses: characters, words and numbers
  Phone,  // numbers and their tails
  Email,  // words of the address
  Code,   // record numbers, registration numbers: words and tails
};

// A class of fields as the index knows it: any letter a–z.
struct FieldClass {
  char letter;
  TokenKind kind;
};
// The usual classes: n Name, t Text, p Phone, e Email, c Code; any other letter is Text.
TokenKind token_kind(char field_class);

// Of a Text field the first kMaxIndexedText code points are indexed, of other fields the first
// kMaxIndexedName.
constexpr std::size_t kMaxIndexedText = 4000;
constexpr std::size_t kMaxIndexedName = 200;

// Distinct tokens in ascending order.
std::vector<std::string> index_tokens(std::string_view text, char field_class);
std::vector<std::string> index_tokens(std::string_view text, FieldClass field_class);

// What a query asks for: every group must match; a group matches when one of its alternatives does;
// an alternative when all of its terms do. Terms have no class letter yet.
struct QueryTerm {
  std::string token;    // kind letter and rest
  bool prefix = false;  // any token that begins so
  friend bool operator==(const QueryTerm&, const QueryTerm&) = default;
};
using QueryAlternative = std::vector<QueryTerm>;
struct QueryGroup {
  std::vector<QueryAlternative> any;
};
struct QueryTokens {
  std::vector<QueryGroup> all;
  bool empty() const { return all.empty(); }
};
// Beyond this many groups a query is cut.
constexpr std::size_t kMaxQueryGroups = 12;
QueryTokens query_tokens(std::string_view query);

// The query as a MATCH expression of FTS5 or as text for to_tsquery('simple', …), limited to
// `classes`. Empty when nothing in these classes can match.
std::string fts5_match(const QueryTokens& query, std::span<const FieldClass> classes);
std::string tsquery_text(const QueryTokens& query, std::span<const FieldClass> classes);
// The same decision on a sorted list of index tokens; for tests and for records that are not
// indexed yet.
bool matches(const QueryTokens& query, std::span<const FieldClass> classes,
             std::span<const std::string> sorted_tokens);

}  // namespace kehai::text
