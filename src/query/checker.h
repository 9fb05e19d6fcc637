// Gives names a meaning and types to everything: syntax tree + Entity → typed tree.
//
// Throws base::Error: Invalid "query.unknown_field" {field, position} (unknown and hidden alike),
// "query.type_mismatch" {position, expected, found}, "query.not_filterable" / "query.not_sortable"
// {field, position}, "query.out_of_range" {position}, "query.unknown_alias" /
// "query.duplicate_name" / "query.unknown_function" {name, position}, "query.too_complex" {limit};
// NotImplemented "query.not_supported" {name}. Pure; safe from any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "query/ast.h"
#include "query/entity.h"
#include "query/expression.h"

namespace kehai::query {

// The same folding that fills the __fold columns (case, width, 简/繁).
using FoldFunction = std::function<std::string(std::string_view)>;

// The value of a reserved alias. A null value means "this caller has none": every comparison with
// it is false.
struct AliasValue {
  FieldType type;
  base::Value value;
  bool is_list = false;
  base::Values list;

  static AliasValue one(FieldType type, base::Value value);
  static AliasValue many(FieldType type, base::Values values);
};

// What surrounds an expression while it is checked, compiled and evaluated. A plain value, made per
// request. `zone` is borrowed and outlives the checked trees.
struct Environment {
  const base::TimeZone* zone = nullptr;
  base::Instant now = 0;
  std::map<std::string, AliasValue> reserved;      // "me", "my_department", … without '@'
  std::map<std::string, NodePtr> request_aliases;  // leave empty for stored rules
  FoldFunction fold;                               // empty: folding is the identity

  // now, today and the caller's ids; a department of 0 means none.
  static Environment make(const base::TimeZone& zone, base::Instant now, std::int64_t user_id,
                          std::int64_t department_id, base::Values department_ids);
};

// A condition over one entity. `root` null = no condition (true).
struct Filter {
  const Entity* entity = nullptr;
  ExpressionPtr root;
};

struct OrderTerm {
  ExpressionPtr expression;  // a text column has ColumnForm::SortKey when it has a sort column
  bool descending = false;
  bool nullable = true;
};

// Always ends with the id, ascending unless the last written term is descending, so that one index
// serves it.
struct Order {
  const Entity* entity = nullptr;
  std::vector<OrderTerm> terms;
};

struct ApplyColumn {
  std::string name;
  FieldType type;  // of the finished value
  bool is_key = false;
  AggregateFunction function = AggregateFunction::Count;  // when not a key
  ExpressionPtr expression;                               // null for $count
};

struct ApplyOrder {
  std::size_t column = 0;  // index into columns
  bool descending = false;
};

struct CheckedApply {
  const Entity* entity = nullptr;
  ExpressionPtr filter;  // null = none
  std::vector<ApplyColumn> columns;
  std::vector<ApplyOrder> order;
};

// node null = no condition.
Filter check_filter(const NodePtr& node, const Entity& entity, const Environment& environment);
// A value of any type (formula fields, computed columns).
ExpressionPtr check_value(const NodePtr& node, const Entity& entity,
                          const Environment& environment);
Order check_order(const std::vector<OrderItem>& items, const Entity& entity,
                  const Environment& environment);
// `order` names result columns.
CheckedApply check_apply(const Apply& apply, const std::vector<OrderItem>& order,
                         const Entity& entity, const Environment& environment);

// The properties of the record itself (slot 0, no navigation) that an expression reads, sorted,
// without repetition: what has to change for a rule to change its mind.
std::vector<const Property*> used_properties(const ExpressionPtr& expression);
// Whether it reads other records (navigation, any/all/$count over a navigation).
bool uses_navigation(const ExpressionPtr& expression);

}  // namespace kehai::query
