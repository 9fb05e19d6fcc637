// Conditions. A condition may be null where it is false, so that `column = ?` stays what an index
// serves; NOT and values turn null into false first.
#include "query/compile_internal.h"
#include "query/text_functions.h"

namespace kehai::query {

void SqlWriter::condition(const Expression& node) {
  switch (node.operation) {
    case Operation::And:
      return logic(node, " AND ");
    case Operation::Or:
      return logic(node, " OR ");
    case Operation::Not:
      return negation(node);
    case Operation::Equal:
    case Operation::NotEqual:
      return equality(node);
    case Operation::Greater:
      return comparison(node, " > ");
    case Operation::GreaterOrEqual:
      return comparison(node, " >= ");
    case Operation::Less:
      return comparison(node, " < ");
    case Operation::LessOrEqual:
      return comparison(node, " <= ");
    case Operation::In:
      return membership(node);
    case Operation::Contains:
      position(node);
      return text(" > 0");
    case Operation::StartsWith:
      return starts_with(node);
    case Operation::EndsWith:
      return ends_with(node);
    case Operation::Any:
    case Operation::All:
      return quantifier(node);
    case Operation::Constant:
      return text(node.value == base::Value(true) ? "1=1" : "1=0");
    default:  // a Boolean value
      value(node);
      text(" = 1");
  }
}

void SqlWriter::logic(const Expression& node, std::string_view word) {
  text("(");
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) text(word);
    condition(*node.children[i]);
  }
  text(")");
}

void SqlWriter::negation(const Expression& node) {
  text("((");
  condition(*node.children[0]);
  text(") IS NOT TRUE)");
}

void SqlWriter::equality(const Expression& node) {
  const bool equal = node.operation == Operation::Equal;
  const Expression& right = *node.children[1];
  value(*node.children[0]);
  if (right.is_null_constant()) return text(equal ? " IS NULL" : " IS NOT NULL");
  if (equal && right.is_constant()) {
    text(" = ");
  } else if (postgres_) {
    text(equal ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
  } else {
    text(equal ? " IS " : " IS NOT ");
  }
  value(right);
}

void SqlWriter::comparison(const Expression& node, std::string_view sign) {
  value(*node.children[0]);
  text(sign);
  value(*node.children[1]);
}

void SqlWriter::membership(const Expression& node) {
  const Expression& operand = *node.children[0];
  if (!node.list_has_null) return membership_of(node, [&] { value(operand); });
  if (node.list.empty()) {
    value(operand);
    return text(" IS NULL");
  }
  bound(operand, [&](const std::function<void()>& name) {
    text("(");
    membership_of(node, name);
    text(" OR ");
    name();
    text(" IS NULL)");
  });
}

void SqlWriter::membership_of(const Expression& node, const std::function<void()>& operand) {
  operand();
  padded_list(node.list, node.children[0]->type.type);
}

void SqlWriter::position(const Expression& node) {
  text(state_.dialect.position_function());
  text("(");
  value(*node.children[0]);
  text(", ");
  value(*node.children[1]);
  text(")");
}

// A range that an index serves when a constant prefix of a column is asked for.
void SqlWriter::starts_with(const Expression& node) {
  const Expression& operand = *node.children[0];
  const Expression& prefix = *node.children[1];
  if (!prefix.is_constant() || operand.operation != Operation::Column) {
    position(node);
    return text(" = 1");
  }
  const auto end = prefix_end(prefix.value.as_text());
  text("(");
  value(operand);
  text(" >= ");
  value(prefix);
  if (end) {
    text(" AND ");
    value(operand);
    text(" < ");
    parameter(*end, Type::Text);
  }
  text(")");
}

void SqlWriter::ends_with(const Expression& node) {
  const Expression& operand = *node.children[0];
  const Expression& suffix = *node.children[1];
  if (suffix.is_constant()) {
    const std::int64_t length = code_point_count(suffix.value.as_text());
    if (length == 0) {
      value(operand);
      return text(" IS NOT NULL");
    }
    text(postgres_ ? "right(" : "substr(");
    value(operand);
    text(postgres_ ? ", CAST(" : ", ");
    parameter(postgres_ ? length : -length, Type::Integer);
    text(postgres_ ? " AS INTEGER)) = " : ") = ");
    return value(suffix);
  }
  text(postgres_ ? "strpos(reverse(" : "kehai_ends_with(");
  value(operand);
  text(postgres_ ? "), reverse(" : ", ");
  value(suffix);
  text(postgres_ ? ")) = 1" : ") = 1");
}

void SqlWriter::quantifier(const Expression& node) {
  const bool is_all = node.operation == Operation::All;
  text(is_all ? "NOT EXISTS (SELECT 1" : "EXISTS (SELECT 1");
  collection(node.collection, [&](SqlWriter& inner) {
    if (node.children.empty()) return;
    inner.text(" AND (");
    inner.condition(*node.children[0]);
    inner.text(is_all ? ") IS NOT TRUE" : ")");
  });
  text(")");
}

// " FROM … WHERE …": the rows of the collection. The predicate is written first because it may add
// joins.
void SqlWriter::collection(const Collection& over,
                           const std::function<void(SqlWriter&)>& predicate) {
  RowScope& scope = state_.scopes[over.slot];
  scope = RowScope{state_.new_alias('e'), {}, {}};
  SqlWriter inner(state_);
  predicate(inner);
  const Fragment condition = inner.take();

  const Navigation* navigation = over.navigation;
  text(" FROM ");
  text(db::quote_identifier(navigation ? navigation->target->table() : over.multi->multi_table));
  text(" " + scope.alias);
  append(scope.joins);
  text(" WHERE " + scope.alias + ".");
  text(db::quote_identifier(navigation ? navigation->foreign_key : "record_id"));
  text(" = ");
  path_column(over.from_slot, over.path, "id");
  if (navigation) visible(scope.alias, *navigation->target);
  append(condition);
}

}  // namespace kehai::query
