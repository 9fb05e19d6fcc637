// The query options that are made of expressions: $orderby, $select, $expand, $apply.
#include <optional>

#include "query/parser.h"
#include "query/parser_internal.h"

namespace kehai::query {
namespace {

std::optional<AggregateFunction> aggregate_function(std::string_view name) {
  if (name == "sum") return AggregateFunction::Sum;
  if (name == "average") return AggregateFunction::Average;
  if (name == "min") return AggregateFunction::Minimum;
  if (name == "max") return AggregateFunction::Maximum;
  if (name == "countdistinct") return AggregateFunction::CountDistinct;
  return std::nullopt;
}

template <typename Result>
Result parse_whole(std::string_view text, Result (Parser::*rule)()) {
  Parser parser(text);
  Result result = (parser.*rule)();
  parser.require_end();
  return result;
}

}  // namespace

std::vector<OrderItem> Parser::order() {
  std::vector<OrderItem> items;
  do {
    OrderItem item{expression(), false};
    if (accept_name("desc")) {
      item.descending = true;
    } else {
      accept_name("asc");
    }
    items.push_back(std::move(item));
  } while (accept_symbol(','));
  return items;
}

std::vector<std::string> Parser::path(std::string_view expected) {
  std::vector<std::string> result;
  do {
    result.push_back(expect_identifier(expected));
    if (result.size() > 16) throw_syntax(token_.position, "a shorter path");
  } while (accept_symbol('/'));
  count_nodes(1);
  return result;
}

std::vector<SelectItem> Parser::select() {
  std::vector<SelectItem> items;
  do {
    SelectItem item{{}, token_.position};
    item.path = accept_symbol('*') ? std::vector<std::string>{"*"} : path("a field");
    items.push_back(std::move(item));
  } while (accept_symbol(','));
  return items;
}

std::vector<ExpandItem> Parser::expand(int depth) {
  if (depth > kMaximumExpandDepth) throw_too_complex("expand");
  std::vector<ExpandItem> items;
  do {
    items.push_back(expand_item(depth));
  } while (accept_symbol(','));
  return items;
}

ExpandItem Parser::expand_item(int depth) {
  if (at_symbol('*')) throw_not_supported("$expand=*");
  ExpandItem item;
  item.position = token_.position;
  item.navigation = expect_identifier("a navigation property");
  count_nodes(4);
  if (at_symbol('/')) throw_not_supported("$expand with a path");
  if (!accept_symbol('(')) return item;
  do {
    expand_option(item, depth);
  } while (accept_symbol(';'));
  expect_symbol(')');
  return item;
}

void Parser::expand_option(ExpandItem& item, int depth) {
  if (token_.kind != TokenKind::Name) throw_syntax(token_.position, "a query option");
  std::string_view name = token_.text;
  const std::size_t position = token_.position;
  if (name[0] == '$') name.remove_prefix(1);
  advance();
  expect_symbol('=');
  if (name == "select" && item.select.empty()) {
    item.select = select();
  } else if (name == "filter" && !item.filter) {
    item.filter = expression();
  } else if (name == "orderby" && item.order.empty()) {
    item.order = order();
  } else if (name == "top" && item.top < 0) {
    item.top = expect_integer();
  } else if (name == "expand" && item.expand.empty()) {
    item.expand = expand(depth + 1);
  } else if (name == "count" && !item.count) {
    item.count = at_name("true");
    if (!accept_name("true") && !accept_name("false"))
      throw_syntax(token_.position, "true or false");
  } else if (name == "skip" || name == "search" || name == "levels" || name == "compute" ||
             name == "apply") {
    throw_not_supported("$" + std::string(name) + " inside $expand");
  } else {
    throw_syntax(position, "each query option once");
  }
}

Apply Parser::apply() {
  Apply result;
  // 1 filter, 2 compute, 3 groupby or aggregate.
  int stage = 0;
  do {
    const std::size_t position = token_.position;
    const std::string name = expect_identifier("filter, compute, groupby or aggregate");
    const int next = name == "filter"                           ? 1
                     : name == "compute"                        ? 2
                     : name == "groupby" || name == "aggregate" ? 3
                                                                : 0;
    if (next == 0) throw_not_supported(name);
    if (next <= stage) throw_not_supported("$apply: " + name + " after a later step");
    stage = next;
    expect_symbol('(');
    if (name == "filter") result.filter = expression();
    if (name == "compute") result.compute = named_items(true);
    if (name == "groupby") groupby(result);
    if (name == "aggregate") result.aggregates = aggregates();
    expect_symbol(')');
    if (token_.kind == TokenKind::End && stage < 3)
      throw_syntax(position, "groupby or aggregate at the end");
  } while (accept_symbol('/'));
  return result;
}

std::vector<NamedItem> Parser::named_items(bool name_required) {
  std::vector<NamedItem> items;
  do {
    const std::size_t begin = token_.position;
    NamedItem item{expression(), {}, begin};
    if (accept_name("as")) {
      item.position = token_.position;
      item.name = expect_identifier("a name");
    } else if (name_required) {
      throw_syntax(token_.position, "as");
    }
    items.push_back(std::move(item));
  } while (accept_symbol(','));
  return items;
}

void Parser::groupby(Apply& result) {
  result.grouped = true;
  expect_symbol('(');
  result.keys = named_items(false);
  expect_symbol(')');
  if (!accept_symbol(',')) return;
  if (!accept_name("aggregate"))
    throw_not_supported("$apply: groupby with another step than aggregate");
  expect_symbol('(');
  result.aggregates = aggregates();
  expect_symbol(')');
}

std::vector<AggregateItem> Parser::aggregates() {
  std::vector<AggregateItem> items;
  do {
    items.push_back(aggregate_item());
  } while (accept_symbol(','));
  return items;
}

AggregateItem Parser::aggregate_item() {
  AggregateItem item;
  if (accept_name("$count")) {
    count_nodes(4);
  } else {
    item.expression = expression();
    if (!accept_name("with")) throw_syntax(token_.position, "with");
    if (token_.kind != TokenKind::Name)
      throw_syntax(token_.position, "sum, average, min, max or countdistinct");
    const auto function = aggregate_function(token_.text);
    if (!function) throw_not_supported(token_.text);
    item.function = *function;
    advance();
  }
  if (!accept_name("as")) throw_syntax(token_.position, "as");
  item.position = token_.position;
  item.name = expect_identifier("a name");
  return item;
}

std::vector<OrderItem> parse_order(std::string_view text) {
  return parse_whole(text, &Parser::order);
}
std::vector<SelectItem> parse_select(std::string_view text) {
  return parse_whole(text, &Parser::select);
}
Apply parse_apply(std::string_view text) {
  return parse_whole(text, &Parser::apply);
}

std::vector<ExpandItem> parse_expand(std::string_view text) {
  Parser parser(text);
  std::vector<ExpandItem> result = parser.expand(1);
  parser.require_end();
  return result;
}

}  // namespace kehai::query
