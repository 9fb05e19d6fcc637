// The typed tree that the checker makes and the back ends read. Small and closed: every operation's
// operands have exactly the types that the comment names; conversions are operations of their own.
//
// Immutable and shared. It points into the Entity, Property and Navigation objects it was checked
// against and must not outlive them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/value.h"
#include "query/ast.h"
#include "query/entity.h"

namespace kehai::query {

enum class Operation {
  Constant,      // value
  Column,        // column
  ElementValue,  // slot: the value of a multi-valued field inside any/all
  // Conditions: never null.
  And,
  Or,
  Not,
  Equal,  // null equals null
  NotEqual,
  Greater,
  GreaterOrEqual,
  Less,
  LessOrEqual,
  In,  // children[0] in list (non-null values, sorted, unique); list_has_null
  Contains,
  StartsWith,
  EndsWith,
  Any,  // collection; children[0] is the condition, absent for any()
  All,
  // Numbers. Null on overflow and on division by zero; null when an operand is null.
  Count,  // collection: number of elements
  Add,    // operands' scales may differ from the result's; the result has the larger one
  Subtract,
  Multiply,       // exact product rounded half-up to the result's scale
  Divide,         // rounded half-up to the result's scale
  IntegerDivide,  // equal scales; truncated
  Modulo,         // sign of the dividend
  Negate,
  Rescale,  // to a larger scale
  // Text
  Length,
  IndexOf,
  ToLower,
  ToUpper,
  Trim,
  Concat,
  Substring,  // 2 or 3 operands
  // Time
  LocalDate,  // Instant → Date
  Year,       // of a Date
  Month,
  Day,
  YearMonth,
  YearQuarter,
  Hour,  // of an Instant
  Minute,
  Second,
  Case,  // condition, value, condition, value, …
};

class Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

enum class ColumnForm { Plain, Folded, SortKey };

// Where a value comes from: the row in `slot` (0 = the record itself, others = variables of
// any/all), then to-one navigations, then a property.
struct ColumnReference {
  int slot = 0;
  std::vector<const Navigation*> path;
  const Property* property = nullptr;
  ColumnForm form = ColumnForm::Plain;
};

// What any/all/$count run over: a to-many navigation, or a multi-valued property.
struct Collection {
  int from_slot = 0;
  std::vector<const Navigation*> path;  // to-one hops before the collection
  const Navigation* navigation = nullptr;
  const Property* multi = nullptr;
  int slot = -1;  // the variable's row
};

class Expression {
 public:
  Operation operation = Operation::Constant;
  FieldType type;
  base::Value value;  // Constant
  bool absent =
      false;  // Constant null from an alias without a value: equals nothing, not even null
  ColumnReference column;
  int slot = 0;       // ElementValue
  base::Values list;  // In
  bool list_has_null = false;
  Collection collection;
  std::vector<ExpressionPtr> children;

  bool is_constant() const { return operation == Operation::Constant; }
  bool is_null_constant() const { return is_constant() && value.is_null(); }
};

// 10^exponent for 0 <= exponent <= 18.
std::int64_t power_of_ten(int exponent);

}  // namespace kehai::query
