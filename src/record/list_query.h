// How one list request becomes statements; internal to list.cc and aggregate.cc.
//
// A policy compiles to indexable branches. Each becomes one or more "legs": statements with an
// order and a limit of their own, served by one index, merged and deduplicated by id. One
// AND/EXISTS over a large table costs hundreds of milliseconds for a person with few rows, the
// merged legs fractions of one.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "query/compile_sql.h"
#include "query/evaluate.h"
#include "record/engine.h"
#include "record/entity_view.h"
#include "record/indexes.h"

namespace kehai::record {

inline constexpr int kSearchCandidates = 500;

struct Leg {
  query::Fragment condition;           // empty text = no condition
  const Index* index = nullptr;        // serves condition and order; null = the database's choice
  std::set<std::string> columns = {};  // of the condition; filled for counts and sums
  bool by_id = false;                  // served by the ids themselves, by no index
  // The index serves condition and order, and nothing else is asked of a row: the first rows of the
  // index are those of the page.
  bool straight = false;
};

// Names the leg's index behind the table: SQLite keeps no statistics of ours and would toss a coin
// between two indexes that look alike. PostgreSQL knows better.
std::string hint(const Leg& leg, const db::Dialect& dialect);

inline void append(base::Values& to, const base::Values& from) {
  to.insert(to.end(), from.begin(), from.end());
}

using query::compare_values;

void limit_time(db::Reader& reader, const ListRequest& request);

// Everything about one list request that does not depend on where the page starts. Used by one
// thread.
struct Engine::Query {
  Query(Engine& engine, const Actor& actor, const ObjectSchema& object, const ListRequest& request);

  void use_candidates(std::vector<RecordId> ids);
  bool has_candidates() const { return has_candidates_; }
  bool is_empty() const {
    return (has_candidates_ && candidates_.empty()) || (!scope_.all && scope_.branches.empty());
  }
  const ObjectSchema& object() const { return object_; }
  const RowScope& scope() const { return scope_; }
  EntityView& view() { return view_; }
  const query::Environment& environment() const { return environment_; }
  // Fields that the answer depends on beside filter and order.
  void also_uses(const query::ExpressionPtr& expression);

  // For a page: together all rows of the scope, some perhaps twice.
  std::vector<Leg> legs() const;
  // For counts and sums: together all rows of the scope, none twice.
  std::vector<Leg> disjoint_legs() const;
  // The same in one condition, for what cannot be put together from parts.
  query::Fragment whole_scope() const;
  // Live or deleted, fixed fields, search candidates.
  query::Fragment base_condition() const;
  std::string binding(std::int64_t user_id) const;

  query::Filter filter;
  query::Order order;

 private:
  struct Part {  // of the scope: a branch, or what the request leaves of it
    std::string column;
    std::vector<std::int64_t> values;
    bool together = false;  // few rows in all: one leg instead of one per value
  };
  using Pins = std::map<std::string, base::Values>;

  std::vector<query::OrderItem> order_items() const;
  bool usable(const Branch& branch) const;
  // Columns that the request ties to one value or a few.
  void find_pins();
  void pin(const query::ExpressionPtr& condition);
  bool serves_whole_filter(const Index& index) const;
  // The usable branches, as far as the pins leave rows in them. `whole` when one of them holds all
  // that the request asks for.
  std::vector<Part> parts(bool& whole) const;
  // The column by which the request alone names few rows, so that an OR over the scope costs
  // nothing; "" = none.
  std::string narrow_column() const;
  // `few`: the part holds few rows, so that it is the way in whatever the order; pinned columns
  // have one value each.
  std::vector<Leg> ordered_legs(const Part* part, bool few) const;
  Leg together_leg(const Part& part, const std::set<std::string>& more = {}) const;
  std::vector<Leg> narrow_legs(const std::string& column, const query::Fragment& scope) const;
  const Index* best_index(const std::string& branch_column, std::size_t most_values,
                          std::vector<std::string>& pinned) const;
  const Index* way_in(const std::string& column, const std::set<std::string>& more = {}) const;
  std::size_t pinned_prefix(const Index& index, std::size_t from) const;
  bool holds_all(const Index& index, const std::set<std::string>& more = {}) const;
  std::vector<std::string> order_columns(bool& plain) const;

  const ObjectSchema& object_;
  const ListRequest& request_;
  std::shared_ptr<const Schema> schema_;
  EntityView view_;
  query::Environment environment_;
  RowScope scope_;
  std::set<std::string> used_;    // by filter, order and sums
  std::set<std::string> needed_;  // the same without the order, which sums do not have
  Pins pins_;
  bool asks_more_than_pins_ = false;  // the filter
  std::vector<RecordId> candidates_;
  bool has_candidates_ = false;
};

}  // namespace kehai::record
