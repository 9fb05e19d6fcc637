// The query options of one request, parsed but not yet checked against an object.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/ast.h"

namespace kehai::query {

inline constexpr std::int64_t kMaximumSkip = 10000;

struct QueryOptions {
  NodePtr filter;
  std::vector<OrderItem> order;
  std::vector<SelectItem> select;  // empty = all
  std::vector<ExpandItem> expand;
  std::optional<Apply> apply;
  std::optional<std::string> search;  // raw text
  std::optional<std::int64_t> top;    // >= 0
  std::int64_t skip = 0;
  bool count = false;          // $count=true: exact
  bool count_bounded = false;  // count=bounded
  std::string skiptoken;
  std::string format;
  std::map<std::string, NodePtr> aliases;  // request-defined @name, without '@'
};

// `parameters` are decoded name-value pairs of the query string. Names work with and without "$".
// Names that are not query options (no "$", no "@", not one of the words) are left to the caller:
// they are returned in `others`, or refused with "query.unknown_option" when `others` is null.
// Throws as the parser does, and Invalid "query.unknown_option" / "query.bad_option" /
// "query.reserved_alias" {name}.
QueryOptions parse_options(const std::vector<std::pair<std::string, std::string>>& parameters,
                           std::vector<std::pair<std::string, std::string>>* others = nullptr);

// me, my_department, my_departments, today, now.
bool is_reserved_alias(std::string_view name);

}  // namespace kehai::query
