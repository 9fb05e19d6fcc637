// The syntax tree of the expression language: what was written, before names have a meaning.
//
// Nodes are immutable and shared; safe from any thread. Positions are byte offsets into the parsed
// text and take no part in equality.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/value.h"
#include "query/entity.h"

namespace kehai::query {

struct Literal {
  FieldType type;  // Null for the literal null
  base::Value
      value;  // storage form: Decimal scaled by type.scale, Boolean 0/1, Duration milliseconds
  friend bool operator==(const Literal&, const Literal&) = default;
};

enum class NodeKind {
  Literal,
  Path,    // path: {"account", "industry"}, {"opportunities", "$count"}, {"$it", "name"}
  Alias,   // name without '@'
  Not,     // children[0]
  Negate,  // children[0]
  Binary,  // name: eq ne gt ge lt le add sub mul div mod; children[0], children[1]
  Logic,   // name: and or; two or more children, none of them Logic of the same name
  In,      // children[0] in children[1]; children[1] is a List or an Alias
  List,    // children: Literals and Aliases
  Call,    // name(children…)
  Case,    // children: condition, value, condition, value, …
  Lambda,  // path/name(variable: children[0]); name is any or all; any() has no variable and no
           // child
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Node {
  explicit Node(NodeKind node_kind, std::size_t at = 0, std::string node_name = {})
      : kind(node_kind), position(at), name(std::move(node_name)) {}

  NodeKind kind;
  std::size_t position;
  std::string name;
  std::string variable;
  std::vector<std::string> path;
  Literal literal;
  std::vector<NodePtr> children;
  int depth = 1;  // of the tree below, so that every walk over it is bounded
};

// Structural equality without positions. Null pointers are equal to each other only.
bool same(const NodePtr& a, const NodePtr& b);

struct OrderItem {
  NodePtr expression;
  bool descending = false;
};

struct SelectItem {
  std::vector<std::string> path;  // {"*"} for everything
  std::size_t position = 0;
};

struct ExpandItem {
  std::string navigation;
  std::size_t position = 0;
  std::vector<SelectItem> select;  // empty = default
  NodePtr filter;
  std::vector<OrderItem> order;
  std::int64_t top = -1;  // -1 = not given
  bool count = false;
  std::vector<ExpandItem> expand;
};

enum class AggregateFunction { Count, Sum, Average, Minimum, Maximum, CountDistinct };

// "expression as name"; an empty name means that none was written.
struct NamedItem {
  NodePtr expression;
  std::string name;
  std::size_t position = 0;  // of the name, or of the expression without one
};

struct AggregateItem {
  AggregateFunction function = AggregateFunction::Count;
  NodePtr expression;  // null for $count
  std::string name;
  std::size_t position = 0;  // of the name
};

struct Apply {
  NodePtr filter;
  std::vector<NamedItem> compute;
  bool grouped = false;  // groupby(...) was written
  std::vector<NamedItem> keys;
  std::vector<AggregateItem> aggregates;
};

}  // namespace kehai::query
