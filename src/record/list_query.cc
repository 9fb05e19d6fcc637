#include "record/list_query.h"

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "db/dialect.h"
#include "query/parser.h"
#include "query/skiptoken.h"

namespace kehai::record {

namespace {

// More statements than this cost more than the sort of one statement with an IN list.
constexpr std::size_t kMaximumLegs = 400;
// A pinned column with more values than this is left to the filter.
constexpr std::size_t kMaximumPins = 8;

// Names of the record's own fields that an expression depends on, the references behind its
// navigations among them.
void collect_fields(const query::ExpressionPtr& expression, std::set<std::string>& out) {
  if (!expression) return;
  for (const auto* property : query::used_properties(expression)) out.insert(property->name);
  const auto reference = [&](int slot, const std::vector<const query::Navigation*>& path) {
    if (slot == 0 && !path.empty()) out.insert(path.front()->foreign_key);
  };
  const std::function<void(const query::Expression&)> visit = [&](const query::Expression& node) {
    reference(node.column.slot, node.column.path);
    reference(node.collection.from_slot, node.collection.path);
    for (const auto& child : node.children) visit(*child);
  };
  visit(*expression);
}

// A computed column is about the fields that it was computed from, too.
void add_reads(const ObjectDefinition& object, std::set<std::string>& fields) {
  const auto named = fields;
  for (const auto& name : named) {
    if (const auto* field = object.field(name))
      fields.insert(field->reads.begin(), field->reads.end());
  }
}

bool contains(const std::vector<std::int64_t>& values, const Value& value) {
  return value.is_int() && std::find(values.begin(), values.end(), value.as_int()) != values.end();
}

std::string column_of(const std::string& name) {
  return "t0." + db::quote_identifier(name);
}

// "column = ?", "column IS NULL" or "column IN (…)". A guarded column is hidden from the planner,
// which must not take it for a way in.
query::Fragment among(const std::string& column, const std::vector<std::int64_t>& values,
                      bool guarded) {
  query::Fragment out;
  const std::string name = guarded ? "(" + column_of(column) + " + 0)" : column_of(column);
  if (values.size() == 1) {
    out.parameters.emplace_back(values[0]);
    out.text = name + " = ?";
  } else {
    out.text = name + " IN (" + padded_places(values, out.parameters) + ")";
  }
  return out;
}

void also(query::Fragment& condition, std::string_view joint, const query::Fragment& more) {
  if (!condition.text.empty() && !more.text.empty()) condition.text += joint;
  condition.text += more.text;
  append(condition.parameters, more.parameters);
}

// Branches that hold what belongs to one person.
bool is_personal(std::string_view column) {
  return column == "owner_id" || column == "parent_owner_id";
}

template <typename Parts>
query::Fragment any_of(const Parts& parts, bool guarded) {
  query::Fragment out;
  for (const auto& part : parts) also(out, " OR ", among(part.column, part.values, guarded));
  out.text = "(" + out.text + ")";
  return out;
}

}  // namespace

std::string hint(const Leg& leg, const db::Dialect& dialect) {
  if (dialect.is_postgres()) return "";
  if (leg.by_id) return " NOT INDEXED";  // leaves the row ids
  if (leg.index == nullptr) return "";
  return " INDEXED BY " + db::quote_identifier(leg.index->name);
}

void limit_time(db::Reader& reader, const ListRequest& request) {
  if (request.budget_milliseconds > 0) reader.set_budget(request.budget_milliseconds);
}

Engine::Query::Query(Engine& engine, const Actor& actor, const ObjectSchema& object,
                     const ListRequest& request)
    : object_(object),
      request_(request),
      schema_(engine.schema()),
      view_(*schema_, engine.access(), actor),
      environment_(engine.environment(actor)),
      // What lies in the recycle bin is shown to those who may take it out.
      scope_(engine.scope_or_throw(actor, object, request.deleted ? "delete" : "read")) {
  environment_.request_aliases = request.options.aliases;
  const auto& entity = view_.entity(object);
  filter = query::check_filter(request.options.filter, entity, environment_);
  if (!request.options.apply) order = query::check_order(order_items(), entity, environment_);
  collect_fields(filter.root, needed_);
  for (const auto& [field, value] : request.fixed) needed_.insert(field);
  used_ = needed_;
  for (const auto& term : order.terms) collect_fields(term.expression, used_);
  add_reads(object.definition(), used_);
  find_pins();
}

std::vector<query::OrderItem> Engine::Query::order_items() const {
  if (!request_.options.order.empty()) return request_.options.order;
  if (!request_.default_order.empty()) return query::parse_order(request_.default_order);
  if (request_.deleted) return query::parse_order("deleted_at desc");
  return query::parse_order(object_.definition().list_orders.front() + " desc");
}

void Engine::Query::use_candidates(std::vector<RecordId> ids) {
  candidates_ = std::move(ids);
  has_candidates_ = true;
}

void Engine::Query::also_uses(const query::ExpressionPtr& expression) {
  collect_fields(expression, used_);
  add_reads(object_.definition(), used_);
  collect_fields(expression, needed_);
}

// ---- What the request itself says about the columns

namespace {

// The column that a condition ties to one value or a few, with them.
std::optional<std::pair<std::string, base::Values>> pinned_by(const query::Expression& condition) {
  using query::Operation;
  if (condition.operation != Operation::Equal && condition.operation != Operation::In)
    return std::nullopt;
  const auto& operand = *condition.children[0];
  if (operand.operation != Operation::Column || operand.column.slot != 0 ||
      !operand.column.path.empty() || operand.column.form != query::ColumnForm::Plain) {
    return std::nullopt;
  }
  const std::string& column = operand.column.property->name;
  if (condition.operation == Operation::In) {
    if (condition.list_has_null) return std::nullopt;
    return {{column, condition.list}};
  }
  const auto& constant = *condition.children[1];
  if (!constant.is_constant() || constant.absent) return std::nullopt;
  return {{column, {constant.value}}};
}

}  // namespace

void Engine::Query::find_pins() {
  for (const auto& [field, value] : request_.fixed) pins_[field] = {value};
  if (filter.root) pin(filter.root);
  // Without an owner there is no owner's department either.
  const auto owner = pins_.find("owner_id");
  const bool nobody = owner != pins_.end() && owner->second == base::Values{Value()};
  if (nobody && object_.definition().owned)
    pins_.insert_or_assign("scope_department_id", base::Values{Value()});
}

void Engine::Query::pin(const query::ExpressionPtr& condition) {
  if (condition->operation == query::Operation::And) {
    for (const auto& child : condition->children) pin(child);
    return;
  }
  auto pinned = pinned_by(*condition);
  if (!pinned || !pins_.emplace(pinned->first, std::move(pinned->second)).second)
    asks_more_than_pins_ = true;
}

bool Engine::Query::serves_whole_filter(const Index& index) const {
  const auto& columns = index.columns;
  return !asks_more_than_pins_ &&
         std::all_of(needed_.begin(), needed_.end(), [&](const std::string& column) {
           return std::find(columns.begin(), columns.end(), column) != columns.end();
         });
}

// ---- Branches

bool Engine::Query::usable(const Branch& branch) const {
  if (branch.values.empty() || object_.definition().field_index(branch.column) < 0) return false;
  // A condition on a field that these rows do not show would tell its value.
  return std::none_of(branch.hidden_fields.begin(), branch.hidden_fields.end(),
                      [&](const std::string& field) { return used_.contains(field); });
}

std::vector<Engine::Query::Part> Engine::Query::parts(bool& whole) const {
  whole = false;
  std::vector<Part> out;
  for (const auto& branch : scope_.branches) {
    if (!usable(branch)) continue;
    const auto pinned = pins_.find(branch.column);
    const bool together = branch.member_id != 0;
    if (pinned == pins_.end()) {
      out.push_back({branch.column, branch.values, together});
      continue;
    }
    Part part{branch.column, {}, together};
    for (const auto& value : pinned->second) {
      if (contains(branch.values, value)) part.values.push_back(value.as_int());
    }
    if (part.values.empty()) continue;
    if (part.values.size() == pinned->second.size()) {
      whole = true;
      return {part};
    }
    out.push_back(std::move(part));
  }
  return out;
}

std::string Engine::Query::narrow_column() const {
  if (has_candidates_) return "id";
  if (!request_.fixed.empty()) return request_.fixed.front().first;
  for (const auto& [name, values] : pins_) {
    if (values.size() != 1 || !values[0].is_int()) continue;
    if (name == "id" || name == "owner_id") return name;
    const auto* field = object_.definition().field(name);
    if (field->type != FieldType::Reference) continue;
    // What belongs to one record of the business is little; what has one stage or one category is
    // not.
    if (!schema_->at(field->target).definition().configuration) return name;
  }
  return "";
}

// The physical columns of the order without the id; `plain` when all are columns of the row in one
// direction.
std::vector<std::string> Engine::Query::order_columns(bool& plain) const {
  std::vector<std::string> columns;
  plain = true;
  for (const auto& term : order.terms) {
    const auto& expression = *term.expression;
    plain = plain && expression.operation == query::Operation::Column &&
            expression.column.slot == 0 && expression.column.path.empty() &&
            term.descending == order.terms.back().descending;
    if (!plain) return {};
    const auto& property = *expression.column.property;
    const bool by_key = expression.column.form == query::ColumnForm::SortKey;
    columns.push_back(by_key ? property.sort_column : property.name);
  }
  if (!columns.empty()) columns.pop_back();  // the id, which ends every index
  return columns;
}

// The index that begins with the branch and as many pinned columns as possible and goes on in the
// order asked for.
const Index* Engine::Query::best_index(const std::string& branch_column, std::size_t most_values,
                                       std::vector<std::string>& pinned) const {
  bool plain = false;
  const auto wanted = order_columns(plain);
  if (!plain || request_.deleted) return nullptr;
  const Index* best = nullptr;
  for (const auto& index : object_.indexes()) {
    if (index.columns.size() < wanted.size()) continue;
    const std::size_t leading = index.columns.size() - wanted.size();
    if (!std::equal(wanted.begin(), wanted.end(),
                    index.columns.begin() + static_cast<std::ptrdiff_t>(leading)))
      continue;
    std::vector<std::string> used(index.columns.begin(),
                                  index.columns.begin() + static_cast<std::ptrdiff_t>(leading));
    const auto branch = std::find(used.begin(), used.end(), branch_column);
    if (!branch_column.empty() && branch == used.end()) continue;
    if (branch != used.end()) used.erase(branch);
    const bool fits = std::all_of(used.begin(), used.end(), [&](const std::string& column) {
      const auto found = pins_.find(column);
      return found != pins_.end() && found->second.size() <= most_values && !found->second.empty();
    });
    if (!fits || (best != nullptr && used.size() <= pinned.size())) continue;
    best = &index;
    pinned = std::move(used);
  }
  return best;
}

// How many columns of the index from `from` on the request ties to one value each.
std::size_t Engine::Query::pinned_prefix(const Index& index, std::size_t from) const {
  std::size_t end = from;
  for (; end < index.columns.size(); ++end) {
    const auto found = pins_.find(index.columns[end]);
    if (found == pins_.end() || found->second.size() != 1) break;
  }
  return end - from;
}

// Whether the index has all columns that conditions and sums look at. `more`: columns beside those
// of the request.
bool Engine::Query::holds_all(const Index& index, const std::set<std::string>& more) const {
  const auto held = [&](const std::string& column) {
    return column == "id" || column == "deleted_at" ||
           std::find(index.columns.begin(), index.columns.end(), column) != index.columns.end() ||
           std::find(index.include.begin(), index.include.end(), column) != index.include.end();
  };
  return std::all_of(needed_.begin(), needed_.end(), held) &&
         std::all_of(more.begin(), more.end(), held);
}

// The index that begins with this column: one that holds all that is asked for, and goes on with
// pinned columns. Without a column: one that begins with a pinned column, of one value or several,
// and holds all.
const Index* Engine::Query::way_in(const std::string& column,
                                   const std::set<std::string>& more) const {
  if (request_.deleted) return nullptr;
  constexpr std::size_t kHoldsAll = 100;
  const Index* best = nullptr;
  std::size_t best_score = 0;
  for (const auto& index : object_.indexes()) {
    if (!column.empty() && index.columns.front() != column) continue;
    const bool all = holds_all(index, more);
    if (column.empty() && (!pins_.contains(index.columns.front()) || !all)) continue;
    const std::size_t prefix = pinned_prefix(index, 1);
    const std::size_t score = 1 + prefix + (all ? kHoldsAll : 0);
    if (score <= best_score) continue;
    best = &index;
    best_score = score;
  }
  return best;
}

// All values in one statement, which sorts what it finds.
Leg Engine::Query::together_leg(const Part& part, const std::set<std::string>& more) const {
  Leg leg{among(part.column, part.values, false), nullptr, more};
  leg.columns.insert(part.column);
  leg.by_id = part.column == "id";
  if (!leg.by_id) leg.index = way_in(part.column, more);
  return leg;
}

// One leg per value of the branch and combination of pinned values.
std::vector<Leg> Engine::Query::ordered_legs(const Part* part, bool few) const {
  if (part != nullptr && part->together) return {together_leg(*part)};
  std::vector<std::string> pinned;
  const Index* index =
      best_index(part == nullptr ? "" : part->column, few ? 1 : kMaximumPins, pinned);
  // Without a pinned column the database may know better than the order's own index, unless that
  // holds all columns asked for.
  if (part == nullptr && pinned.empty() && (index == nullptr || !holds_all(*index))) return {{}};
  const bool straight = index != nullptr && serves_whole_filter(*index);
  // SQLite would take any index with an equal column, such as that of a state which half of all
  // rows have.
  if (index == nullptr && few) index = way_in(part->column);
  std::vector<Leg> out;
  if (part == nullptr) {
    out.push_back({{}, index, {}});
  } else {
    for (const std::int64_t value : part->values)
      out.push_back({among(part->column, {value}, false), index, {}});
  }
  for (auto& leg : out) leg.straight = straight;
  for (const auto& column : pinned) {
    std::vector<Leg> product;
    for (const auto& leg : out) {
      for (const auto& value : pins_.at(column)) {
        Leg made = leg;
        const query::Fragment equal{column_of(column) + (value.is_null() ? " IS NULL" : " = ?"),
                                    value.is_null() ? base::Values{} : base::Values{value}};
        also(made.condition, " AND ", equal);
        product.push_back(std::move(made));
      }
    }
    out = std::move(product);
  }
  return out;
}

// What the request itself makes few: one leg by that column, the scope as a plain condition.
std::vector<Leg> Engine::Query::narrow_legs(const std::string& column,
                                            const query::Fragment& scope) const {
  const auto pinned = pins_.find(column);
  const bool one =
      pinned != pins_.end() && pinned->second.size() == 1 && pinned->second[0].is_int();
  if (column == "id" || !one) return {{scope, nullptr, {}}};
  const Part part{column, {pinned->second[0].as_int()}};
  auto out = ordered_legs(&part, true);
  for (auto& leg : out) also(leg.condition, " AND ", scope);
  return out;
}

std::vector<Leg> Engine::Query::legs() const {
  const std::string narrow = narrow_column();
  if (scope_.all) return narrow.empty() ? ordered_legs(nullptr, false) : narrow_legs(narrow, {});
  bool whole = false;
  const auto rest = parts(whole);
  if (rest.empty()) return {};
  if (!narrow.empty()) return narrow_legs(narrow, whole ? query::Fragment{} : any_of(rest, true));
  std::vector<Leg> out;
  for (const auto& part : rest) {
    for (auto& leg : ordered_legs(&part, is_personal(part.column))) out.push_back(std::move(leg));
  }
  if (out.size() <= kMaximumLegs) return out;
  out.clear();
  for (const auto& part : rest) {
    out.push_back(part.together ? together_leg(part)
                                : Leg{among(part.column, part.values, false), nullptr, {}});
  }
  return out;
}

std::vector<Leg> Engine::Query::disjoint_legs() const {
  const std::string narrow = narrow_column();
  const Index* narrow_index = narrow.empty() || narrow == "id" ? nullptr : way_in(narrow);
  if (scope_.all) return {Leg{{}, narrow.empty() ? way_in("") : narrow_index, {}}};
  bool whole = false;
  auto rest = parts(whole);
  if (rest.empty()) return {};
  if (!narrow.empty()) {
    if (whole) return {Leg{{}, narrow_index, {narrow}}};
    Leg leg{any_of(rest, true), narrow_index, {narrow}};
    for (const auto& part : rest) leg.columns.insert(part.column);
    return {std::move(leg)};
  }
  if (whole) return {together_leg(rest[0])};
  // Whole departments first: what they hold is left out of the smaller branches, not the other way
  // round.
  std::stable_partition(rest.begin(), rest.end(),
                        [](const Part& part) { return part.column == "scope_department_id"; });
  std::vector<Leg> out;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    std::set<std::string> excluded;
    for (std::size_t before = 0; before < i; ++before) excluded.insert(rest[before].column);
    Leg leg = together_leg(rest[i], excluded);
    for (std::size_t before = 0; before < i; ++before) {
      auto other = among(rest[before].column, rest[before].values, true);
      other.text = "(" + other.text + ") IS NOT TRUE";
      also(leg.condition, " AND ", other);
    }
    out.push_back(std::move(leg));
  }
  return out;
}

query::Fragment Engine::Query::whole_scope() const {
  if (scope_.all) return {"1=1", {}};
  bool whole = false;
  const auto rest = parts(whole);
  if (whole) return {"1=1", {}};
  return rest.empty() ? query::Fragment{"1=0", {}} : any_of(rest, !narrow_column().empty());
}

query::Fragment Engine::Query::base_condition() const {
  query::Fragment out;
  if (object_.soft_delete()) {
    out.text = request_.deleted ? "t0.\"deleted_at\" IS NOT NULL" : "t0.\"deleted_at\" IS NULL";
  } else {
    out.text = request_.deleted ? "1=0" : "1=1";
  }
  for (const auto& [field, value] : request_.fixed) {
    out.text += " AND " + column_of(field) + (value.is_null() ? " IS NULL" : " = ?");
    if (!value.is_null()) out.parameters.push_back(value);
  }
  if (has_candidates_)
    out.text += " AND t0.\"id\" IN (" + padded_places(candidates_, out.parameters) + ")";
  return out;
}

std::string Engine::Query::binding(std::int64_t user_id) const {
  std::string extra = request_.deleted ? "deleted" : "";
  for (const auto& [field, value] : request_.fixed)
    extra += "|" + field + "=" + std::to_string(value.int_or(0));
  if (request_.options.search) extra += "|search=" + *request_.options.search;
  return query::token_binding(object_.name(), request_.options.filter, order_items(), user_id,
                              extra);
}

}  // namespace kehai::record
