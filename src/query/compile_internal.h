// The SQL writer behind compile_sql.h.
//
// Text is appended from left to right together with its parameters, so their order is the textual
// order. Value expressions are written so that they stand safely as an operand of any operator;
// conditions so that they stand safely as an operand of AND and OR.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/compile_sql.h"

namespace kehai::query {

// A row that columns are read from, and the records joined to it.
struct RowScope {
  std::string alias;
  std::map<std::vector<const Navigation*>, std::string> joined;  // path → alias
  Fragment joins;
};

struct SqlCompiler::State {
  State(const Entity& entity, const db::Dialect& the_dialect, const base::TimeZone& the_zone,
        std::string alias, Navigations how)
      : root(entity), dialect(the_dialect), zone(the_zone), navigations(how) {
    scopes[0].alias = std::move(alias);
  }

  const Entity& root;
  const db::Dialect& dialect;
  const base::TimeZone& zone;
  Navigations navigations;
  std::map<int, RowScope> scopes;  // by slot
  int next_alias = 1;

  std::string new_alias(char prefix) { return prefix + std::to_string(next_alias++); }
};

class SqlWriter {
 public:
  explicit SqlWriter(SqlCompiler::State& state)
      : state_(state), postgres_(state.dialect.is_postgres()) {}

  // True, or false or null.
  void condition(const Expression& node);
  void value(const Expression& node);
  void text(std::string_view sql) { out_.text += sql; }
  void append(const Fragment& fragment);
  void parameter(const base::Value& value, Type type);
  void null(Type type);
  void column(const ColumnReference& column);
  // A 128-bit number brought back to int64 or null (PostgreSQL).
  void narrowed(const std::function<void()>& number);
  Fragment take() { return std::move(out_); }

 private:
  // compile_condition.cc
  void logic(const Expression& node, std::string_view word);
  void negation(const Expression& node);
  void equality(const Expression& node);
  void comparison(const Expression& node, std::string_view sign);
  void membership(const Expression& node);
  void membership_of(const Expression& node, const std::function<void()>& operand);
  void starts_with(const Expression& node);
  void ends_with(const Expression& node);
  void position(const Expression& node);
  void quantifier(const Expression& node);
  void collection(const Collection& collection, const std::function<void(SqlWriter&)>& predicate);

  // compile_expression.cc
  void case_of(const Expression& node);
  void number(const Expression& node);
  void sqlite_number(const Expression& node);
  void postgres_number(const Expression& node);
  void wide(const Expression& node, std::int64_t factor);
  void text_function(const Expression& node);
  void substring(const Expression& node);
  void call(std::string_view name, const Expression& node, std::string_view tail = ")");
  void path_column(int slot, const std::vector<const Navigation*>& path, std::string_view column);
  void path_subselect(const RowScope& scope, const std::vector<const Navigation*>& path,
                      std::string_view column);
  // " AND …": not deleted, and within the caller's rights.
  void visible(const std::string& alias, const Entity& entity);
  void padded_list(const base::Values& values, Type type);
  const std::string& joined_alias(RowScope& scope, const std::vector<const Navigation*>& path);

  // compile_time.cc
  void date_part(const Expression& node);
  void local_time(const Expression& node);
  void local_milliseconds(const std::function<void()>& instant);
  void offset(const std::function<void()>& instant, std::size_t first, std::size_t last);

  // Writes `body` with an operand that may be written several times: the expression itself when it
  // is a column, otherwise a name bound to it once, so that text and work do not multiply.
  void bound(const Expression& operand,
             const std::function<void(const std::function<void()>&)>& body);

  SqlCompiler::State& state_;
  bool postgres_;
  Fragment out_;
};

}  // namespace kehai::query
