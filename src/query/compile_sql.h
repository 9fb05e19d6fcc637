// Typed tree to parameterised SQL for either database. Values become `?` parameters, identifiers
// come from the Entity through db::quote_identifier; the same shape of expression gives the same
// text.
//
// One SqlCompiler serves one SELECT: fragments share its table aliases and joins. Compose
//
//   SELECT t0."id", … FROM "lead" t0 <joins()> WHERE <access> AND (<filter()>) AND (<keyset
//   branch>) ORDER BY <order().text> LIMIT ?
//
// and pass parameters in the order in which the fragments stand in the text. joins() is complete
// after everything else was compiled. With Navigations::Subselects nothing needs joins(): the
// fragments stand alone (single-record checks, UPDATE … WHERE). Used by one thread; cheap to make.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "db/dialect.h"
#include "query/checker.h"
#include "query/expression.h"

namespace kehai::query {

struct Fragment {
  std::string text;
  base::Values parameters;
};

enum class Navigations { Joins, Subselects };

struct CompiledOrder {
  Fragment order_by;  // "t0."name__sort" DESC NULLS LAST, t0."id" DESC", without ORDER BY
  std::vector<Fragment>
      keys;  // select these to make the next page's token, in this order; the last is the id
};

// One column of the raw SELECT belongs to each ApplyColumn, an average takes two (sum, count).
struct CompiledApply {
  Fragment select;       // "expr AS "name", …", without SELECT
  std::string group_by;  // " GROUP BY 1, 2" or ""
  Fragment where;        // the apply's own filter; "1=1" when there is none
  Fragment order_by;     // " ORDER BY …" or ""
};

class SqlCompiler {
 public:
  // `alias` names the root row in the caller's FROM. All arguments are borrowed for the compiler's
  // life.
  SqlCompiler(const Entity& root, const db::Dialect& dialect, const base::TimeZone& zone,
              std::string alias = "t0", Navigations navigations = Navigations::Joins);
  ~SqlCompiler();
  SqlCompiler(const SqlCompiler&) = delete;
  SqlCompiler& operator=(const SqlCompiler&) = delete;

  // A condition for WHERE, AND and OR: true, or false *or null*. "1=1" when there is no condition.
  Fragment filter(const Filter& filter);
  // A value for the select list: 0/1 for conditions.
  Fragment value(const ExpressionPtr& expression);
  // A column of a record reached through to-one navigations, for $expand and $select. Joins only.
  Fragment column(const std::vector<const Navigation*>& path, const Property& property);

  CompiledOrder order(const Order& order);
  // The rows after `key` in that order: disjoint predicates, each served by the order's index, to
  // be run one after the other until the page is full (or joined with OR). Never empty for a valid
  // key unless nothing can follow.
  std::vector<Fragment> after(const Order& order, const base::Values& key);

  // Over rows, or over kept totals: rows with a count "row_count", and for each summed column the
  // sum under its own name and how many of the rows have a value under <name>__count. Totals serve
  // counts, sums and averages of plain columns only.
  enum class Source { Rows, Totals };
  CompiledApply apply(const CheckedApply& apply, Source source = Source::Rows);

  // " LEFT JOIN …" or "".
  Fragment joins() const;

  struct State;  // compile_internal.h

 private:
  std::unique_ptr<State> state_;
};

// The finished row of a compiled apply: one value per ApplyColumn (averages divided half-up).
base::Values finish_apply_row(const CheckedApply& apply, const base::Values& raw);

}  // namespace kehai::query
