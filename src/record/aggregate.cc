// Counts and sums within an actor's rights: one statement per part of the scope, put together here.
// One statement with an OR over the parts could use no covering index.
#include <algorithm>
#include <map>

#include "base/arithmetic.h"
#include "base/error.h"
#include "db/dialect.h"
#include "record/list_query.h"
#include "record/totals.h"

namespace kehai::record {

namespace {

constexpr std::int64_t kMaximumGroups = 10'000;

// One SELECT over a leg: everything between FROM and GROUP BY, with its parameters in order.
query::Fragment source(const std::string& table, const std::string& hint,
                       const query::Fragment& joins, const query::Fragment& base, const Leg& leg,
                       const query::Fragment& where) {
  query::Fragment out{" FROM " + db::quote_identifier(table) + " t0", {}};
  out.text += hint + joins.text + " WHERE " + base.text;
  append(out.parameters, joins.parameters);
  append(out.parameters, base.parameters);
  for (const auto* condition : {&leg.condition, &where}) {
    if (condition->text.empty() || condition->text == "1=1") continue;
    out.text += " AND (" + condition->text + ")";
    append(out.parameters, condition->parameters);
  }
  return out;
}

// Puts raw rows of several statements together, group by group.
class Merger {
 public:
  explicit Merger(const query::CheckedApply& apply) : apply_(apply) {
    std::size_t place = 0;
    for (const auto& column : apply.columns) {
      const bool average = !column.is_key && column.function == query::AggregateFunction::Average;
      places_.push_back(place);
      place += average ? 2 : 1;
    }
  }

  static bool can(const query::CheckedApply& apply) {
    return std::none_of(
        apply.columns.begin(), apply.columns.end(), [](const query::ApplyColumn& column) {
          return !column.is_key && column.function == query::AggregateFunction::CountDistinct;
        });
  }

  void add(base::Values row) {
    base::Values key;
    for (std::size_t i = 0; i < apply_.columns.size(); ++i) {
      if (apply_.columns[i].is_key) key.push_back(row[places_[i]]);
    }
    const auto [group, is_new] = groups_.emplace(std::move(key), base::Values{});
    if (is_new) {
      group->second = std::move(row);
      return;
    }
    for (std::size_t i = 0; i < apply_.columns.size(); ++i) {
      if (!apply_.columns[i].is_key)
        combine(apply_.columns[i].function, group->second, row, places_[i]);
    }
  }

  // In the order asked for, then by key.
  std::vector<base::Values> rows(std::size_t limit) const {
    std::vector<base::Values> out;
    for (const auto& [key, row] : groups_) out.push_back(row);
    std::stable_sort(out.begin(), out.end(), [&](const base::Values& a, const base::Values& b) {
      for (const auto& term : apply_.order) {
        const int order = compare_values(a[places_[term.column]], b[places_[term.column]]);
        if (order != 0) return term.descending ? order > 0 : order < 0;
      }
      return false;
    });
    if (out.size() > limit) out.resize(limit);
    return out;
  }

 private:
  static void combine(query::AggregateFunction function, base::Values& to, const base::Values& from,
                      std::size_t place) {
    using query::AggregateFunction;
    switch (function) {
      case AggregateFunction::Average:
        sum(to[place + 1], from[place + 1]);
        [[fallthrough]];
      case AggregateFunction::Sum:
      case AggregateFunction::Count:
        sum(to[place], from[place]);
        break;
      case AggregateFunction::Minimum:
        if (to[place].is_null() ||
            (!from[place].is_null() && compare_values(from[place], to[place]) < 0))
          to[place] = from[place];
        break;
      default:
        if (compare_values(from[place], to[place]) > 0) to[place] = from[place];
    }
  }
  static void sum(Value& to, const Value& from) {
    if (from.is_null()) return;
    if (to.is_null()) {
      to = from;
      return;
    }
    const auto total = base::add_scaled(to.as_int(), 1, from.as_int(), 1);
    if (!total) throw base::Error(base::ErrorKind::Invalid, "query.overflow");
    to = Value(*total);
  }

  const query::CheckedApply& apply_;
  std::vector<std::size_t> places_;
  std::map<base::Values, base::Values, query::ByValue> groups_;
};

void write_value(base::JsonWriter& writer, const query::FieldType& type, const Value& value) {
  if (value.is_null()) {
    writer.null();
    return;
  }
  switch (type.type) {
    case query::Type::Boolean:
      writer.boolean(value.as_int() != 0);
      break;
    case query::Type::Decimal:
      writer.decimal(value.as_int(), type.scale);
      break;
    case query::Type::Date:
      writer.text(base::format_date(value.as_int()));
      break;
    case query::Type::Instant:
      writer.text(base::format_instant(value.as_int()));
      break;
    default:
      writer.value(value);
  }
}

}  // namespace

std::int64_t Engine::count(const Actor& actor, std::string_view object, const ListRequest& request,
                           std::int64_t limit) {
  const auto snapshot = schema();
  const auto* found = snapshot->find(object);
  if (found == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  std::int64_t total = 0;
  parts_.database.read([&](db::Reader& reader) {
    limit_time(reader, request);
    total = count_rows(reader, actor, *found, request, limit);
  });
  return total;
}

std::int64_t Engine::count_rows(db::Reader& reader, const Actor& actor, const ObjectSchema& object,
                                const ListRequest& request, std::int64_t limit) {
  Query query(*this, actor, object, request);
  if (request.options.search && search_ != nullptr) {
    query.use_candidates(search_->find(reader, actor, object.definition(), query.scope(),
                                       *request.options.search, kSearchCandidates));
  }
  std::int64_t total = 0;
  if (query.is_empty()) return total;
  for (const auto& leg : query.disjoint_legs()) {
    query::SqlCompiler compiler(object, reader.dialect(), parts_.zone);
    const auto where = compiler.filter(query.filter);
    auto from = source(object.definition().name, hint(leg, reader.dialect()), compiler.joins(),
                       query.base_condition(), leg, where);
    std::string sql = "SELECT COUNT(*)" + from.text;
    if (limit > 0) {
      sql = "SELECT COUNT(*) FROM (SELECT 1" + from.text + " LIMIT ?) found";
      from.parameters.emplace_back(limit - total);
    }
    total += reader.scalar(sql, from.parameters).int_or(0);
    if (limit > 0 && total >= limit) break;
  }
  return total;
}

const Value& Aggregates::at(std::size_t row, std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) {
    throw base::Error(base::ErrorKind::Internal, "internal", {},
                      "no aggregate " + std::string(column));
  }
  return rows.at(row).at(static_cast<std::size_t>(found - columns.begin()));
}

Aggregates Engine::apply_typed(const Actor& actor, std::string_view object,
                               const ListRequest& request) {
  const auto snapshot = schema();
  const auto* found = snapshot->find(object);
  if (found == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  Query query(*this, actor, *found, request);
  const auto checked = query::check_apply(*request.options.apply, request.options.order,
                                          query.view().entity(*found), query.environment());
  query.also_uses(checked.filter);
  const bool may_use_totals = !request.deleted && request.fixed.empty() && !request.options.search;
  Aggregates out;
  for (const auto& column : checked.columns) {
    query.also_uses(column.expression);
    out.columns.push_back(column.name);
    out.types.push_back(column.type);
  }
  const std::int64_t top = std::min(request.options.top.value_or(kMaximumGroups), kMaximumGroups);
  parts_.database.read([&](db::Reader& reader) {
    out.rows.clear();
    limit_time(reader, request);
    if (request.options.search && search_ != nullptr) {
      query.use_candidates(search_->find(reader, actor, found->definition(), query.scope(),
                                         *request.options.search, kSearchCandidates));
    }
    auto legs = query.disjoint_legs();
    // Nothing in scope still has a sum of nothing; distinct values of two parts cannot be added up.
    if (legs.empty() || (legs.size() > 1 && !Merger::can(checked)))
      legs = {Leg{query.whole_scope(), nullptr, {"id"}}};
    Merger merger(checked);
    std::vector<base::Values> rows;
    for (const auto& leg : legs) {
      query::SqlCompiler compiler(*found, reader.dialect(), parts_.zone);
      const auto* totals = may_use_totals ? totals_for(found->definition(), parts_.zone,
                                                       query.filter.root, checked, leg.columns)
                                          : nullptr;
      using Source = query::SqlCompiler::Source;
      const auto compiled =
          compiler.apply(checked, totals == nullptr ? Source::Rows : Source::Totals);
      auto where = compiler.filter(query.filter);
      where.text = "(" + where.text + ") AND (" + compiled.where.text + ")";
      append(where.parameters, compiled.where.parameters);
      const auto from =
          totals == nullptr
              ? source(found->definition().name, hint(leg, reader.dialect()), compiler.joins(),
                       query.base_condition(), leg, where)
              : source(totals_name(found->definition(), *totals), "", {}, {"1=1", {}}, leg, where);
      base::Values values = compiled.select.parameters;
      append(values, from.parameters);
      std::string sql = "SELECT " + compiled.select.text + from.text + compiled.group_by;
      if (legs.size() == 1) {
        sql += compiled.order_by.text;
        append(values, compiled.order_by.parameters);
      }
      sql += " LIMIT ?";
      values.emplace_back(legs.size() == 1 ? top : kMaximumGroups);
      reader.query(sql, values, [&](const db::Row& row) {
        base::Values raw;
        for (int i = 0; i < row.column_count(); ++i) raw.push_back(row.get(i));
        legs.size() == 1 ? rows.push_back(std::move(raw)) : merger.add(std::move(raw));
      });
    }
    if (legs.size() > 1) rows = merger.rows(static_cast<std::size_t>(top));
    for (const auto& row : rows) out.rows.push_back(query::finish_apply_row(checked, row));
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
      write_value(writer, aggregates.types[i], row[i]);
    }
    writer.end_object();
  }
  return out;
}

}  // namespace kehai::record
