#include "query/checker.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "query/checker_internal.h"
#include "query/evaluate.h"
#include "query/lexer.h"

namespace kehai::query {
namespace {

using base::Error;
using base::ErrorKind;

// The record that constants are folded over: nothing reads it.
class NoRecord final : public RecordSource {
 public:
  base::Value get(const Property&) const override { return {}; }
  const RecordSource* to_one(const Navigation&) const override { return nullptr; }
  void to_many(const Navigation&, const std::function<bool(const RecordSource&)>&) const override {}
  base::Values values(const Property&) const override { return {}; }
};

bool is_condition(Operation operation) {
  return operation >= Operation::And && operation <= Operation::All;
}

std::optional<Operation> arithmetic_operation(std::string_view name) {
  if (name == "add") return Operation::Add;
  if (name == "sub") return Operation::Subtract;
  if (name == "mul") return Operation::Multiply;
  if (name == "div") return Operation::Divide;
  if (name == "mod") return Operation::Modulo;
  return std::nullopt;
}

Operation comparison_operation(std::string_view name) {
  if (name == "eq") return Operation::Equal;
  if (name == "ne") return Operation::NotEqual;
  if (name == "gt") return Operation::Greater;
  if (name == "ge") return Operation::GreaterOrEqual;
  if (name == "lt") return Operation::Less;
  return Operation::LessOrEqual;
}

}  // namespace

ExpressionPtr constant(FieldType type, base::Value value) {
  auto result = std::make_shared<Expression>();
  result->type = type;
  result->value = std::move(value);
  return result;
}

ExpressionPtr absent_constant(FieldType type) {
  auto result = std::make_shared<Expression>();
  result->type = type;
  result->absent = true;
  return result;
}

ExpressionPtr boolean(bool value) {
  return constant(kBoolean, value);
}

ExpressionPtr operation(Operation operation, FieldType type, std::vector<ExpressionPtr> children) {
  auto result = std::make_shared<Expression>();
  result->operation = operation;
  result->type = type;
  result->children = std::move(children);
  return result;
}

ExpressionPtr negation(ExpressionPtr condition) {
  return operation(Operation::Not, kBoolean, {std::move(condition)});
}

bool is_number(FieldType type) {
  return type.type == Type::Integer || type.type == Type::Decimal;
}

std::string_view type_name(Type type) {
  static constexpr std::string_view kNames[] = {"null", "boolean", "integer", "decimal",
                                                "text", "date",    "instant", "duration"};
  return kNames[static_cast<std::size_t>(type)];
}

void throw_unknown_alias(const Node& alias) {
  throw Error(ErrorKind::Invalid, "query.unknown_alias",
              {{"name", "@" + alias.name}, {"position", std::to_string(alias.position)}});
}
void throw_mismatch(std::size_t position, std::string_view expected, std::string_view found) {
  throw Error(ErrorKind::Invalid, "query.type_mismatch",
              {{"position", std::to_string(position)},
               {"expected", std::string(expected)},
               {"found", std::string(found)}});
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

AliasValue AliasValue::one(FieldType type, base::Value value) {
  return {type, std::move(value), false, {}};
}
AliasValue AliasValue::many(FieldType type, base::Values values) {
  return {type, {}, true, std::move(values)};
}

Environment Environment::make(const base::TimeZone& zone, base::Instant now, std::int64_t user_id,
                              std::int64_t department_id, base::Values department_ids) {
  Environment environment;
  environment.zone = &zone;
  environment.now = now;
  const base::Value department = department_id == 0 ? base::Value() : base::Value(department_id);
  const base::Value user = user_id == 0 ? base::Value() : base::Value(user_id);
  environment.reserved = {
      {"me", AliasValue::one(kInteger, user)},
      {"my_department", AliasValue::one(kInteger, department)},
      {"my_departments", AliasValue::many(kInteger, std::move(department_ids))},
      {"today", AliasValue::one(kDate, zone.local_date(now))},
      {"now", AliasValue::one(kInstant, now)},
  };
  return environment;
}

void Checker::define(const std::string& name, ExpressionPtr expression) {
  computed_[name] = std::move(expression);
}

ExpressionPtr Checker::folded(ExpressionPtr expression) const {
  const auto& children = expression->children;
  const bool foldable =
      std::all_of(children.begin(), children.end(),
                  [](const ExpressionPtr& child) { return child->is_constant(); });
  if (!foldable || children.empty()) return expression;
  return constant(expression->type, Evaluator(environment_).value(expression, NoRecord()));
}

ExpressionPtr Checker::strict(Operation kind, FieldType type,
                              std::vector<ExpressionPtr> children) const {
  bool absent = false;
  bool null = false;
  for (const ExpressionPtr& child : children) {
    absent = absent || child->absent;
    null = null || child->is_null_constant();
  }
  if (null && is_condition(kind)) return boolean(false);
  if (absent) return absent_constant(type);
  if (null) return constant(type, nullptr);
  return folded(operation(kind, type, std::move(children)));
}

ExpressionPtr Checker::condition(const Node& node) {
  ExpressionPtr result = value(node);
  if (result->is_null_constant()) return boolean(false);
  if (result->type.type != Type::Boolean)
    throw_mismatch(node.position, "boolean", type_name(result->type.type));
  return result;
}

ExpressionPtr Checker::value(const Node& node) {
  switch (node.kind) {
    case NodeKind::Literal:
      return constant(node.literal.type, node.literal.value);
    case NodeKind::Path:
      return node.path.back() == "$count" ? count(node) : path(node);
    case NodeKind::Alias:
      return alias(node);
    case NodeKind::Not:
      return negation(condition(*node.children[0]));
    case NodeKind::Negate:
      return negate(node);
    case NodeKind::Logic:
      return logic(node);
    case NodeKind::Binary:
      return binary(node);
    case NodeKind::In:
      return membership(node);
    case NodeKind::Call:
      return call(node);
    case NodeKind::Case:
      return case_of(node);
    case NodeKind::Lambda:
      return lambda(node);
    case NodeKind::List:
      break;
  }
  throw_mismatch(node.position, "a value", "a list");
}

// ---- operators

ExpressionPtr Checker::logic(const Node& node) {
  std::vector<ExpressionPtr> children;
  for (const NodePtr& child : node.children) children.push_back(condition(*child));
  return operation(node.name == "and" ? Operation::And : Operation::Or, kBoolean,
                   std::move(children));
}

ExpressionPtr Checker::binary(const Node& node) {
  ExpressionPtr left = value(*node.children[0]);
  ExpressionPtr right = value(*node.children[1]);
  if (const auto kind = arithmetic_operation(node.name))
    return arithmetic(*kind, left, right, node);
  return compare(comparison_operation(node.name), std::move(left), std::move(right), node.position);
}

ExpressionPtr Checker::negate(const Node& node) {
  ExpressionPtr operand = value(*node.children[0]);
  const Type type = operand->type.type;
  if (!is_number(operand->type) && type != Type::Duration && type != Type::Null) {
    throw_mismatch(node.position, "a number", type_name(type));
  }
  const FieldType result = operand->type;
  return strict(Operation::Negate, result, {std::move(operand)});
}

ExpressionPtr Checker::at_scale(const ExpressionPtr& expression, int scale, std::size_t position) {
  const FieldType type = scale > 0 ? FieldType{Type::Decimal, scale} : kInteger;
  if (expression->type == type) return expression;
  if (expression->is_null_constant())
    return expression->absent ? absent_constant(type) : constant(type, nullptr);
  if (!expression->is_constant()) return operation(Operation::Rescale, type, {expression});
  std::int64_t value = 0;
  if (__builtin_mul_overflow(expression->value.as_int(),
                             power_of_ten(scale - expression->type.scale), &value)) {
    throw_out_of_range(position);
  }
  return constant(type, value);
}

ExpressionPtr Checker::arithmetic(Operation kind, const ExpressionPtr& left,
                                  const ExpressionPtr& right, const Node& node) {
  const FieldType a = left->type;
  const FieldType b = right->type;
  if (a.type == Type::Null || b.type == Type::Null) {
    const FieldType other = a.type == Type::Null ? b : a;
    const bool fits = is_number(other) || other.type == Type::Null || other.type == Type::Duration;
    if (!fits && other.type != Type::Date && other.type != Type::Instant) {
      throw_mismatch(node.position, "numbers", type_name(other.type));
    }
    return constant({Type::Null, 0}, nullptr);
  }
  if (!is_number(a) || !is_number(b)) return time_arithmetic(kind, left, right, node);
  if (a.type == Type::Integer && b.type == Type::Integer) {
    return strict(kind == Operation::Divide ? Operation::IntegerDivide : kind, kInteger,
                  {left, right});
  }
  return strict(kind, {Type::Decimal, std::max(a.scale, b.scale)}, {left, right});
}

ExpressionPtr Checker::time_arithmetic(Operation kind, const ExpressionPtr& left,
                                       const ExpressionPtr& right, const Node& node) {
  const Type a = left->type.type;
  const Type b = right->type.type;
  const bool sum = kind == Operation::Add || kind == Operation::Subtract;
  const ExpressionPtr day = constant(kInteger, kDay);
  if (sum && b == Type::Duration && (a == Type::Instant || a == Type::Duration)) {
    return strict(kind, left->type, {left, right});
  }
  if (sum && b == Type::Duration && a == Type::Date) {
    return strict(kind, kDate, {left, strict(Operation::IntegerDivide, kInteger, {right, day})});
  }
  if (kind == Operation::Add && a == Type::Duration && (b == Type::Instant || b == Type::Date)) {
    return time_arithmetic(kind, right, left, node);
  }
  if (kind == Operation::Subtract && a == b && a == Type::Instant)
    return strict(kind, kDuration, {left, right});
  if (kind == Operation::Subtract && a == b && a == Type::Date) {
    return strict(Operation::Multiply, kDuration, {strict(kind, kInteger, {left, right}), day});
  }
  if (kind == Operation::Multiply && ((a == Type::Duration && b == Type::Integer) ||
                                      (a == Type::Integer && b == Type::Duration))) {
    return strict(kind, kDuration, {left, right});
  }
  if (kind == Operation::Divide && a == Type::Duration && b == Type::Integer) {
    return strict(Operation::IntegerDivide, kDuration, {left, right});
  }
  throw Error(ErrorKind::Invalid, "query.bad_operands",
              {{"position", std::to_string(node.position)},
               {"name", node.name},
               {"left", std::string(type_name(a))},
               {"right", std::string(type_name(b))}});
}

ExpressionPtr Checker::case_of(const Node& node) {
  auto result = std::make_shared<Expression>();
  result->operation = Operation::Case;
  FieldType type;
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    result->children.push_back(condition(*node.children[i]));
    ExpressionPtr branch = value(*node.children[i + 1]);
    const FieldType own = branch->type;
    if (type.type == Type::Null) {
      type = own;
    } else if (is_number(type) && is_number(own)) {
      const int scale = std::max(type.scale, own.scale);
      type = scale > 0 ? FieldType{Type::Decimal, scale} : kInteger;
    } else if (own.type != Type::Null && own.type != type.type) {
      throw_mismatch(node.children[i + 1]->position, type_name(type.type), type_name(own.type));
    }
    result->children.push_back(std::move(branch));
  }
  result->type = type;
  if (type.type == Type::Null) return constant(type, nullptr);
  for (std::size_t i = 1; i < result->children.size(); i += 2) {
    ExpressionPtr& branch = result->children[i];
    if (branch->type.type == Type::Null) branch = constant(type, nullptr);
    if (is_number(type)) branch = at_scale(branch, type.scale, node.children[i]->position);
  }
  return result;
}

std::vector<ExpressionPtr> Checker::list_items(const Node& list) {
  std::vector<ExpressionPtr> items;
  if (list.kind != NodeKind::Alias) {
    for (const NodePtr& child : list.children) items.push_back(value(*child));
    return items;
  }
  if (const auto reserved = environment_.reserved.find(list.name);
      reserved != environment_.reserved.end()) {
    if (!reserved->second.is_list) throw_mismatch(list.position, "a list", "@" + list.name);
    for (const base::Value& item : reserved->second.list) {
      if (!item.is_null()) items.push_back(constant(reserved->second.type, item));
    }
    return items;
  }
  const auto defined = environment_.request_aliases.find(list.name);
  if (defined == environment_.request_aliases.end()) {
    throw_unknown_alias(list);
  }
  if (defined->second->kind != NodeKind::List)
    throw_mismatch(list.position, "a list", "@" + list.name);
  return list_items(*defined->second);
}

ExpressionPtr Checker::membership(const Node& node) {
  ExpressionPtr left = value(*node.children[0]);
  auto result = std::make_shared<Expression>();
  result->operation = Operation::In;
  result->type = kBoolean;
  // Comparisons that are no plain equality: days and months, which are ranges; constants.
  std::vector<ExpressionPtr> tests;
  for (const ExpressionPtr& item : list_items(*node.children[1])) {
    ExpressionPtr test = compare(Operation::Equal, left, item, node.position);
    if (test->operation != Operation::Equal) {
      tests.push_back(std::move(test));
    } else if (item->value.is_null()) {
      result->list_has_null = true;
    } else if (test->children[0] == left) {
      result->list.push_back(test->children[1]->value);
    } else {
      tests.push_back(std::move(test));
    }
  }
  std::erase_if(tests, [](const ExpressionPtr& test) { return test->value == base::Value(false); });
  if (!result->list.empty() || result->list_has_null) {
    std::sort(result->list.begin(), result->list.end(),
              [](const base::Value& a, const base::Value& b) { return compare_values(a, b) < 0; });
    result->list.erase(std::unique(result->list.begin(), result->list.end()), result->list.end());
    result->children.push_back(std::move(left));
    tests.push_back(std::move(result));
  }
  if (tests.empty()) return boolean(false);
  return tests.size() == 1 ? tests[0] : operation(Operation::Or, kBoolean, std::move(tests));
}

// ---- entry points

Filter check_filter(const NodePtr& node, const Entity& entity, const Environment& environment) {
  if (!node) return {&entity, nullptr};
  return {&entity, Checker(entity, environment, Purpose::Filter).condition(*node)};
}

ExpressionPtr check_value(const NodePtr& node, const Entity& entity,
                          const Environment& environment) {
  return Checker(entity, environment, Purpose::Value).value(*node);
}

Order check_order(const std::vector<OrderItem>& items, const Entity& entity,
                  const Environment& environment) {
  Order order{&entity, {}};
  Checker checker(entity, environment, Purpose::Order);
  bool descending = false;
  for (const OrderItem& item : items) {
    ExpressionPtr expression = checker.value(*item.expression);
    if (expression->is_constant()) continue;  // orders nothing
    bool nullable = true;
    bool is_id = false;
    if (expression->operation == Operation::Column) {
      auto column = std::make_shared<Expression>(*expression);
      const Property& property = *column->column.property;
      if (!property.sort_column.empty()) column->column.form = ColumnForm::SortKey;
      const bool own = column->column.path.empty();
      nullable = property.nullable || !own;
      is_id = own && property.name == "id";
      expression = column;
    }
    descending = item.descending;
    order.terms.push_back({std::move(expression), descending, nullable && !is_id});
    if (is_id) return order;
  }
  Node id(NodeKind::Path);
  id.path = {"id"};
  order.terms.push_back(
      {Checker(entity, environment, Purpose::Value).value(id), descending, false});
  return order;
}

}  // namespace kehai::query
