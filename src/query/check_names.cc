// What names mean: fields, related records, collections, variables, parameter aliases.
#include <algorithm>

#include "base/error.h"
#include "query/checker_internal.h"
#include "query/lexer.h"

namespace kehai::query {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kMaximumHops = 4;
constexpr std::size_t kMaximumJoins = 8;
constexpr std::size_t kMaximumNesting = 3;
constexpr int kMaximumCollections = 8;

std::string join(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& name : path) out += (out.empty() ? "" : "/") + name;
  return out;
}

[[noreturn]] void throw_about_field(const char* code, const Node& node) {
  throw Error(ErrorKind::Invalid, code,
              {{"field", join(node.path)}, {"position", std::to_string(node.position)}});
}

[[noreturn]] void throw_unknown_field(const Node& node) {
  throw_about_field("query.unknown_field", node);
}

}  // namespace

Checker::Place Checker::start(const Node& node) const {
  const std::string& first = node.path.front();
  if (first == "$it") return {0, &entity_, {}, 1};
  for (auto variable = variables_.rbegin(); variable != variables_.rend(); ++variable) {
    if (variable->name == first) return {variable->slot, variable->entity, {}, 1};
  }
  return {0, &entity_, {}, 0};
}

void Checker::follow(Place& place, const Node& node, std::size_t stop) {
  for (; place.next + 1 < stop; ++place.next) {
    const Navigation* hop =
        place.entity ? place.entity->navigation(node.path[place.next]) : nullptr;
    if (hop == nullptr) throw_unknown_field(node);
    if (hop->to_many) throw_mismatch(node.position, "any, all or $count", node.path[place.next]);
    place.hops.push_back(hop);
    place.entity = hop->target;
    if (place.hops.size() > kMaximumHops) throw_too_complex("hops");
    joins_.emplace(place.slot, place.hops);
    if (joins_.size() > kMaximumJoins) throw_too_complex("joins");
  }
}

const Property& Checker::require_property(const Entity& entity, const std::string& name,
                                          const Node& node) const {
  const Property* property = entity.property(name);
  if (property == nullptr) throw_unknown_field(node);
  if (!property->filterable && purpose_ != Purpose::Value) {
    throw_about_field("query.not_filterable", node);
  }
  if (!property->sortable && purpose_ == Purpose::Order) {
    throw_about_field("query.not_sortable", node);
  }
  return *property;
}

ExpressionPtr Checker::path(const Node& node) {
  const auto variable =
      std::find_if(variables_.rbegin(), variables_.rend(),
                   [&](const Variable& v) { return v.name == node.path.front(); });
  if (variable != variables_.rend() && variable->entity == nullptr) {
    if (node.path.size() > 1) throw_unknown_field(node);
    auto element = std::make_shared<Expression>();
    element->operation = Operation::ElementValue;
    element->type = variable->element;
    element->slot = variable->slot;
    return element;
  }
  if (variable == variables_.rend() && node.path.size() == 1) {
    if (const auto found = computed_.find(node.path[0]); found != computed_.end())
      return found->second;
  }
  Place place = start(node);
  if (place.next == node.path.size()) throw_mismatch(node.position, "a field", node.path[0]);
  follow(place, node, node.path.size());
  const Property& property = require_property(*place.entity, node.path.back(), node);
  if (!property.multi_table.empty())
    throw_mismatch(node.position, "any, all or $count", join(node.path));
  auto column = std::make_shared<Expression>();
  column->operation = Operation::Column;
  column->type = property.type;
  column->column = {place.slot, std::move(place.hops), &property, ColumnForm::Plain};
  return column;
}

void Checker::count_collection() {
  if (++collections_ > kMaximumCollections) throw_too_complex("collections");
  if (variables_.size() >= kMaximumNesting) throw_too_complex("nesting");
}

// The first `length` items of the path name the collection.
Collection Checker::collection(const Node& node, std::size_t length) {
  count_collection();
  Place place = start(node);
  if (place.next >= length || place.entity == nullptr)
    throw_mismatch(node.position, "a collection", join(node.path));
  follow(place, node, length);
  Collection result;
  result.from_slot = place.slot;
  result.path = std::move(place.hops);
  result.slot = next_slot_++;
  const std::string& name = node.path[length - 1];
  result.navigation = place.entity->navigation(name);
  if (result.navigation != nullptr) {
    if (!result.navigation->to_many) throw_mismatch(node.position, "a collection", join(node.path));
    return result;
  }
  result.multi = &require_property(*place.entity, name, node);
  if (result.multi->multi_table.empty())
    throw_mismatch(node.position, "a collection", join(node.path));
  return result;
}

ExpressionPtr Checker::count(const Node& node) {
  auto result = std::make_shared<Expression>();
  result->operation = Operation::Count;
  result->type = kInteger;
  result->collection = collection(node, node.path.size() - 1);
  return result;
}

ExpressionPtr Checker::lambda(const Node& node) {
  auto result = std::make_shared<Expression>();
  result->operation = node.name == "any" ? Operation::Any : Operation::All;
  result->type = kBoolean;
  result->collection = collection(node, node.path.size());
  if (node.children.empty()) return result;
  const Collection& over = result->collection;
  variables_.push_back({node.variable, over.slot,
                        over.navigation ? over.navigation->target : nullptr,
                        over.multi ? over.multi->type : FieldType{}});
  result->children.push_back(condition(*node.children[0]));
  variables_.pop_back();
  return result;
}

ExpressionPtr Checker::alias(const Node& node) {
  const auto reserved = environment_.reserved.find(node.name);
  if (reserved != environment_.reserved.end()) {
    const AliasValue& value = reserved->second;
    if (value.is_list) throw_mismatch(node.position, "a value", "@" + node.name);
    return value.value.is_null() ? absent_constant(value.type) : constant(value.type, value.value);
  }
  const auto defined = environment_.request_aliases.find(node.name);
  if (defined == environment_.request_aliases.end()) {
    throw_unknown_alias(node);
  }
  if (defined->second->kind != NodeKind::Literal)
    throw_mismatch(node.position, "a value", "@" + node.name);
  return constant(defined->second->literal.type, defined->second->literal.value);
}

}  // namespace kehai::query
