#include "query/evaluate.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/arithmetic.h"
#include "query/lexer.h"
#include "query/text_functions.h"

namespace kehai::query {
namespace {

using base::Value;

Value from(base::Exact result) {
  return result ? Value(*result) : Value();
}

std::int64_t factor(const Expression& node, const ExpressionPtr& child) {
  return power_of_ten(node.type.scale - child->type.scale);
}

// One evaluation: the rows and element values that the slots stand for.
class Run {
 public:
  Run(const Environment& environment, const RecordSource& record) : environment_(environment) {
    rows_.push_back(&record);
  }

  Value value(const Expression& node);
  bool truth(const Expression& node) { return value(node) == Value(true); }

 private:
  Value column(const Expression& node);
  const RecordSource* reach(int slot, const std::vector<const Navigation*>& path) const;
  bool logic(const Expression& node);
  bool comparison(const Expression& node);
  bool membership(const Expression& node);
  bool search(const Expression& node);
  Value quantifier(const Expression& node);
  Value case_of(const Expression& node);
  Value number(const Expression& node);
  Value text(const Expression& node);
  Value time(const Expression& node);
  // Visits the elements of a collection as its slot until `each` returns false.
  void for_each(const Collection& collection, const std::function<bool()>& each);

  const Environment& environment_;
  std::vector<const RecordSource*> rows_;
  std::vector<Value> elements_;
};

const RecordSource* Run::reach(int slot, const std::vector<const Navigation*>& path) const {
  const RecordSource* row = rows_[static_cast<std::size_t>(slot)];
  for (const Navigation* hop : path) {
    if (row == nullptr) return nullptr;
    row = row->to_one(*hop);
  }
  return row;
}

Value Run::column(const Expression& node) {
  const RecordSource* row = reach(node.column.slot, node.column.path);
  if (row == nullptr) return {};
  Value result = row->get(*node.column.property);
  if (node.column.form == ColumnForm::Folded && result.is_text() && environment_.fold) {
    return environment_.fold(result.as_text());
  }
  return result;
}

Value Run::value(const Expression& node) {
  switch (node.operation) {
    case Operation::Constant:
      return node.value;
    case Operation::Column:
      return column(node);
    case Operation::ElementValue:
      return elements_[static_cast<std::size_t>(node.slot)];
    case Operation::And:
    case Operation::Or:
    case Operation::Not:
      return logic(node);
    case Operation::Equal:
    case Operation::NotEqual:
    case Operation::Greater:
    case Operation::GreaterOrEqual:
    case Operation::Less:
    case Operation::LessOrEqual:
      return comparison(node);
    case Operation::In:
      return membership(node);
    case Operation::Contains:
    case Operation::StartsWith:
    case Operation::EndsWith:
      return search(node);
    case Operation::Any:
    case Operation::All:
    case Operation::Count:
      return quantifier(node);
    case Operation::Case:
      return case_of(node);
    case Operation::Length:
    case Operation::IndexOf:
    case Operation::ToLower:
    case Operation::ToUpper:
    case Operation::Trim:
    case Operation::Concat:
    case Operation::Substring:
      return text(node);
    case Operation::LocalDate:
    case Operation::Year:
    case Operation::Month:
    case Operation::Day:
    case Operation::YearMonth:
    case Operation::YearQuarter:
    case Operation::Hour:
    case Operation::Minute:
    case Operation::Second:
      return time(node);
    default:
      return number(node);
  }
}

bool Run::logic(const Expression& node) {
  if (node.operation == Operation::Not) return !truth(*node.children[0]);
  const bool is_and = node.operation == Operation::And;
  for (const ExpressionPtr& child : node.children) {
    if (truth(*child) != is_and) return !is_and;
  }
  return is_and;
}

bool Run::comparison(const Expression& node) {
  const Value a = value(*node.children[0]);
  const Value b = value(*node.children[1]);
  if (node.operation == Operation::Equal) return a == b;
  if (node.operation == Operation::NotEqual) return !(a == b);
  if (a.is_null() || b.is_null()) return false;
  const int order = compare_values(a, b);
  switch (node.operation) {
    case Operation::Greater:
      return order > 0;
    case Operation::GreaterOrEqual:
      return order >= 0;
    case Operation::Less:
      return order < 0;
    default:
      return order <= 0;
  }
}

bool Run::membership(const Expression& node) {
  const Value a = value(*node.children[0]);
  if (a.is_null()) return node.list_has_null;
  return std::find(node.list.begin(), node.list.end(), a) != node.list.end();
}

bool Run::search(const Expression& node) {
  const Value a = value(*node.children[0]);
  const Value b = value(*node.children[1]);
  if (a.is_null() || b.is_null()) return false;
  const std::string& haystack = a.as_text();
  const std::string& needle = b.as_text();
  if (node.operation == Operation::StartsWith) return haystack.starts_with(needle);
  if (node.operation == Operation::EndsWith) return haystack.ends_with(needle);
  return haystack.find(needle) != std::string::npos;
}

void Run::for_each(const Collection& collection, const std::function<bool()>& each) {
  const RecordSource* owner = reach(collection.from_slot, collection.path);
  if (owner == nullptr) return;
  const auto slot = static_cast<std::size_t>(collection.slot);
  if (rows_.size() <= slot) rows_.resize(slot + 1);
  if (elements_.size() <= slot) elements_.resize(slot + 1);
  if (collection.navigation != nullptr) {
    owner->to_many(*collection.navigation, [&](const RecordSource& row) {
      rows_[slot] = &row;
      return each();
    });
    return;
  }
  for (Value& element : owner->values(*collection.multi)) {
    elements_[slot] = std::move(element);
    if (!each()) return;
  }
}

Value Run::quantifier(const Expression& node) {
  std::int64_t count = 0;
  bool decided = false;
  const bool is_all = node.operation == Operation::All;
  for_each(node.collection, [&] {
    ++count;
    if (node.operation == Operation::Count) return true;
    const bool fits = node.children.empty() || truth(*node.children[0]);
    decided = fits != is_all;
    return !decided;
  });
  if (node.operation == Operation::Count) return count;
  return decided != is_all;
}

Value Run::case_of(const Expression& node) {
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    if (truth(*node.children[i])) return value(*node.children[i + 1]);
  }
  return {};
}

Value Run::number(const Expression& node) {
  const Expression& first = *node.children[0];
  const Value left = value(first);
  if (left.is_null()) return {};
  const std::int64_t a = left.as_int();
  if (node.operation == Operation::Negate) return from(base::add_scaled(0, 1, a, -1));
  if (node.operation == Operation::Rescale)
    return from(base::multiply_scaled(a, factor(node, node.children[0]), 1));
  const Expression& second = *node.children[1];
  const Value right = value(second);
  if (right.is_null()) return {};
  const std::int64_t b = right.as_int();
  switch (node.operation) {
    case Operation::Add:
      return from(
          base::add_scaled(a, factor(node, node.children[0]), b, factor(node, node.children[1])));
    case Operation::Subtract:
      return from(
          base::add_scaled(a, factor(node, node.children[0]), b, -factor(node, node.children[1])));
    case Operation::Multiply:
      return from(base::multiply_scaled(
          a, b, power_of_ten(first.type.scale + second.type.scale - node.type.scale)));
    case Operation::Divide:
      return from(base::divide_scaled(
          a, power_of_ten(node.type.scale - first.type.scale + second.type.scale), b));
    case Operation::IntegerDivide:
      return from(base::divide_truncated(a, b));
    default:
      return from(base::remainder_scaled(a, factor(node, node.children[0]), b,
                                         factor(node, node.children[1])));
  }
}

Value Run::text(const Expression& node) {
  std::vector<Value> operands;
  for (const ExpressionPtr& child : node.children) {
    operands.push_back(value(*child));
    if (operands.back().is_null()) return {};
  }
  const std::string& first = operands[0].as_text();
  switch (node.operation) {
    case Operation::Length:
      return code_point_count(first);
    case Operation::IndexOf:
      return code_point_index(first, operands[1].as_text());
    case Operation::ToLower:
      return ascii_lower(first);
    case Operation::ToUpper:
      return ascii_upper(first);
    case Operation::Trim:
      return trim(first);
    case Operation::Concat:
      return first + operands[1].as_text();
    default: {
      std::optional<std::int64_t> count;
      if (operands.size() == 3) count = operands[2].as_int();
      return substring(first, operands[1].as_int(), count);
    }
  }
}

Value Run::time(const Expression& node) {
  const Value operand = value(*node.children[0]);
  if (operand.is_null()) return {};
  const std::int64_t at = operand.as_int();
  switch (node.operation) {
    case Operation::Year:
      return from(base::date_part(at, base::DatePart::Year));
    case Operation::Month:
      return from(base::date_part(at, base::DatePart::Month));
    case Operation::Day:
      return from(base::date_part(at, base::DatePart::Day));
    case Operation::YearMonth:
      return from(base::date_part(at, base::DatePart::YearMonth));
    case Operation::YearQuarter:
      return from(base::date_part(at, base::DatePart::YearQuarter));
    default:
      break;
  }
  if (at < kFirstInstant || at > kLastInstant) return {};
  const base::Date date = environment_.zone->local_date(at);
  if (node.operation == Operation::LocalDate) return date;
  const std::int64_t of_day = at + environment_.zone->offset_at(at) - date * kDay;
  if (node.operation == Operation::Hour) return of_day / 3'600'000;
  if (node.operation == Operation::Minute) return of_day / 60'000 % 60;
  return of_day / 1000 % 60;
}

}  // namespace

int compare_values(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null())
    return static_cast<int>(!a.is_null()) - static_cast<int>(!b.is_null());
  if (a.is_int()) return a.as_int() < b.as_int() ? -1 : static_cast<int>(a.as_int() > b.as_int());
  // std::string compares as unsigned bytes, which is code-point order for UTF-8.
  const int order = a.as_text().compare(b.as_text());
  return order < 0 ? -1 : static_cast<int>(order > 0);
}

bool ByValue::operator()(const base::Values& a, const base::Values& b) const {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int order = compare_values(a[i], b[i]);
    if (order != 0) return order < 0;
  }
  return false;
}

bool Evaluator::matches(const Filter& filter, const RecordSource& record) const {
  return !filter.root || Run(environment_, record).truth(*filter.root);
}

Value Evaluator::value(const ExpressionPtr& expression, const RecordSource& record) const {
  return Run(environment_, record).value(*expression);
}

}  // namespace kehai::query
