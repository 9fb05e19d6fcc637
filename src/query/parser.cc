#include "query/parser.h"

#include <algorithm>
#include <array>

#include "query/parser_internal.h"

namespace kehai::query {
namespace {

// OData's operators and functions that this language leaves out: they deserve an answer of their
// own.
constexpr std::array<std::string_view, 3> kForeignOperators = {"has", "divby", "matches"};

bool is_word(std::string_view text) {
  return text == "and" || text == "or" || text == "eq" || text == "ne" || text == "gt" ||
         text == "ge" || text == "lt" || text == "le" || text == "add" || text == "sub" ||
         text == "mul" || text == "div" || text == "mod" || text == "in";
}

}  // namespace

bool same(const NodePtr& a, const NodePtr& b) {
  if (a == b) return true;
  if (!a || !b) return false;
  return a->kind == b->kind && a->name == b->name && a->variable == b->variable &&
         a->path == b->path && a->literal == b->literal &&
         std::equal(a->children.begin(), a->children.end(), b->children.begin(), b->children.end(),
                    same);
}

// Bounds the parser's own recursion, which brackets deepen without making nodes.
class Parser::Nesting {
 public:
  explicit Nesting(Parser& parser) : parser_(parser) {
    if (++parser_.nesting_ > kMaximumDepth) throw_too_complex("depth");
  }
  ~Nesting() { --parser_.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  Parser& parser_;
};

bool Parser::at_symbol(char symbol) const {
  return token_.kind == TokenKind::Symbol && token_.text[0] == symbol;
}

bool Parser::accept_symbol(char symbol) {
  if (!at_symbol(symbol)) return false;
  advance();
  return true;
}

void Parser::expect_symbol(char symbol) {
  if (!accept_symbol(symbol)) throw_syntax(token_.position, std::string("'") + symbol + "'");
}

bool Parser::at_name(std::string_view name) const {
  return token_.kind == TokenKind::Name && token_.text == name;
}

bool Parser::accept_name(std::string_view name) {
  if (!at_name(name)) return false;
  advance();
  return true;
}

std::string Parser::expect_identifier(std::string_view expected) {
  if (token_.kind != TokenKind::Name || token_.text[0] == '$')
    throw_syntax(token_.position, expected);
  std::string name(token_.text);
  advance();
  return name;
}

std::int64_t Parser::expect_integer() {
  if (token_.kind != TokenKind::Literal || token_.literal.type.type != Type::Integer ||
      token_.literal.value.as_int() < 0) {
    throw_syntax(token_.position, "a number");
  }
  const std::int64_t value = token_.literal.value.as_int();
  advance();
  return value;
}

void Parser::require_end() {
  if (token_.kind != TokenKind::End) throw_syntax(token_.position, "an operator or the end");
}

void Parser::count_nodes(int quarters) {
  quarter_nodes_ += quarters;
  if (quarter_nodes_ > 4 * kMaximumNodes) throw_too_complex("nodes");
}

NodePtr Parser::finish(Node node) {
  for (const NodePtr& child : node.children) node.depth = std::max(node.depth, child->depth + 1);
  if (node.depth > kMaximumDepth) throw_too_complex("depth");
  count_nodes(4);
  return std::make_shared<const Node>(std::move(node));
}

// and, or: one node for a whole chain, so that long chains are not deep.
NodePtr Parser::logic(std::string_view name, Level next) {
  const std::size_t position = token_.position;
  NodePtr first = (this->*next)();
  if (!at_name(name)) return first;
  Node node(NodeKind::Logic, position, std::string(name));
  const auto append = [&](const NodePtr& operand) {
    if (operand->kind == NodeKind::Logic && operand->name == name) {
      node.children.insert(node.children.end(), operand->children.begin(), operand->children.end());
    } else {
      node.children.push_back(operand);
    }
  };
  append(first);
  while (accept_name(name)) append((this->*next)());
  return finish(std::move(node));
}

NodePtr Parser::binary(std::initializer_list<std::string_view> operators, Level next) {
  NodePtr left = (this->*next)();
  while (token_.kind == TokenKind::Name &&
         std::find(operators.begin(), operators.end(), token_.text) != operators.end()) {
    Node node(NodeKind::Binary, token_.position, std::string(token_.text));
    advance();
    node.children = {left, (this->*next)()};
    left = finish(std::move(node));
  }
  return left;
}

NodePtr Parser::expression() {
  const Nesting nesting(*this);
  return logic("or", &Parser::conjunction);
}
NodePtr Parser::conjunction() {
  return logic("and", &Parser::equality);
}
NodePtr Parser::equality() {
  return binary({"eq", "ne"}, &Parser::relation);
}
NodePtr Parser::relation() {
  return binary({"gt", "ge", "lt", "le"}, &Parser::sum);
}
NodePtr Parser::sum() {
  return binary({"add", "sub"}, &Parser::product);
}
NodePtr Parser::product() {
  return binary({"mul", "div", "mod"}, &Parser::unary);
}

NodePtr Parser::unary() {
  const Nesting nesting(*this);
  const std::size_t position = token_.position;
  if (at_name("not")) {
    advance();
    Node node(NodeKind::Not, position);
    node.children.push_back(unary());
    return finish(std::move(node));
  }
  if (accept_symbol('-')) {
    Node node(NodeKind::Negate, position);
    node.children.push_back(unary());
    return finish(std::move(node));
  }
  return membership();
}

NodePtr Parser::membership() {
  NodePtr left = primary();
  if (token_.kind == TokenKind::Name &&
      std::find(kForeignOperators.begin(), kForeignOperators.end(), token_.text) !=
          kForeignOperators.end()) {
    throw_not_supported(token_.text);
  }
  if (!at_name("in")) return left;
  Node node(NodeKind::In, token_.position);
  advance();
  node.children = {left, list()};
  return finish(std::move(node));
}

NodePtr Parser::list() {
  if (token_.kind == TokenKind::Alias) return primary();
  Node node(NodeKind::List, token_.position);
  expect_symbol('(');
  if (!at_symbol(')')) {
    do {
      node.children.push_back(list_item());
      if (node.children.size() > static_cast<std::size_t>(kMaximumListItems))
        throw_too_complex("list");
    } while (accept_symbol(','));
  }
  expect_symbol(')');
  return finish(std::move(node));
}

NodePtr Parser::list_item() {
  NodePtr item;
  if (token_.kind == TokenKind::Alias) {
    item = std::make_shared<const Node>(NodeKind::Alias, token_.position, std::string(token_.text));
    advance();
  } else {
    item = literal();
  }
  count_nodes(1);
  return item;
}

// Makes no node count of its own: the caller knows what a literal costs where it stands.
NodePtr Parser::literal() {
  Node node(NodeKind::Literal, token_.position);
  if (token_.kind == TokenKind::Literal) {
    node.literal = std::move(token_.literal);
  } else if (at_name("true") || at_name("false")) {
    node.literal = {{Type::Boolean, 0}, at_name("true")};
  } else if (!at_name("null")) {
    throw_syntax(token_.position, "a literal");
  }
  advance();
  return std::make_shared<const Node>(std::move(node));
}

NodePtr Parser::primary() {
  const std::size_t position = token_.position;
  if (accept_symbol('(')) {
    NodePtr inner = expression();
    expect_symbol(')');
    return inner;
  }
  if (token_.kind == TokenKind::Alias) {
    Node node(NodeKind::Alias, position, std::string(token_.text));
    advance();
    return finish(std::move(node));
  }
  if (token_.kind == TokenKind::Literal || at_name("true") || at_name("false") || at_name("null")) {
    count_nodes(4);
    return literal();
  }
  if (token_.kind == TokenKind::Name && !is_word(token_.text)) return path_or_call();
  throw_syntax(position, "a field, a value, a function or '('");
}

NodePtr Parser::path_or_call() {
  Node node(NodeKind::Path, token_.position);
  std::string first(token_.text);
  advance();
  if (at_symbol('('))
    return first == "case" ? case_call(node.position) : call(std::move(first), node.position);
  if (first[0] == '$' && first != "$it") {
    if (first != "$count") throw_not_supported(first);
    throw_syntax(node.position, "a field");
  }
  node.path.push_back(std::move(first));
  while (accept_symbol('/')) {
    if (token_.kind != TokenKind::Name) throw_syntax(token_.position, "a field");
    std::string name(token_.text);
    const std::size_t at = token_.position;
    advance();
    if (at_symbol('(')) {
      if (name == "any" || name == "all") return lambda(std::move(node), name);
      throw_not_supported(name);
    }
    if (name == "$count") {
      node.path.push_back(std::move(name));
      return finish(std::move(node));
    }
    if (name[0] == '$') throw_not_supported(name);
    if (node.path.size() > 16) throw_syntax(at, "a shorter path");
    node.path.push_back(std::move(name));
  }
  if (node.path.size() == 1 && node.path[0] == "$it") throw_syntax(token_.position, "'/'");
  return finish(std::move(node));
}

NodePtr Parser::call(std::string name, std::size_t position) {
  if (name[0] == '$') throw_syntax(position, "a function");
  Node node(NodeKind::Call, position, std::move(name));
  expect_symbol('(');
  if (!at_symbol(')')) {
    do {
      node.children.push_back(expression());
    } while (accept_symbol(','));
  }
  expect_symbol(')');
  return finish(std::move(node));
}

NodePtr Parser::case_call(std::size_t position) {
  Node node(NodeKind::Case, position);
  expect_symbol('(');
  do {
    node.children.push_back(expression());
    expect_symbol(':');
    node.children.push_back(expression());
  } while (accept_symbol(','));
  expect_symbol(')');
  return finish(std::move(node));
}

NodePtr Parser::lambda(Node node, const std::string& name) {
  node.kind = NodeKind::Lambda;
  node.name = name;
  expect_symbol('(');
  if (!at_symbol(')') || name == "all") {
    node.variable = expect_identifier("a variable");
    expect_symbol(':');
    node.children.push_back(expression());
  }
  expect_symbol(')');
  return finish(std::move(node));
}

NodePtr Parser::alias_value() {
  if (at_symbol('(')) {
    NodePtr result = list();
    for (const NodePtr& item : result->children) {
      if (item->kind != NodeKind::Literal) throw_syntax(item->position, "a literal");
    }
    return result;
  }
  return literal();
}

NodePtr parse_expression(std::string_view text) {
  Parser parser(text);
  NodePtr result = parser.expression();
  parser.require_end();
  return result;
}

NodePtr parse_alias_value(std::string_view text) {
  Parser parser(text);
  NodePtr result = parser.alias_value();
  parser.require_end();
  return result;
}

}  // namespace kehai::query
