#include "db/statement_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/error.h"

namespace kehai::db {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

// The position after the comment or quoted part that begins at `at`; `at` itself when none begins
// there.
std::size_t skip_opaque(std::string_view sql, std::size_t at) {
  const char c = sql[at];
  if (c == '\'' || c == '"') {
    const std::size_t end = sql.find(c, at + 1);  // a doubled quote is simply two quoted parts
    return end == std::string_view::npos ? sql.size() : end + 1;
  }
  if (sql.substr(at, 2) == "--") {
    const std::size_t end = sql.find('\n', at);
    return end == std::string_view::npos ? sql.size() : end + 1;
  }
  if (sql.substr(at, 2) == "/*") {
    const std::size_t end = sql.find("*/", at + 2);
    return end == std::string_view::npos ? sql.size() : end + 2;
  }
  return at;
}

std::string first_word(std::string_view sql) {
  std::size_t at = 0;
  while (at < sql.size()) {
    if (is_space(sql[at]) || sql[at] == ';') {
      ++at;
      continue;
    }
    const std::size_t after = skip_opaque(sql, at);
    if (after == at) break;
    at = after;
  }
  std::string word;
  while (at < sql.size() && is_letter(sql[at])) word += lower(sql[at++]);
  return word;
}

// Length of the valid UTF-8 sequence that begins at `at` (not ASCII), 0 when it is not valid.
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
  const unsigned char lead = at[0];
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;   // overlong
    if (lead == 0xED) high = 0x9F;  // surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;  // above U+10FFFF
  }
  if (length == 0 || length > left || at[1] < low || at[1] > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (at[i] < 0x80 || at[i] > 0xBF) return 0;
  }
  return length;
}

}  // namespace

StatementFacts::Word StatementFacts::word(std::string_view name) {
  Word hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash == 0 ? 1 : hash;
}

// Names are lower case in this program, words of the language are upper case; quotes around names
// make no difference.
StatementFacts::StatementFacts(std::string_view sql) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::size_t at = 0;
  while (at < sql.size()) {
    const std::size_t after = sql[at] == '"' ? at : skip_opaque(sql, at);
    if (after != at) {
      at = after;
      continue;
    }
    std::size_t end = at;
    while (end < sql.size() && is_name(sql[end])) ++end;
    if (end > at) {
      words_.push_back(word(sql.substr(at, end - at)));
      if (words_.size() == 1) changed_table_ = words_[0];
    }
    at = end + (end == at ? 1 : 0);
  }
  const std::string first = first_word(sql);
  const auto has = [&](const char* word) { return sql.find(word) != std::string_view::npos; };
  reads_only_ = first == "select" ||
                (first == "with" && !has("INSERT ") && !has("UPDATE ") && !has("DELETE "));
  locks_rows_ = reads_only_ && has("FOR UPDATE");
  const bool tells = first == "insert" || first == "update" || first == "delete";
  if (!tells) changed_table_ = 0;
  std::sort(words_.begin(), words_.end());
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
}

bool StatementFacts::names(Word word) const {
  return std::binary_search(words_.begin(), words_.end(), word);
}

void refuse_transaction_control(std::string_view sql) {
  static constexpr std::array kWords = {"begin", "start",     "commit",  "end",     "rollback",
                                        "abort", "savepoint", "release", "prepare", "discard"};
  const std::string word = first_word(sql);
  for (const char* refused : kWords) {
    if (word == refused) {
      throw base::Error(base::ErrorKind::Internal, "database.transaction_control", {},
                        "only the storage port controls transactions: " + std::string(sql));
    }
  }
}

NumberedSql number_placeholders(std::string_view sql) {
  NumberedSql result;
  result.sql.reserve(sql.size() + 16);
  std::size_t at = 0;
  while (at < sql.size()) {
    const std::size_t after = skip_opaque(sql, at);
    if (after != at) {
      result.sql.append(sql.substr(at, after - at));
      at = after;
      continue;
    }
    if (sql[at] == '?') {
      result.sql += '$';
      result.sql += std::to_string(++result.parameter_count);
    } else {
      result.sql += sql[at];
    }
    ++at;
  }
  return result;
}

bool is_valid_text(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  std::size_t at = 0;
  while (at < size) {
    if (at + 8 <= size) {  // eight ASCII bytes without NUL at once
      std::uint64_t word = 0;
      std::memcpy(&word, bytes + at, sizeof word);
      const std::uint64_t zeros = (word - 0x0101010101010101ULL) & ~word;
      if (((word | zeros) & 0x8080808080808080ULL) == 0) {
        at += 8;
        continue;
      }
    }
    if (bytes[at] == 0) return false;
    if (bytes[at] < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = sequence_length(bytes + at, size - at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

void check_parameters(std::span<const base::Value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].is_text() && !is_valid_text(parameters[i].as_text())) {
      throw base::Error(base::ErrorKind::Invalid, "database.invalid_text", {},
                        "parameter " + std::to_string(i + 1) + " holds NUL or is not UTF-8");
    }
  }
}

}  // namespace kehai::db
