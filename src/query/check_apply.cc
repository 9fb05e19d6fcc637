// $apply, and what an expression depends on.
#include <algorithm>
#include <set>

#include "base/error.h"
#include "query/checker_internal.h"
#include "query/lexer.h"

namespace kehai::query {
namespace {

using base::Error;
using base::ErrorKind;

std::string default_name(const Node& node) {
  std::string name;
  const auto append = [&](const std::vector<std::string>& path) {
    for (const std::string& part : path) name += (name.empty() ? "" : "_") + part;
  };
  if (node.kind == NodeKind::Path) {
    append(node.path);
  } else if (node.kind == NodeKind::Call && node.children.size() == 1 &&
             node.children[0]->kind == NodeKind::Path) {
    name = node.name;
    append(node.children[0]->path);
  } else {
    throw_syntax(node.position, "as and a name");
  }
  return name;
}

FieldType aggregate_type(AggregateFunction function, const ExpressionPtr& operand,
                         std::size_t position) {
  const FieldType type = operand ? operand->type : kInteger;
  switch (function) {
    case AggregateFunction::Count:
    case AggregateFunction::CountDistinct:
      return kInteger;
    case AggregateFunction::Sum:
      if (!is_number(type) && type.type != Type::Duration)
        throw_mismatch(position, "a number", type_name(type.type));
      return type;
    case AggregateFunction::Average:
      if (!is_number(type)) throw_mismatch(position, "a number", type_name(type.type));
      return {Type::Decimal, std::max(type.scale, 2)};
    default:
      if (type.type == Type::Boolean || type.type == Type::Null) {
        throw_mismatch(position, "a comparable value", type_name(type.type));
      }
      return type;
  }
}

[[noreturn]] void throw_duplicate(const std::string& name, std::size_t position) {
  throw Error(ErrorKind::Invalid, "query.duplicate_name",
              {{"name", name}, {"position", std::to_string(position)}});
}

void add_column(CheckedApply& result, ApplyColumn column, std::size_t position) {
  for (const ApplyColumn& other : result.columns) {
    if (other.name == column.name) throw_duplicate(column.name, position);
  }
  result.columns.push_back(std::move(column));
}

void check_result_order(CheckedApply& result, const std::vector<OrderItem>& order) {
  for (const OrderItem& item : order) {
    const Node& node = *item.expression;
    const auto found =
        std::find_if(result.columns.begin(), result.columns.end(), [&](const ApplyColumn& column) {
          return node.kind == NodeKind::Path && default_name(node) == column.name;
        });
    if (found == result.columns.end()) {
      const std::string name = node.kind == NodeKind::Path ? default_name(node) : "";
      throw Error(ErrorKind::Invalid, "query.unknown_field",
                  {{"field", name}, {"position", std::to_string(node.position)}});
    }
    if (!found->is_key && found->function == AggregateFunction::Average) {
      throw Error(ErrorKind::Invalid, "query.not_sortable",
                  {{"field", found->name}, {"position", std::to_string(node.position)}});
    }
    result.order.push_back(
        {static_cast<std::size_t>(found - result.columns.begin()), item.descending});
  }
}

void visit(const ExpressionPtr& expression, const std::function<void(const Expression&)>& each) {
  if (!expression) return;
  each(*expression);
  for (const ExpressionPtr& child : expression->children) visit(child, each);
}

bool is_collection(Operation operation) {
  return operation == Operation::Any || operation == Operation::All ||
         operation == Operation::Count;
}

}  // namespace

CheckedApply check_apply(const Apply& apply, const std::vector<OrderItem>& order,
                         const Entity& entity, const Environment& environment) {
  CheckedApply result;
  result.entity = &entity;
  Checker checker(entity, environment, Purpose::Filter);
  if (apply.filter) result.filter = checker.condition(*apply.filter);
  std::set<std::string> names;
  for (const NamedItem& item : apply.compute) {
    if (!names.insert(item.name).second || entity.property(item.name) != nullptr)
      throw_duplicate(item.name, item.position);
    checker.define(item.name, checker.value(*item.expression));
  }
  for (const NamedItem& item : apply.keys) {
    ExpressionPtr key = checker.value(*item.expression);
    const FieldType type = key->type;
    add_column(result,
               {item.name.empty() ? default_name(*item.expression) : item.name, type, true,
                AggregateFunction::Count, std::move(key)},
               item.position);
  }
  for (const AggregateItem& item : apply.aggregates) {
    ExpressionPtr operand = item.expression ? checker.value(*item.expression) : nullptr;
    const std::size_t position = item.expression ? item.expression->position : 0;
    const FieldType type = aggregate_type(item.function, operand, position);
    add_column(result, {item.name, type, false, item.function, std::move(operand)}, item.position);
  }
  check_result_order(result, order);
  return result;
}

std::vector<const Property*> used_properties(const ExpressionPtr& expression) {
  std::vector<const Property*> properties;
  visit(expression, [&](const Expression& node) {
    if (node.operation == Operation::Column && node.column.slot == 0 && node.column.path.empty()) {
      properties.push_back(node.column.property);
    }
    const Collection& over = node.collection;
    if (is_collection(node.operation) && over.multi && over.from_slot == 0 && over.path.empty()) {
      properties.push_back(over.multi);
    }
  });
  std::sort(properties.begin(), properties.end(),
            [](const Property* a, const Property* b) { return a->name < b->name; });
  properties.erase(std::unique(properties.begin(), properties.end()), properties.end());
  return properties;
}

bool uses_navigation(const ExpressionPtr& expression) {
  bool found = false;
  visit(expression, [&](const Expression& node) {
    found = found || (node.operation == Operation::Column && !node.column.path.empty());
    found = found || (is_collection(node.operation) &&
                      (node.collection.navigation || !node.collection.path.empty()));
  });
  return found;
}

}  // namespace kehai::query
