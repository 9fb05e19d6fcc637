#include "query/options.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "query/lexer.h"
#include "query/parser.h"

namespace kehai::query {
namespace {

using base::Error;
using base::ErrorKind;

// OData's options that this service does not have.
constexpr std::array<std::string_view, 8> kForeignOptions = {
    "compute", "deltatoken", "id", "index", "levels", "schemaversion", "inlinecount", "query"};

[[noreturn]] void throw_bad_option(std::string_view name) {
  throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "$" + std::string(name)}});
}

std::int64_t parse_count(std::string_view name, std::string_view text, std::int64_t maximum) {
  std::int64_t value = 0;
  if (text.empty() || text.size() > 15) throw_bad_option(name);
  for (const char c : text) {
    if (c < '0' || c > '9') throw_bad_option(name);
    value = value * 10 + (c - '0');
  }
  if (value > maximum) throw_bad_option(name);
  return value;
}

void parse_alias(QueryOptions& options, const std::string& name, std::string_view text) {
  const std::string word = name.substr(1);
  if (is_reserved_alias(word)) {
    throw Error(ErrorKind::Invalid, "query.reserved_alias", {{"name", name}});
  }
  options.aliases[word] = parse_alias_value(text);
}

void parse_counting(QueryOptions& options, std::string_view text) {
  if (text == "bounded") {
    options.count_bounded = true;
  } else if (text == "true") {
    options.count = true;
  } else if (text != "false") {
    throw_bad_option("count");
  }
}

void check_plain_text(std::string_view name, std::string_view text) {
  if (text.size() > kMaximumLength) throw_too_complex("length");
  if (std::any_of(text.begin(), text.end(), [](char c) { return c == '\0'; }))
    throw_bad_option(name);
}

// False when the word is no query option.
bool parse_option(QueryOptions& options, std::string_view name, const std::string& text) {
  if (name == "filter") {
    options.filter = parse_expression(text);
  } else if (name == "orderby") {
    options.order = parse_order(text);
  } else if (name == "select") {
    options.select = parse_select(text);
  } else if (name == "expand") {
    options.expand = parse_expand(text);
  } else if (name == "apply") {
    options.apply = parse_apply(text);
  } else if (name == "search") {
    check_plain_text(name, text);
    options.search = text;
  } else if (name == "top") {
    options.top = parse_count(name, text, 1'000'000'000);
  } else if (name == "skip") {
    options.skip = parse_count(name, text, kMaximumSkip);
  } else if (name == "count") {
    parse_counting(options, text);
  } else if (name == "skiptoken") {
    check_plain_text(name, text);
    options.skiptoken = text;
  } else if (name == "format") {
    check_plain_text(name, text);
    options.format = text;
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool is_reserved_alias(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kReserved = {"me", "my_department",
                                                                "my_departments", "today", "now"};
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

QueryOptions parse_options(const std::vector<std::pair<std::string, std::string>>& parameters,
                           std::vector<std::pair<std::string, std::string>>* others) {
  QueryOptions options;
  std::set<std::string, std::less<>> seen;
  for (const auto& [name, text] : parameters) {
    if (name.starts_with('@')) {
      if (!seen.insert(name).second) {
        throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", name}});
      }
      parse_alias(options, name, text);
      continue;
    }
    const bool dollar = name.starts_with('$');
    const std::string word = dollar ? name.substr(1) : name;
    if (dollar &&
        std::find(kForeignOptions.begin(), kForeignOptions.end(), word) != kForeignOptions.end()) {
      throw_not_supported(name);
    }
    if (parse_option(options, word, text)) {
      if (!seen.insert(word).second) throw_bad_option(word);
    } else if (dollar || others == nullptr) {
      throw Error(ErrorKind::Invalid, "query.unknown_option", {{"name", name}});
    } else {
      others->emplace_back(name, text);
    }
  }
  return options;
}

}  // namespace kehai::query
