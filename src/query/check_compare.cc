// Comparisons: the rules for null, for mixed scales, and for days.
#include <algorithm>
#include <optional>

#include "query/checker_internal.h"
#include "query/lexer.h"

namespace kehai::query {
namespace {

Operation flipped(Operation operation) {
  switch (operation) {
    case Operation::Greater:
      return Operation::Less;
    case Operation::GreaterOrEqual:
      return Operation::LessOrEqual;
    case Operation::Less:
      return Operation::Greater;
    case Operation::LessOrEqual:
      return Operation::GreaterOrEqual;
    default:
      return operation;
  }
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

struct DateRange {
  base::Date first = 0;
  base::Date end = 0;
};

// The months [index, index + count) counted from year 0, as dates.
DateRange months(std::int64_t index, int count) {
  const std::int64_t end = index + count;
  return {base::date_from_civil(static_cast<int>(index / 12), static_cast<int>(index % 12) + 1, 1),
          base::date_from_civil(static_cast<int>(end / 12), static_cast<int>(end % 12) + 1, 1)};
}

bool is_year(std::int64_t year) {
  return year >= 1 && year <= 9999;
}

// The days for which the date function has this value; nothing when no day has it.
std::optional<DateRange> bucket(Operation function, std::int64_t value) {
  if (value < 0) return std::nullopt;
  switch (function) {
    case Operation::Year:
      if (!is_year(value)) return std::nullopt;
      return months(value * 12, 12);
    case Operation::YearMonth:
      if (!is_year(value / 100) || value % 100 < 1 || value % 100 > 12) return std::nullopt;
      return months(value / 100 * 12 + value % 100 - 1, 1);
    case Operation::YearQuarter:
      if (!is_year(value / 10) || value % 10 < 1 || value % 10 > 4) return std::nullopt;
      return months(value / 10 * 12 + (value % 10 - 1) * 3, 3);
    default:
      return std::nullopt;
  }
}

bool is_field(const ExpressionPtr& expression) {
  return expression->operation == Operation::Column ||
         expression->operation == Operation::ElementValue;
}

}  // namespace

ExpressionPtr Checker::compare(Operation kind, ExpressionPtr left, ExpressionPtr right,
                               std::size_t position) {
  if (left->is_null_constant() || right->is_null_constant()) return compare_null(kind, left, right);
  if (left->is_constant() && !right->is_constant()) {
    std::swap(left, right);
    kind = flipped(kind);
  }
  const Type a = left->type.type;
  const Type b = right->type.type;
  if (right->is_constant()) {
    if (ExpressionPtr range = compare_bucket(kind, left, right)) return range;
  }
  if (is_number(left->type) && is_number(right->type))
    return compare_numbers(kind, left, right, position);
  if (a == Type::Instant && b == Type::Date) return compare_day(kind, left, right);
  if (a == Type::Date && b == Type::Instant) return compare_day(flipped(kind), right, left);
  if (a != b) throw_mismatch(position, type_name(a), type_name(b));
  return folded(operation(kind, kBoolean, {std::move(left), std::move(right)}));
}

ExpressionPtr Checker::compare_null(Operation kind, const ExpressionPtr& left,
                                    const ExpressionPtr& right) {
  if (kind != Operation::Equal && kind != Operation::NotEqual) return boolean(false);
  const ExpressionPtr& null = left->is_null_constant() ? left : right;
  const ExpressionPtr& other = left->is_null_constant() ? right : left;
  // `@my_department eq null` asks whether there is one; otherwise a missing value equals nothing.
  const bool written = (null->absent && other->is_null_constant() && !other->absent) ||
                       (other->absent && !null->absent);
  if ((null->absent || other->absent) && !written) return boolean(kind == Operation::NotEqual);
  if (other->is_constant()) return boolean(other->value.is_null() == (kind == Operation::Equal));
  return operation(kind, kBoolean, {other, constant(other->type, nullptr)});
}

ExpressionPtr Checker::compare_numbers(Operation kind, const ExpressionPtr& left,
                                       const ExpressionPtr& right, std::size_t position) {
  if (right->is_constant() && !left->is_constant())
    return compare_with_constant(kind, left, right, position);
  const int scale = std::max(left->type.scale, right->type.scale);
  return folded(operation(kind, kBoolean,
                          {at_scale(left, scale, position), at_scale(right, scale, position)}));
}

// Brings the constant to the scale of the other side, so that an index on a column still serves.
ExpressionPtr Checker::compare_with_constant(Operation kind, const ExpressionPtr& left,
                                             const ExpressionPtr& right, std::size_t position) {
  const int excess = right->type.scale - left->type.scale;
  if (excess <= 0)
    return operation(kind, kBoolean, {left, at_scale(right, left->type.scale, position)});
  const std::int64_t factor = power_of_ten(excess);
  const std::int64_t floor = floor_divide(right->value.as_int(), factor);
  const bool exact = right->value.as_int() % factor == 0;
  if (!exact) {
    // Between two values of the coarser scale.
    if (kind == Operation::Equal || kind == Operation::NotEqual)
      return boolean(kind == Operation::NotEqual);
    const bool greater = kind == Operation::Greater || kind == Operation::GreaterOrEqual;
    kind = greater ? Operation::Greater : Operation::LessOrEqual;
  }
  return operation(kind, kBoolean, {left, constant(left->type, floor)});
}

ExpressionPtr Checker::compare_day(Operation kind, const ExpressionPtr& instant,
                                   const ExpressionPtr& date) {
  if (date->is_constant() && is_field(instant)) {
    const base::Date day = date->value.as_int();
    if (day >= kFirstDate && day <= kLastDate) return in_range(kind, instant, day, day + 1);
  }
  return folded(operation(kind, kBoolean, {local_date(instant), date}));
}

ExpressionPtr Checker::compare_bucket(Operation kind, const ExpressionPtr& left,
                                      const ExpressionPtr& right) {
  if (left->operation == Operation::LocalDate && right->type.type == Type::Date) {
    const ExpressionPtr& field = left->children[0];
    return is_field(field) ? compare_day(kind, field, right) : nullptr;
  }
  if (left->children.size() != 1 || right->type.type != Type::Integer) return nullptr;
  const auto days = bucket(left->operation, right->value.as_int());
  if (!days) return nullptr;
  const ExpressionPtr& date = left->children[0];
  const ExpressionPtr& field = date->operation == Operation::LocalDate ? date->children[0] : date;
  return is_field(field) ? in_range(kind, field, days->first, days->end) : nullptr;
}

// `field` (a Date or an Instant) against the days [first, end) as one value.
ExpressionPtr Checker::in_range(Operation kind, const ExpressionPtr& field, base::Date first,
                                base::Date end) {
  const bool is_instant = field->type.type == Type::Instant;
  const auto bound = [&](base::Date day) {
    return constant(field->type, is_instant ? environment_.zone->start_of_day(day) : day);
  };
  const auto test = [&](Operation comparison, base::Date day) {
    return operation(comparison, kBoolean, {field, bound(day)});
  };
  switch (kind) {
    case Operation::Greater:
      return test(Operation::GreaterOrEqual, end);
    case Operation::GreaterOrEqual:
      return test(Operation::GreaterOrEqual, first);
    case Operation::Less:
      return test(Operation::Less, first);
    case Operation::LessOrEqual:
      return test(Operation::Less, end);
    default: {
      ExpressionPtr inside =
          operation(Operation::And, kBoolean,
                    {test(Operation::GreaterOrEqual, first), test(Operation::Less, end)});
      return kind == Operation::Equal ? inside : negation(std::move(inside));
    }
  }
}

}  // namespace kehai::query
