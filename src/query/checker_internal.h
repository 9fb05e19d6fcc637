// The checker behind checker.h; one object per expression (or per group of expressions that share
// limits).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/checker.h"

namespace kehai::query {

// What the expression is for decides which properties it may read.
enum class Purpose { Filter, Order, Value };

class Checker {
 public:
  Checker(const Entity& entity, const Environment& environment, Purpose purpose)
      : entity_(entity), environment_(environment), purpose_(purpose) {}

  ExpressionPtr value(const Node& node);
  ExpressionPtr condition(const Node& node);
  // Names that $apply's compute defined.
  void define(const std::string& name, ExpressionPtr expression);

  // A rescaled constant or a Rescale; `scale` is not smaller than the expression's.
  ExpressionPtr at_scale(const ExpressionPtr& expression, int scale, std::size_t position);

 private:
  // A variable of any/all: a record (entity) or the value of a multi-valued field (element).
  struct Variable {
    std::string name;
    int slot = 0;
    const Entity* entity = nullptr;
    FieldType element;
  };
  // Where a path has led to so far.
  struct Place {
    int slot = 0;
    const Entity* entity = nullptr;
    std::vector<const Navigation*> hops;
    std::size_t next = 0;  // first path item that is not used up
  };

  ExpressionPtr path(const Node& node);
  Place start(const Node& node) const;
  // Follows to-one navigations until `stop` items are left.
  void follow(Place& place, const Node& node, std::size_t stop);
  const Property& require_property(const Entity& entity, const std::string& name,
                                   const Node& node) const;
  Collection collection(const Node& node, std::size_t length);
  ExpressionPtr count(const Node& node);
  ExpressionPtr lambda(const Node& node);
  void count_collection();

  ExpressionPtr alias(const Node& node);
  ExpressionPtr logic(const Node& node);
  ExpressionPtr binary(const Node& node);
  ExpressionPtr negate(const Node& node);
  ExpressionPtr case_of(const Node& node);
  ExpressionPtr membership(const Node& node);
  // The items of an `in`: literals and aliases, resolved.
  std::vector<ExpressionPtr> list_items(const Node& list);

  ExpressionPtr compare(Operation operation, ExpressionPtr left, ExpressionPtr right,
                        std::size_t position);
  ExpressionPtr compare_null(Operation operation, const ExpressionPtr& left,
                             const ExpressionPtr& right);
  ExpressionPtr compare_numbers(Operation operation, const ExpressionPtr& left,
                                const ExpressionPtr& right, std::size_t position);
  ExpressionPtr compare_with_constant(Operation operation, const ExpressionPtr& left,
                                      const ExpressionPtr& right, std::size_t position);
  ExpressionPtr compare_day(Operation operation, const ExpressionPtr& instant,
                            const ExpressionPtr& date);
  // A date function of a field against a constant as a range of the field; null when it cannot be
  // one.
  ExpressionPtr compare_bucket(Operation operation, const ExpressionPtr& left,
                               const ExpressionPtr& right);
  ExpressionPtr in_range(Operation operation, const ExpressionPtr& field, base::Date first,
                         base::Date end);

  ExpressionPtr arithmetic(Operation operation, const ExpressionPtr& left,
                           const ExpressionPtr& right, const Node& node);
  ExpressionPtr time_arithmetic(Operation operation, const ExpressionPtr& left,
                                const ExpressionPtr& right, const Node& node);

  // check_functions.cc
  ExpressionPtr call(const Node& node);
  ExpressionPtr argument(const Node& node, std::size_t index, Type type);
  ExpressionPtr date_argument(const Node& node, std::size_t index);
  ExpressionPtr text_search(const Node& node, Operation operation);
  void fold_search(ExpressionPtr& text, ExpressionPtr& needle) const;
  ExpressionPtr local_date(const ExpressionPtr& instant);
  void count_zone_function(const ExpressionPtr& operand);

  // An operation that is null (a condition: false) when an operand is; folds constants.
  ExpressionPtr strict(Operation operation, FieldType type,
                       std::vector<ExpressionPtr> children) const;
  ExpressionPtr folded(ExpressionPtr expression) const;

  const Entity& entity_;
  const Environment& environment_;
  Purpose purpose_;
  std::map<std::string, ExpressionPtr> computed_;
  std::vector<Variable> variables_;
  std::set<std::pair<int, std::vector<const Navigation*>>> joins_;
  int next_slot_ = 1;
  int collections_ = 0;
  int zone_functions_ = 0;
};

inline constexpr FieldType kBoolean{Type::Boolean, 0};
inline constexpr FieldType kInteger{Type::Integer, 0};
inline constexpr FieldType kText{Type::Text, 0};
inline constexpr FieldType kDate{Type::Date, 0};
inline constexpr FieldType kInstant{Type::Instant, 0};
inline constexpr FieldType kDuration{Type::Duration, 0};

ExpressionPtr constant(FieldType type, base::Value value);
// The null of a parameter alias that has no value for this caller.
ExpressionPtr absent_constant(FieldType type);
ExpressionPtr boolean(bool value);
ExpressionPtr operation(Operation operation, FieldType type, std::vector<ExpressionPtr> children);
ExpressionPtr negation(ExpressionPtr condition);
bool is_number(FieldType type);
std::string_view type_name(Type type);
[[noreturn]] void throw_unknown_alias(const Node& alias);
[[noreturn]] void throw_mismatch(std::size_t position, std::string_view expected,
                                 std::string_view found);

}  // namespace kehai::query
