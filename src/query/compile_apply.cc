// $apply: grouping and aggregation.
#include <utility>

#include "base/arithmetic.h"
#include "query/compile_internal.h"

namespace kehai::query {
namespace {

void call(SqlWriter& writer, std::string_view name, const Expression& operand) {
  writer.text(name);
  writer.value(operand);
  writer.text(")");
}

void aggregate(SqlWriter& writer, const ApplyColumn& column, bool postgres) {
  const auto sum = [&] {
    if (postgres) {
      writer.narrowed([&] { call(writer, "sum(", *column.expression); });
    } else {
      call(writer, "kehai_sum(", *column.expression);
    }
  };
  switch (column.function) {
    case AggregateFunction::Count:
      return writer.text("count(*)");
    case AggregateFunction::Sum:
      return sum();
    case AggregateFunction::Average:
      sum();
      return call(writer, ", count(", *column.expression);
    case AggregateFunction::Minimum:
      return call(writer, "min(", *column.expression);
    case AggregateFunction::Maximum:
      return call(writer, "max(", *column.expression);
    case AggregateFunction::CountDistinct:
      return call(writer, "count(DISTINCT ", *column.expression);
  }
}

// Σ of a column of integers, exact; null when there is nothing to add.
void add_up(SqlWriter& writer, std::string_view column, bool postgres) {
  const auto call_it = [&](std::string_view name) {
    writer.text(name);
    writer.text("(t0.\"");
    writer.text(column);
    writer.text("\")");
  };
  postgres ? writer.narrowed([&] { call_it("sum"); }) : call_it("kehai_sum");
}

void aggregate_totals(SqlWriter& writer, const ApplyColumn& column, bool postgres) {
  if (column.function == AggregateFunction::Count) {
    writer.text("coalesce(");
    add_up(writer, "row_count", postgres);
    return writer.text(", 0)");
  }
  const std::string& name = column.expression->column.property->name;
  writer.text("CASE WHEN ");
  add_up(writer, name + "__count", postgres);
  writer.text(" <> 0 THEN ");
  add_up(writer, name, postgres);
  writer.text(" END");
  if (column.function != AggregateFunction::Average) return;
  writer.text(", coalesce(");
  add_up(writer, name + "__count", postgres);
  writer.text(", 0)");
}

bool is_average(const ApplyColumn& column) {
  return !column.is_key && column.function == AggregateFunction::Average;
}

}  // namespace

// Keys and order are named by their place in the select list: PostgreSQL would not see that two
// expressions with parameters are the same, and names of results never enter the text.
CompiledApply SqlCompiler::apply(const CheckedApply& apply, Source source) {
  CompiledApply result;
  result.where = filter({apply.entity, apply.filter});
  SqlWriter select(*state_);
  std::vector<std::size_t> places;
  std::size_t place = 1;
  for (const ApplyColumn& column : apply.columns) {
    if (place > 1) select.text(", ");
    if (column.is_key) {
      select.value(*column.expression);
      result.group_by += (result.group_by.empty() ? " GROUP BY " : ", ") + std::to_string(place);
    } else if (source == Source::Totals) {
      aggregate_totals(select, column, state_->dialect.is_postgres());
    } else {
      aggregate(select, column, state_->dialect.is_postgres());
    }
    places.push_back(place);
    place += is_average(column) ? 2 : 1;
  }
  result.select = select.take();
  // What came and went leaves a total of no rows.
  if (source == Source::Totals && !result.group_by.empty())
    result.group_by += " HAVING sum(t0.\"row_count\") <> 0";
  std::vector<ApplyOrder> order = apply.order;
  for (std::size_t i = 0; i < apply.columns.size() && !apply.order.empty(); ++i) {
    if (apply.columns[i].is_key) order.push_back({i, false});
  }
  for (const ApplyOrder& term : order) {
    result.order_by.text += result.order_by.text.empty() ? " ORDER BY " : ", ";
    result.order_by.text += std::to_string(places[term.column]);
    result.order_by.text +=
        term.descending ? state_->dialect.order_descending() : state_->dialect.order_ascending();
  }
  return result;
}

base::Values finish_apply_row(const CheckedApply& apply, const base::Values& raw) {
  base::Values row;
  std::size_t at = 0;
  for (const ApplyColumn& column : apply.columns) {
    if (!is_average(column)) {
      row.push_back(raw[at++]);
      continue;
    }
    const base::Value& sum = raw[at++];
    const std::int64_t count = raw[at++].int_or(0);
    const std::int64_t factor = power_of_ten(column.type.scale - column.expression->type.scale);
    const base::Exact average =
        sum.is_null() ? std::nullopt : base::divide_scaled(sum.as_int(), factor, count);
    row.push_back(average ? base::Value(*average) : base::Value());
  }
  return row;
}

}  // namespace kehai::query
