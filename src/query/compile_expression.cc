// Values: columns, parameters, arithmetic, text.
#include <algorithm>
#include <bit>

#include "query/compile_internal.h"
#include "query/text_functions.h"

namespace kehai::query {
namespace {

bool is_condition(Operation operation) {
  return operation >= Operation::And && operation <= Operation::All;
}

bool is_text(Type type) {
  return type == Type::Text;
}

std::int64_t factor(const Expression& node, std::size_t child) {
  return power_of_ten(node.type.scale - node.children[child]->type.scale);
}

}  // namespace

void SqlWriter::parameter(const base::Value& value, Type type) {
  // PostgreSQL is told the type where it could not infer it, and the collation that code-point
  // order needs.
  if (postgres_) {
    text(is_text(type) ? "(CAST(? AS TEXT) COLLATE \"C\")" : "CAST(? AS BIGINT)");
  } else {
    text("?");
  }
  out_.parameters.push_back(value);
}

void SqlWriter::append(const Fragment& fragment) {
  out_.text += fragment.text;
  out_.parameters.insert(out_.parameters.end(), fragment.parameters.begin(),
                         fragment.parameters.end());
}

void SqlWriter::null(Type type) {
  if (!postgres_) return text("NULL");
  text(is_text(type) ? "CAST(NULL AS TEXT)" : "CAST(NULL AS BIGINT)");
}

void SqlWriter::value(const Expression& node) {
  if (is_condition(node.operation)) {
    text("CASE WHEN ");
    condition(node);
    return text(" THEN 1 ELSE 0 END");
  }
  switch (node.operation) {
    case Operation::Constant:
      return node.value.is_null() ? null(node.type.type) : parameter(node.value, node.type.type);
    case Operation::Column:
      return column(node.column);
    case Operation::ElementValue:
      return text(state_.scopes[node.slot].alias + ".\"value\"");
    case Operation::Count:
      text("(SELECT count(*)");
      collection(node.collection, [](SqlWriter&) {});
      return text(")");
    case Operation::Case:
      return case_of(node);
    case Operation::Length:
    case Operation::IndexOf:
    case Operation::ToLower:
    case Operation::ToUpper:
    case Operation::Trim:
    case Operation::Concat:
    case Operation::Substring:
      return text_function(node);
    case Operation::LocalDate:
    case Operation::Hour:
    case Operation::Minute:
    case Operation::Second:
      return local_time(node);
    case Operation::Year:
    case Operation::Month:
    case Operation::Day:
    case Operation::YearMonth:
    case Operation::YearQuarter:
      return date_part(node);
    default:
      return number(node);
  }
}

// ---- columns and related records

void SqlWriter::column(const ColumnReference& reference) {
  const Property& property = *reference.property;
  const std::string& name = reference.form == ColumnForm::Folded    ? property.fold_column
                            : reference.form == ColumnForm::SortKey ? property.sort_column
                                                                    : property.name;
  path_column(reference.slot, reference.path, name);
}

void SqlWriter::path_column(int slot, const std::vector<const Navigation*>& path,
                            std::string_view name) {
  RowScope& scope = state_.scopes[slot];
  if (path.empty()) return text(scope.alias + "." + db::quote_identifier(name));
  // Rows of any/all always join: their FROM is ours.
  if (slot == 0 && state_.navigations == Navigations::Subselects)
    return path_subselect(scope, path, name);
  text(joined_alias(scope, path) + "." + db::quote_identifier(name));
}

const std::string& SqlWriter::joined_alias(RowScope& scope,
                                           const std::vector<const Navigation*>& path) {
  const auto found = scope.joined.find(path);
  if (found != scope.joined.end()) return found->second;
  const std::vector<const Navigation*> parent(path.begin(), path.end() - 1);
  const std::string from = parent.empty() ? scope.alias : joined_alias(scope, parent);
  const Navigation& hop = *path.back();
  const std::string alias = state_.new_alias('j');
  SqlWriter join(state_);
  join.append(scope.joins);
  join.text(" LEFT JOIN " + db::quote_identifier(hop.target->table()) + " " + alias + " ON " +
            alias + ".\"id\" = " + from + "." + db::quote_identifier(hop.foreign_key));
  join.visible(alias, *hop.target);
  scope.joins = join.take();
  return scope.joined[path] = alias;
}

void SqlWriter::path_subselect(const RowScope& scope, const std::vector<const Navigation*>& path,
                               std::string_view name) {
  std::vector<std::string> aliases;
  for (std::size_t i = 0; i < path.size(); ++i) aliases.push_back(state_.new_alias('j'));
  text("(SELECT " + aliases.back() + "." + db::quote_identifier(name) + " FROM ");
  for (std::size_t i = 0; i < path.size(); ++i) {
    text((i > 0 ? ", " : "") + db::quote_identifier(path[i]->target->table()) + " " + aliases[i]);
  }
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string& from = i > 0 ? aliases[i - 1] : scope.alias;
    text((i > 0 ? " AND " : " WHERE ") + aliases[i] + ".\"id\" = " + from + "." +
         db::quote_identifier(path[i]->foreign_key));
    visible(aliases[i], *path[i]->target);
  }
  text(")");
}

void SqlWriter::visible(const std::string& alias, const Entity& entity) {
  if (entity.soft_delete()) text(" AND " + alias + ".\"deleted_at\" IS NULL");
  const RowAccess* access = entity.row_access();
  if (access == nullptr) return;
  std::string_view before = " AND (";
  for (const RowAccess::Branch& branch : access->branches) {
    if (branch.values.empty()) continue;
    text(before);
    text(alias + "." + db::quote_identifier(branch.column));
    padded_list(base::Values(branch.values.begin(), branch.values.end()), Type::Integer);
    before = " OR ";
  }
  text(before == " OR " ? ")" : " AND 1=0");
}

// " IN (…)", padded to a power of two with the last item: few texts, so that prepared statements
// are reused.
void SqlWriter::padded_list(const base::Values& values, Type type) {
  text(" IN (");
  const std::size_t count = std::bit_ceil(values.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text(", ");
    parameter(values[std::min(i, values.size() - 1)], type);
  }
  text(")");
}

void SqlWriter::bound(const Expression& operand,
                      const std::function<void(const std::function<void()>&)>& body) {
  if (operand.operation == Operation::Column || operand.operation == Operation::ElementValue) {
    return body([&] { value(operand); });
  }
  const std::string name = state_.new_alias('v');
  text("(WITH " + name + " AS MATERIALIZED (SELECT ");
  value(operand);
  text(" AS a) SELECT ");
  body([&] { text(name + ".a"); });
  text(" FROM " + name + ")");
}

void SqlWriter::case_of(const Expression& node) {
  text("CASE");
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    text(" WHEN ");
    condition(*node.children[i]);
    text(" THEN ");
    value(*node.children[i + 1]);
  }
  text(" END");
}

// ---- numbers

void SqlWriter::number(const Expression& node) {
  if (postgres_) {
    narrowed([&] { postgres_number(node); });
  } else {
    sqlite_number(node);
  }
}

void SqlWriter::sqlite_number(const Expression& node) {
  const Expression& first = *node.children[0];
  const auto scaled = [&](std::string_view name, std::size_t child, std::int64_t by) {
    text(name);
    value(*node.children[child]);
    text(", " + std::to_string(by));
  };
  switch (node.operation) {
    case Operation::Negate:
      scaled("kehai_add(0, 1, ", 0, -1);
      break;
    case Operation::Rescale:
      scaled("kehai_multiply(", 0, factor(node, 0));
      text(", 1");
      break;
    case Operation::Multiply:
      text("kehai_multiply(");
      value(first);
      scaled(", ", 1,
             power_of_ten(first.type.scale + node.children[1]->type.scale - node.type.scale));
      break;
    case Operation::Divide:
      scaled("kehai_divide(", 0,
             power_of_ten(node.type.scale - first.type.scale + node.children[1]->type.scale));
      text(", ");
      value(*node.children[1]);
      break;
    case Operation::IntegerDivide:
      text("kehai_divide_truncated(");
      value(first);
      text(", ");
      value(*node.children[1]);
      break;
    case Operation::Modulo:
      scaled("kehai_remainder(", 0, factor(node, 0));
      scaled(", ", 1, factor(node, 1));
      break;
    default:  // Add, Subtract
      scaled("kehai_add(", 0, factor(node, 0));
      scaled(", ", 1, node.operation == Operation::Add ? factor(node, 1) : -factor(node, 1));
  }
  text(")");
}

void SqlWriter::wide(const Expression& node, std::int64_t by) {
  text("CAST(");
  value(node);
  text(" AS NUMERIC)");
  if (by != 1) text(" * " + std::to_string(by));
}

void SqlWriter::postgres_number(const Expression& node) {
  const Expression& first = *node.children[0];
  switch (node.operation) {
    case Operation::Negate:
      return wide(first, -1);
    case Operation::Rescale:
      return wide(first, factor(node, 0));
    case Operation::Multiply: {
      const int excess = first.type.scale + node.children[1]->type.scale - node.type.scale;
      text("round(");
      wide(first, 1);
      text(" * ");
      wide(*node.children[1], 1);
      if (excess > 0) text(" * 0." + std::string(static_cast<std::size_t>(excess - 1), '0') + "1");
      return text(")");
    }
    case Operation::Divide:
      // Forty digits after the point: more than a quotient needs to lie on the right side of a
      // half.
      text("round(");
      wide(first, power_of_ten(node.type.scale - first.type.scale + node.children[1]->type.scale));
      text(" * 1.0000000000000000000000000000000000000000 / nullif(");
      wide(*node.children[1], 1);
      return text(", 0))");
    case Operation::IntegerDivide:
      text("div(");
      wide(first, 1);
      text(", nullif(");
      wide(*node.children[1], 1);
      return text(", 0))");
    case Operation::Modulo:
      text("mod(");
      wide(first, factor(node, 0));
      text(", nullif(");
      wide(*node.children[1], factor(node, 1));
      return text(", 0))");
    default:  // Add, Subtract
      wide(first, factor(node, 0));
      text(node.operation == Operation::Add ? " + " : " - ");
      wide(*node.children[1], factor(node, 1));
  }
}

// least and greatest pass over null, which then is the lower bound and becomes null again.
void SqlWriter::narrowed(const std::function<void()>& number) {
  text("CAST(nullif(nullif(least(greatest(");
  number();
  text(
      ", -9223372036854775809), 9223372036854775808), -9223372036854775809), 9223372036854775808) "
      "AS BIGINT)");
}

// ---- text

void SqlWriter::call(std::string_view name, const Expression& node, std::string_view tail) {
  text(name);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) text(", ");
    value(*node.children[i]);
  }
  text(tail);
}

void SqlWriter::text_function(const Expression& node) {
  switch (node.operation) {
    case Operation::Length:
      return call(postgres_ ? "CAST(length(" : "length(", node, postgres_ ? ") AS BIGINT)" : ")");
    case Operation::IndexOf:
      text(postgres_ ? "CAST(" : "(");
      position(node);
      return text(postgres_ ? " - 1 AS BIGINT)" : " - 1)");
    case Operation::ToLower:
      return call("lower(", node);
    case Operation::ToUpper:
      return call("upper(", node);
    case Operation::Trim:
      text(postgres_ ? "btrim(" : "trim(");
      value(*node.children[0]);
      text(", '");
      text(kTrimmed);
      return text("')");
    case Operation::Concat:
      text("(");
      value(*node.children[0]);
      text(" || ");
      value(*node.children[1]);
      return text(")");
    default:
      substring(node);
  }
}

void SqlWriter::substring(const Expression& node) {
  // No text is longer than this; larger bounds mean the end.
  constexpr std::int64_t kEnd = 1 << 30;
  const auto clamped = [&](const Expression& bound_value, std::int64_t shift) {
    if (bound_value.is_constant()) {
      text(postgres_ ? "CAST(" : "");
      parameter(std::clamp<std::int64_t>(bound_value.value.as_int(), 0, kEnd) + shift,
                Type::Integer);
      return text(postgres_ ? " AS INTEGER)" : "");
    }
    const std::string end = std::to_string(kEnd);
    if (!postgres_) {
      text("min(max(");
      value(bound_value);
      return text(", 0), " + end + ") + " + std::to_string(shift));
    }
    bound(bound_value, [&](const std::function<void()>& name) {
      text("CAST(CASE WHEN ");
      name();
      text(" < 0 THEN 0 WHEN ");
      name();
      text(" > " + end + " THEN " + end + " ELSE ");
      name();
      text(" END + " + std::to_string(shift) + " AS INTEGER)");
    });
  };
  text("substr(");
  value(*node.children[0]);
  text(", ");
  clamped(*node.children[1], 1);
  if (node.children.size() == 3) {
    text(", ");
    clamped(*node.children[2], 0);
  }
  text(")");
}

}  // namespace kehai::query
