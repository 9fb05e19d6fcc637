// Lists, counts and aggregates within an actor's rights.
//
// A policy compiles to indexable branches ("legs" here), each with its own keyset order and limit, merged and
// deduplicated by id: one AND/EXISTS over a large table costs hundreds of milliseconds for a person with few rows, the
// merged branches fractions of one.
#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "db/dialect.h"
#include "query/compile_sql.h"
#include "query/parser.h"
#include "query/skiptoken.h"
#include "record/engine.h"
#include "record/entity_view.h"
#include "record/render.h"

namespace kehai::record {

namespace {

// More legs than this are folded into IN lists: then the sorts cost less than the statements.
constexpr std::size_t kMaximumLegs = 48;
constexpr int kSearchCandidates = 500;
constexpr std::int64_t kBoundedCount = 1000;
constexpr std::int64_t kCountBudget = 200;  // milliseconds, for a bounded count beside a page

struct Leg {
  query::Fragment condition;  // empty text = no condition
};

void append(base::Values& to, const base::Values& from) { to.insert(to.end(), from.begin(), from.end()); }

// Nulls lowest, integers by value, text bytewise: the order of both databases.
int compare(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return static_cast<int>(!a.is_null()) - static_cast<int>(!b.is_null());
  if (a.is_int() && b.is_int()) return a.as_int() < b.as_int() ? -1 : static_cast<int>(a.as_int() > b.as_int());
  const int order = a.text_or("").compare(b.text_or(""));
  return order < 0 ? -1 : static_cast<int>(order > 0);
}

// Names of the record's own fields that an expression depends on, the references behind its navigations among them.
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

void limit_time(db::Reader& reader, const ListRequest& request) {
  if (request.budget_milliseconds > 0) reader.set_budget(request.budget_milliseconds);
}

struct KeyedRow {
  base::Values key;  // order keys; the last is the id
};

}  // namespace

// Everything about one list request that does not depend on where the page starts.
struct Engine::Query {
  Query(Engine& engine, const Actor& actor, const ObjectSchema& object, const ListRequest& request)
      : engine_(engine),
        object_(object),
        request_(request),
        schema_(engine.schema()),
        view_(*schema_, engine.access(), actor),
        environment_(engine.environment(actor)),
        scope_(engine.scope_or_throw(actor, object, "read")) {
    environment_.request_aliases = request.options.aliases;
    const auto& entity = view_.entity(object);
    filter = query::check_filter(request.options.filter, entity, environment_);
    if (!request.options.apply) order = query::check_order(order_items(), entity, environment_);
    collect_fields(filter.root, used_);
    for (const auto& term : order.terms) collect_fields(term.expression, used_);
    for (const auto& [field, value] : request.fixed) used_.insert(field);
  }

  std::vector<query::OrderItem> order_items() const {
    if (!request_.options.order.empty()) return request_.options.order;
    if (!request_.default_order.empty()) return query::parse_order(request_.default_order);
    if (request_.deleted) return query::parse_order("deleted_at desc");
    return query::parse_order(object_.definition().list_orders.front() + " desc");
  }

  void use_candidates(std::vector<RecordId> ids) {
    candidates_ = std::move(ids);
    has_candidates_ = true;
  }
  bool is_empty() const { return (has_candidates_ && candidates_.empty()) || (!scope_.all && scope_.branches.empty()); }
  const RowScope& scope() const { return scope_; }
  const Schema& schema() const { return *schema_; }
  EntityView& view() { return view_; }
  const query::Environment& environment() const { return environment_; }
  void also_uses(const query::ExpressionPtr& expression) { collect_fields(expression, used_); }

  // One leg per branch value; one leg with OR when few rows are looked at anyway.
  std::vector<Leg> legs() const {
    if (scope_.all) return {{}};
    std::vector<const Branch*> branches;
    std::size_t values = 0;
    for (const auto& branch : scope_.branches) {
      if (!usable(branch)) continue;
      branches.push_back(&branch);
      values += branch.values.size();
    }
    if (branches.empty()) return {};
    if (!request_.fixed.empty() || has_candidates_) return {any_of(branches)};
    std::vector<Leg> out;
    for (const auto* branch : branches) {
      if (values > kMaximumLegs) {
        out.push_back({in(*branch, branch->values)});
        continue;
      }
      for (const std::int64_t value : branch->values) out.push_back({in(*branch, {value})});
    }
    return out;
  }

  // The whole scope as one condition: counts and aggregates.
  query::Fragment scope_condition() const {
    if (scope_.all) return {"1=1", {}};
    std::vector<const Branch*> branches;
    for (const auto& branch : scope_.branches) {
      if (usable(branch)) branches.push_back(&branch);
    }
    return branches.empty() ? query::Fragment{"1=0", {}} : any_of(branches).condition;
  }

  // Live or deleted, fixed fields, search candidates.
  query::Fragment base_condition() const {
    query::Fragment out;
    if (object_.soft_delete()) {
      out.text = request_.deleted ? "t0.\"deleted_at\" IS NOT NULL" : "t0.\"deleted_at\" IS NULL";
    } else {
      out.text = request_.deleted ? "1=0" : "1=1";
    }
    for (const auto& [field, value] : request_.fixed) {
      out.text += " AND t0." + db::quote_identifier(field) + (value.is_null() ? " IS NULL" : " = ?");
      if (!value.is_null()) out.parameters.push_back(value);
    }
    if (has_candidates_) out.text += " AND t0.\"id\" IN (" + padded_places(candidates_, out.parameters) + ")";
    return out;
  }

  std::string binding(std::int64_t user_id) const {
    std::string extra = request_.deleted ? "deleted" : "";
    for (const auto& [field, value] : request_.fixed) extra += "|" + field + "=" + std::to_string(value.int_or(0));
    if (request_.options.search) extra += "|search=" + *request_.options.search;
    return query::token_binding(object_.name(), request_.options.filter, order_items(), user_id, extra);
  }

  query::Filter filter;
  query::Order order;

 private:
  bool usable(const Branch& branch) const {
    if (branch.values.empty() || object_.definition().field_index(branch.column) < 0) return false;
    // A condition on a field that these rows do not show would tell its value.
    return std::none_of(branch.hidden_fields.begin(), branch.hidden_fields.end(),
                        [&](const std::string& field) { return used_.contains(field); });
  }
  static query::Fragment in(const Branch& branch, const std::vector<std::int64_t>& values) {
    query::Fragment out;
    const std::string column = "t0." + db::quote_identifier(branch.column);
    if (values.size() == 1) {
      out.parameters.emplace_back(values[0]);
      out.text = column + " = ?";
    } else {
      out.text = column + " IN (" + padded_places(values, out.parameters) + ")";
    }
    return out;
  }
  static Leg any_of(const std::vector<const Branch*>& branches) {
    Leg leg;
    for (const auto* branch : branches) {
      const auto condition = in(*branch, branch->values);
      leg.condition.text += (leg.condition.text.empty() ? "(" : " OR ") + condition.text;
      append(leg.condition.parameters, condition.parameters);
    }
    leg.condition.text += ")";
    return leg;
  }

  Engine& engine_;
  const ObjectSchema& object_;
  const ListRequest& request_;
  std::shared_ptr<const Schema> schema_;
  EntityView view_;
  query::Environment environment_;
  RowScope scope_;
  std::set<std::string> used_;
  std::vector<RecordId> candidates_;
  bool has_candidates_ = false;
};

namespace {

// The rows of one leg after `key`, at most `limit`, calling each(row, number of columns before the keys).
void run_leg(db::Reader& reader, const ObjectSchema& object, const base::TimeZone& zone, const query::Filter& filter,
             const query::Order& order, const query::Fragment& base_condition, const Leg& leg,
             const std::string& columns, const base::Values* key, int limit,
             const std::function<void(const db::Row&)>& each) {
  query::SqlCompiler compiler(object, reader.dialect(), zone);
  const auto where = compiler.filter(filter);
  const auto compiled = compiler.order(order);
  std::vector<query::Fragment> starts;
  if (key == nullptr) {
    starts.push_back({});
  } else {
    starts = compiler.after(order, *key);
  }
  const auto joins = compiler.joins();
  std::string select = "SELECT " + columns;
  base::Values select_values;
  for (const auto& key_column : compiled.keys) {
    select += (select.size() > 7 ? ", " : "") + key_column.text;
    append(select_values, key_column.parameters);
  }
  int found = 0;
  for (const auto& start : starts) {
    if (found >= limit) break;
    std::string sql = select + " FROM " + db::quote_identifier(object.table()) + " t0" + joins.text + " WHERE " +
                      base_condition.text;
    base::Values values = select_values;
    append(values, joins.parameters);
    append(values, base_condition.parameters);
    const auto add = [&](const query::Fragment& fragment) {
      if (fragment.text.empty() || fragment.text == "1=1") return;
      sql += " AND (" + fragment.text + ")";
      append(values, fragment.parameters);
    };
    add(leg.condition);
    add(where);
    add(start);
    sql += " ORDER BY " + compiled.order_by.text + " LIMIT ?";
    append(values, compiled.order_by.parameters);
    values.emplace_back(limit - found);
    reader.query(sql, values, [&](const db::Row& row) {
      ++found;
      each(row);
    });
  }
}

}  // namespace

std::vector<TypedRow> Engine::page_rows(db::Reader& reader, const Actor& actor, const ObjectSchema& object,
                                        const ListRequest& request, std::string& next_token) {
  Query query(*this, actor, object, request);
  std::vector<TypedRow> out;
  if (request.options.search && search_ != nullptr) {
    query.use_candidates(search_->find(reader, actor, object.definition(), query.scope(), *request.options.search,
                                       kSearchCandidates));
  }
  const auto legs = query.legs();
  if (query.is_empty() || legs.empty()) return out;

  const auto wanted = static_cast<std::size_t>(
      std::min<std::int64_t>(request.options.top.value_or(request.default_top), request.maximum_top));
  if (wanted == 0) return out;
  const auto skip = static_cast<std::size_t>(request.options.skip);
  const int limit = static_cast<int>(wanted + skip + 1);
  const std::string binding = query.binding(actor.user_id);
  base::Values start;
  if (!request.options.skiptoken.empty()) {
    start = query::decode_skiptoken(request.options.skiptoken, binding, parts_.token_secret);
  }
  const base::Values* key = start.empty() ? nullptr : &start;
  const auto base_condition = query.base_condition();
  const std::size_t key_count = query.order.terms.size();
  std::vector<base::Values> keys;  // of the rows in `out`
  const bool has_many = std::any_of(object.definition().fields.begin(), object.definition().fields.end(),
                                    [](const FieldDefinition& field) { return field.multiple; });

  if (legs.size() == 1) {
    const auto& fields = object.stored_fields();
    const std::string columns = select_list(object, fields, "t0");
    run_leg(reader, object, parts_.zone, query.filter, query.order, base_condition, legs[0], columns, key, limit,
            [&](const db::Row& row) {
              Record record(object.definition());
              for (std::size_t i = 0; i < fields.size(); ++i) record.at(fields[i]) = row.get(static_cast<int>(i));
              base::Values row_key;
              for (std::size_t i = 0; i < key_count; ++i) row_key.push_back(row.get(static_cast<int>(fields.size() + i)));
              keys.push_back(std::move(row_key));
              out.push_back({std::move(record), {}});
            });
  } else {
    // Keys only, then the rows of the page: each branch reads nothing but its index.
    std::vector<KeyedRow> merged;
    for (const auto& leg : legs) {
      run_leg(reader, object, parts_.zone, query.filter, query.order, base_condition, leg, "", key, limit,
              [&](const db::Row& row) {
                KeyedRow keyed;
                for (std::size_t k = 0; k < key_count; ++k) keyed.key.push_back(row.get(static_cast<int>(k)));
                merged.push_back(std::move(keyed));
              });
    }
    const auto before = [&](const KeyedRow& a, const KeyedRow& b) {
      for (std::size_t k = 0; k < key_count; ++k) {
        const int order = compare(a.key[k], b.key[k]);
        if (order != 0) return query.order.terms[k].descending ? order > 0 : order < 0;
      }
      return false;
    };
    std::sort(merged.begin(), merged.end(), before);
    merged.erase(std::unique(merged.begin(), merged.end(),
                             [](const KeyedRow& a, const KeyedRow& b) { return a.key.back() == b.key.back(); }),
                 merged.end());
    if (merged.size() > static_cast<std::size_t>(limit)) merged.resize(static_cast<std::size_t>(limit));
    std::vector<RecordId> ids;
    for (const auto& keyed : merged) ids.push_back(keyed.key.back().as_int());
    std::unordered_map<RecordId, Record> by_id;
    for (auto& record : store_.load_many(reader, object, ids)) {
      const RecordId id = record.id();
      by_id.emplace(id, std::move(record));
    }
    for (auto& keyed : merged) {
      const auto found = by_id.find(keyed.key.back().as_int());
      if (found == by_id.end()) continue;
      keys.push_back(std::move(keyed.key));
      out.push_back({std::move(found->second), {}});
    }
  }
  // What a row hides is what all branches that admit it hide, whichever of them found it.
  if (!query.scope().all) {
    for (auto& row : out) admits(query.scope(), row.record, &row.hidden);
  }
  if (skip > 0) {
    const auto cut = static_cast<std::ptrdiff_t>(std::min(skip, out.size()));
    out.erase(out.begin(), out.begin() + cut);
    keys.erase(keys.begin(), keys.begin() + cut);
  }
  if (out.size() > wanted) {
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(wanted), out.end());
    next_token = query::encode_skiptoken(keys[wanted - 1], binding, parts_.token_secret);
  }
  if (has_many) {
    std::vector<RecordId> ids;
    std::unordered_map<RecordId, Record*> by_id;
    for (auto& row : out) {
      ids.push_back(row.record.id());
      by_id[row.record.id()] = &row.record;
    }
    for (const auto& field : object.definition().fields) {
      if (!field.multiple) continue;
      store_.multi_values(reader, object.definition(), field, ids, [&](RecordId id, Value value) {
        auto values = by_id[id]->many(field.name);
        values.push_back(std::move(value));
        by_id[id]->set_many(field.name, std::move(values));
      });
    }
  }
  return out;
}

ListPage Engine::list(const Actor& actor, std::string_view object, const ListRequest& request) {
  const auto snapshot = schema();
  const auto* found = snapshot->find(object);
  if (found == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  ListPage page;
  parts_.database.read([&](db::Reader& reader) {
    page = {};
    limit_time(reader, request);
    const auto rows = page_rows(reader, actor, *found, request, page.next_token);
    std::vector<std::string> rendered;
    append_expanded(reader, actor, *found, rows, request.options, rendered, 0);
    for (const auto& row : rendered) {
      if (!page.elements.empty()) page.elements += ',';
      page.elements += row;
    }
    page.size = rendered.size();
  });
  if (request.options.count || request.options.count_bounded) {
    const std::int64_t limit = request.options.count ? 0 : kBoundedCount + 1;
    auto counting = request;
    counting.budget_milliseconds = request.options.count ? request.budget_milliseconds : kCountBudget;
    try {
      const std::int64_t counted = count(actor, object, counting, limit);
      page.count_exact = request.options.count || counted <= kBoundedCount;
      page.count = page.count_exact ? counted : kBoundedCount;
    } catch (const base::Error& error) {
      // The page is there; how many follow is said when it is cheap to know.
      if (request.options.count || error.kind() != base::ErrorKind::Limit) throw;
      page.count_exact = false;
      page.count = static_cast<std::int64_t>(page.size);
    }
  }
  return page;
}

std::string Engine::list_typed(const Actor& actor, std::string_view object, const ListRequest& request,
                               const std::function<void(const TypedRow&)>& each) {
  const auto snapshot = schema();
  std::string next;
  std::vector<TypedRow> rows;
  parts_.database.read([&](db::Reader& reader) {
    next.clear();
    limit_time(reader, request);
    rows = page_rows(reader, actor, snapshot->at(object), request, next);
  });
  for (const auto& row : rows) each(row);
  return next;
}

std::int64_t Engine::count(const Actor& actor, std::string_view object, const ListRequest& request, std::int64_t limit) {
  const auto snapshot = schema();
  const auto* found = snapshot->find(object);
  if (found == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  Query query(*this, actor, *found, request);
  std::int64_t total = 0;
  parts_.database.read([&](db::Reader& reader) {
    limit_time(reader, request);
    if (request.options.search && search_ != nullptr) {
      query.use_candidates(search_->find(reader, actor, found->definition(), query.scope(), *request.options.search,
                                         kSearchCandidates));
    }
    total = 0;
    if (query.is_empty()) return;
    query::SqlCompiler compiler(*found, reader.dialect(), parts_.zone);
    const auto where = compiler.filter(query.filter);
    const auto joins = compiler.joins();
    const auto base_condition = query.base_condition();
    const auto scope = query.scope_condition();
    const std::string from = " FROM " + db::quote_identifier(found->table()) + " t0" + joins.text + " WHERE " +
                             base_condition.text + " AND " + scope.text + " AND (" + where.text + ")";
    base::Values values = joins.parameters;
    append(values, base_condition.parameters);
    append(values, scope.parameters);
    append(values, where.parameters);
    std::string sql = "SELECT COUNT(*)" + from;
    if (limit > 0) {
      sql = "SELECT COUNT(*) FROM (SELECT 1" + from + " LIMIT ?) found";
      values.emplace_back(limit);
    }
    total = reader.scalar(sql, values).int_or(0);
  });
  return total;
}

namespace {

void write_apply_value(base::JsonWriter& writer, const query::FieldType& type, const Value& value) {
  if (value.is_null()) {
    writer.null();
    return;
  }
  switch (type.type) {
    case query::Type::Boolean: writer.boolean(value.as_int() != 0); break;
    case query::Type::Decimal: writer.decimal(value.as_int(), type.scale); break;
    case query::Type::Date: writer.text(base::format_date(value.as_int())); break;
    case query::Type::Instant: writer.text(base::format_instant(value.as_int())); break;
    default: writer.value(value);
  }
}

}  // namespace

const Value& Aggregates::at(std::size_t row, std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) {
    throw base::Error(base::ErrorKind::Internal, "internal", {}, "no aggregate " + std::string(column));
  }
  return rows.at(row).at(static_cast<std::size_t>(found - columns.begin()));
}

Aggregates Engine::apply_typed(const Actor& actor, std::string_view object, const ListRequest& request) {
  const auto snapshot = schema();
  const auto* found = snapshot->find(object);
  if (found == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  Query query(*this, actor, *found, request);
  const auto checked = query::check_apply(*request.options.apply, request.options.order, query.view().entity(*found),
                                          query.environment());
  query.also_uses(checked.filter);
  for (const auto& column : checked.columns) query.also_uses(column.expression);
  Aggregates out;
  for (const auto& column : checked.columns) {
    out.columns.push_back(column.name);
    out.types.push_back(column.type);
  }
  parts_.database.read([&](db::Reader& reader) {
    out.rows.clear();
    limit_time(reader, request);
    if (request.options.search && search_ != nullptr) {
      query.use_candidates(search_->find(reader, actor, found->definition(), query.scope(), *request.options.search,
                                         kSearchCandidates));
    }
    query::SqlCompiler compiler(*found, reader.dialect(), parts_.zone);
    const auto compiled = compiler.apply(checked);
    const auto where = compiler.filter(query.filter);
    const auto joins = compiler.joins();
    const auto base_condition = query.base_condition();
    const auto scope = query.scope_condition();
    std::string sql = "SELECT " + compiled.select.text + " FROM " + db::quote_identifier(found->table()) + " t0" +
                      joins.text + " WHERE " + base_condition.text + " AND " + scope.text + " AND (" + where.text +
                      ") AND (" + compiled.where.text + ")" + compiled.group_by + compiled.order_by.text + " LIMIT ?";
    base::Values values = compiled.select.parameters;
    append(values, joins.parameters);
    append(values, base_condition.parameters);
    append(values, scope.parameters);
    append(values, where.parameters);
    append(values, compiled.where.parameters);
    append(values, compiled.order_by.parameters);
    constexpr std::int64_t kMaximumGroups = 10'000;
    values.emplace_back(std::min(request.options.top.value_or(kMaximumGroups), kMaximumGroups));
    reader.query(sql, values, [&](const db::Row& row) {
      base::Values raw;
      for (int i = 0; i < row.column_count(); ++i) raw.push_back(row.get(i));
      out.rows.push_back(query::finish_apply_row(checked, raw));
    });
  });
  return out;
}

std::string Engine::apply(const Actor& actor, std::string_view object, const ListRequest& request) {
  const Aggregates aggregates = apply_typed(actor, object, request);
  std::string out;
  base::JsonWriter writer(out);
  for (const auto& row : aggregates.rows) {
    writer.begin_object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      writer.key(aggregates.columns[i]);
      write_apply_value(writer, aggregates.types[i], row[i]);
    }
    writer.end_object();
  }
  return out;
}

}  // namespace kehai::record
