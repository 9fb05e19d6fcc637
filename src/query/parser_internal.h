// The recursive-descent parser behind parser.h; one object per text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/ast.h"
#include "query/lexer.h"
#include "query/parser.h"

namespace kehai::query {

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { advance(); }

  // expression := and {"or" and}, and so on by precedence.
  NodePtr expression();
  NodePtr alias_value();
  std::vector<OrderItem> order();
  std::vector<SelectItem> select();
  std::vector<ExpandItem> expand(int depth);
  Apply apply();
  void require_end();

 private:
  using Level = NodePtr (Parser::*)();
  class Nesting;

  void advance() { token_ = lexer_.next(); }
  bool at_symbol(char symbol) const;
  bool accept_symbol(char symbol);
  void expect_symbol(char symbol);
  bool at_name(std::string_view name) const;
  bool accept_name(std::string_view name);
  std::string expect_identifier(std::string_view expected);
  std::int64_t expect_integer();

  NodePtr finish(Node node);
  void count_nodes(int quarters);

  NodePtr logic(std::string_view name, Level next);
  NodePtr binary(std::initializer_list<std::string_view> operators, Level next);
  NodePtr conjunction();
  NodePtr equality();
  NodePtr relation();
  NodePtr sum();
  NodePtr product();
  NodePtr unary();
  NodePtr membership();
  NodePtr list();
  NodePtr list_item();
  NodePtr primary();
  NodePtr literal();
  NodePtr path_or_call();
  NodePtr call(std::string name, std::size_t position);
  NodePtr case_call(std::size_t position);
  NodePtr lambda(Node node, const std::string& name);

  std::vector<std::string> path(std::string_view expected);
  ExpandItem expand_item(int depth);
  void expand_option(ExpandItem& item, int depth);
  std::vector<NamedItem> named_items(bool name_required);
  void groupby(Apply& result);
  std::vector<AggregateItem> aggregates();
  AggregateItem aggregate_item();

  Lexer lexer_;
  Token token_;
  int nesting_ = 0;
  int quarter_nodes_ = 0;
};

}  // namespace kehai::query
