// Pages of a list, within an actor's rights.
#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "db/dialect.h"
#include "query/compile_sql.h"
#include "query/skiptoken.h"
#include "record/expand.h"
#include "record/formulas.h"
#include "record/list_query.h"
#include "record/rows_writer.h"

namespace kehai::record {

namespace {

constexpr std::int64_t kBoundedCount = 1000;
// Numbers of rows that pages are made of stand in the statement itself: PostgreSQL keeps one plan
// for all values only if it knows how many rows are wanted, and plans each time otherwise, which
// takes longer than to fetch them.
constexpr int kUsualLimit = 501;
// Branches of a scope that PostgreSQL is asked for in one exchange. What one of them finds does not
// bound the others then, but from an index alone that is little, and an exchange costs more.
constexpr std::size_t kLegsTogether = 8;
constexpr std::int64_t kCountBudget = 200;  // milliseconds, for a bounded count beside a page

// The keys of the legs in the order of the list, each row once, and no more than are wanted.
class MergedKeys {
 public:
  MergedKeys(const query::Order& order, std::size_t wanted)
      : terms_(order.terms), wanted_(wanted) {}

  // A row of the keys alone.
  void add(const db::Row& row) {
    rows_.push_back(values_.size());
    for (std::size_t k = 0; k < terms_.size(); ++k) values_.push_back(row.get(static_cast<int>(k)));
  }
  // After each leg, whose own keys came in order.
  void end_leg() {
    std::inplace_merge(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(merged_),
                       rows_.end(),
                       [this](std::size_t a, std::size_t b) { return is_before(a, b); });
    const auto same_id = [this](std::size_t a, std::size_t b) { return id(a) == id(b); };
    rows_.erase(std::unique(rows_.begin(), rows_.end(), same_id), rows_.end());
    if (rows_.size() > wanted_) rows_.resize(wanted_);
    merged_ = rows_.size();
  }
  // The first key of the last row, behind which nothing is wanted; null as long as there are too
  // few. Until the next add().
  const base::Value* last() const {
    return rows_.size() == wanted_ ? &values_[rows_.back()] : nullptr;
  }
  std::size_t size() const { return rows_.size(); }
  RecordId id_at(std::size_t place) const { return id(rows_[place]); }
  base::Values key_at(std::size_t place) const {
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(rows_[place]);
    return base::Values(first, first + static_cast<std::ptrdiff_t>(terms_.size()));
  }

 private:
  RecordId id(std::size_t row) const { return values_[row + terms_.size() - 1].as_int(); }
  bool is_before(std::size_t a, std::size_t b) const {
    for (std::size_t k = 0; k < terms_.size(); ++k) {
      const int difference = compare_values(values_[a + k], values_[b + k]);
      if (difference != 0) return terms_[k].descending ? difference > 0 : difference < 0;
    }
    return false;
  }

  const std::vector<query::OrderTerm>& terms_;
  std::size_t wanted_;
  base::Values values_;            // one row behind the other
  std::vector<std::size_t> rows_;  // where each begins in values_, in order as far as merged_
  std::size_t merged_ = 0;
};

// The statements of a page: alike for all legs but for the leg's own condition.
class LegStatements {
 public:
  // After `key` in the order; null = from the beginning.
  LegStatements(const ObjectSchema& object, query::SqlCompiler& compiler,
                query::Fragment base_condition, const query::Filter& filter,
                const query::Order& order, const base::Values* key);
  // The rows of one leg, at most `limit`: `columns` first, then the keys of the order. `last`: the
  // first key of the row behind which nothing is wanted, as far as an index tells; null = none.
  void run(db::Reader& reader, const Leg& leg, const std::string& columns, int limit,
           const base::Value* last, const db::RowFunction& each) const;
  // Adds the keys of the rows of all legs, at most `limit` of each.
  void merge(db::Reader& reader, std::span<const Leg> legs, int limit, MergedKeys& keys) const;

 private:
  struct Statement {
    std::string sql;
    base::Values values;
  };

  // The beginning, with the keys of the order behind the columns.
  Statement select(const std::string& columns) const;
  // What follows. `is_rest`: the number of rows is any, and stands beside the statement.
  void compose(Statement& statement, const db::Dialect& dialect, const Leg& leg,
               const query::Fragment& start, const query::Fragment& end, int limit,
               bool is_rest = false) const;
  query::Fragment until(const base::Value* last) const;

  const ObjectSchema& object_;
  const query::OrderTerm& first_term_;
  query::Fragment base_condition_;
  query::Fragment where_;
  query::CompiledOrder order_;
  std::vector<query::Fragment> starts_;  // where the page begins; one statement for each
  query::Fragment joins_;
};

LegStatements::LegStatements(const ObjectSchema& object, query::SqlCompiler& compiler,
                             query::Fragment base_condition, const query::Filter& filter,
                             const query::Order& order, const base::Values* key)
    : object_(object),
      first_term_(order.terms.front()),
      base_condition_(std::move(base_condition)) {
  where_ = compiler.filter(filter);
  order_ = compiler.order(order);
  if (key == nullptr) {
    starts_.push_back({});
  } else {
    starts_ = compiler.after(order, *key);
  }
  joins_ = compiler.joins();
}

// Nulls stand before everything else, in either direction of the index: descending at the end.
query::Fragment LegStatements::until(const base::Value* last) const {
  if (last == nullptr || last->is_null()) return {};
  if (first_term_.nullable && !first_term_.descending) return {};
  query::Fragment out = order_.keys.front();
  out.text += first_term_.descending ? " >= ?" : " <= ?";
  out.parameters.push_back(*last);
  return out;
}

LegStatements::Statement LegStatements::select(const std::string& columns) const {
  Statement out{"SELECT " + columns, {}};
  for (const auto& key_column : order_.keys) {
    if (&key_column != order_.keys.data() || !columns.empty()) out.sql += ", ";
    out.sql += key_column.text;
    append(out.values, key_column.parameters);
  }
  return out;
}

void LegStatements::compose(Statement& statement, const db::Dialect& dialect, const Leg& leg,
                            const query::Fragment& start, const query::Fragment& end, int limit,
                            bool is_rest) const {
  statement.sql += " FROM " + db::quote_identifier(object_.table()) + " t0" + hint(leg, dialect) +
                   joins_.text + " WHERE " + base_condition_.text;
  append(statement.values, joins_.parameters);
  append(statement.values, base_condition_.parameters);
  for (const auto* condition : {&leg.condition, &where_, &start, &end}) {
    if (condition->text.empty() || condition->text == "1=1") continue;
    statement.sql += " AND (" + condition->text + ")";
    append(statement.values, condition->parameters);
  }
  statement.sql += " ORDER BY " + order_.order_by.text + " LIMIT ";
  append(statement.values, order_.order_by.parameters);
  if (limit <= kUsualLimit && !is_rest) {
    statement.sql += std::to_string(limit);
  } else {
    statement.sql += '?';
    statement.values.emplace_back(limit);
  }
}

void LegStatements::run(db::Reader& reader, const Leg& leg, const std::string& columns, int limit,
                        const base::Value* last, const db::RowFunction& each) const {
  const query::Fragment end = until(last);  // `each` may change what `last` points to
  int found = 0;
  for (const auto& start : starts_) {
    if (found >= limit) break;
    Statement statement = select(columns);
    compose(statement, reader.dialect(), leg, start, end, limit - found, found > 0);
    reader.query(statement.sql, statement.values, [&](const db::Row& row) {
      ++found;
      each(row);
    });
  }
}

void LegStatements::merge(db::Reader& reader, std::span<const Leg> legs, int limit,
                          MergedKeys& keys) const {
  const bool are_straight =
      std::all_of(legs.begin(), legs.end(), [](const Leg& leg) { return leg.straight; });
  const std::size_t together =
      are_straight && starts_.size() == 1 && reader.dialect().is_postgres() ? kLegsTogether : 1;
  for (std::size_t from = 0; from < legs.size(); from += together) {
    const auto some = legs.subspan(from, std::min(together, legs.size() - from));
    if (some.size() == 1) {
      run(reader, some[0], "", limit, keys.last(), [&](const db::Row& row) { keys.add(row); });
      keys.end_leg();
      continue;
    }
    const query::Fragment end = until(keys.last());
    std::vector<Statement> statements;
    for (const auto& leg : some) {
      compose(statements.emplace_back(select("")), reader.dialect(), leg, starts_.front(), end,
              limit);
    }
    std::vector<db::RowFunction> takers;
    const Statement* current = statements.data();
    for (const auto& statement : statements) {
      takers.emplace_back([&keys, &current, &statement](const db::Row& row) {
        if (current != &statement) keys.end_leg();
        current = &statement;
        keys.add(row);
      });
    }
    std::vector<db::Question> questions;
    for (std::size_t i = 0; i < statements.size(); ++i)
      questions.push_back({statements[i].sql, statements[i].values, takers[i]});
    reader.query_all(questions);
    keys.end_leg();
  }
}

base::Values keys_of(const db::Row& row, std::size_t first, std::size_t count) {
  base::Values keys;
  for (std::size_t i = first; i < first + count; ++i) keys.push_back(row.get(static_cast<int>(i)));
  return keys;
}

}  // namespace

std::vector<RecordId> Engine::fetch_page(db::Reader& reader, const Actor& actor, Query& query,
                                         const ListRequest& request, const Wanted& wanted,
                                         std::string& next_token) {
  const auto& object = query.object();
  if (request.options.search && search_ != nullptr) {
    query.use_candidates(search_->find(reader, actor, object.definition(), query.scope(),
                                       *request.options.search, kSearchCandidates));
  }
  if (query.is_empty()) return {};
  const auto legs = query.legs();
  if (legs.empty()) return {};
  const auto top = static_cast<std::size_t>(std::min<std::int64_t>(
      request.options.top.value_or(request.default_top), request.maximum_top));
  if (top == 0) return {};
  const auto skip = static_cast<std::size_t>(request.options.skip);
  const int limit = static_cast<int>(top + skip + 1);
  const std::string binding = query.binding(actor.user_id);
  base::Values start;
  if (!request.options.skiptoken.empty()) {
    start = query::decode_skiptoken(request.options.skiptoken, binding, parts_.token_secret);
  }
  query::SqlCompiler compiler(object, reader.dialect(), parts_.zone);
  const LegStatements statements(object, compiler, query.base_condition(), query.filter,
                                 query.order, start.empty() ? nullptr : &start);
  const std::size_t key_count = query.order.terms.size();
  std::vector<RecordId> ids;
  base::Values last;  // the key of the page's last row
  bool has_more = false;
  if (legs.size() == 1 && !query.has_candidates() && skip == 0) {
    const std::size_t width = wanted.columns.size();
    const std::string columns = select_list(object, wanted.columns, "t0");
    statements.run(reader, legs[0], columns, limit, nullptr, [&](const db::Row& row) {
      has_more = ids.size() == top;
      if (has_more) return;
      ids.push_back(row.get_int(static_cast<int>(width + key_count - 1)));
      wanted.row(row);
      if (ids.size() == top) last = keys_of(row, width, key_count);
    });
    store_.multi_values(reader, object.definition(), wanted.lists, ids, wanted.value);
  } else {
    // Keys only, then the rows of the page: each branch reads nothing but its index, and what is
    // skipped or what a search found is sorted without its columns.
    MergedKeys merged(query.order, static_cast<std::size_t>(limit));
    statements.merge(reader, legs, limit, merged);
    const std::size_t end = std::min(merged.size(), skip + top);
    has_more = merged.size() > end;
    for (std::size_t i = skip; i < end; ++i) ids.push_back(merged.id_at(i));
    if (has_more) last = merged.key_at(end - 1);
    store_.each_row(reader, object, ids, wanted);
  }
  if (has_more) next_token = query::encode_skiptoken(last, binding, parts_.token_secret);
  return ids;
}

std::vector<TypedRow> Engine::page_rows(db::Reader& reader, const Actor& actor,
                                        const ObjectSchema& object, const ListRequest& request,
                                        std::string& next_token) {
  Query query(*this, actor, object, request);
  return page_rows(reader, actor, query, request, next_token);
}

std::vector<TypedRow> Engine::page_rows(db::Reader& reader, const Actor& actor, Query& query,
                                        const ListRequest& request, std::string& next_token) {
  const auto& object = query.object();
  const auto& columns = object.stored_fields();
  std::unordered_map<RecordId, Record> records;
  Wanted wanted{columns, [&](const db::Row& row) {
                  Record record = record_of(object, columns, row);
                  const RecordId id = record.id();
                  records.emplace(id, std::move(record));
                }};
  wanted.lists = multi_fields(object.definition(), request.options.select);
  std::vector<std::unordered_map<RecordId, Values>> lists(wanted.lists.size());
  wanted.value = [&](std::size_t list, RecordId id, Value value) {
    lists[list][id].push_back(std::move(value));
  };
  const auto ids = fetch_page(reader, actor, query, request, wanted, next_token);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    for (auto& [id, values] : lists[i])
      records.at(id).set_many(wanted.lists[i]->name, std::move(values));
  }
  std::vector<TypedRow> out;
  for (const RecordId id : ids) out.push_back({std::move(records.at(id)), {}});
  // What a row hides is what all branches that admit it hide, whichever of them found it.
  if (query.scope().hides_fields()) {
    for (auto& row : out) admits(query.scope(), row.record, &row.hidden);
  }
  compute_at_read(reader, *this, actor, object, out);
  return out;
}

std::vector<TypedRow> Engine::rows_among(db::Reader& reader, const ObjectSchema& object,
                                         const RowScope& scope, const std::vector<RecordId>& ids,
                                         const std::vector<std::string>& fields) const {
  const auto& definition = object.definition();
  std::set<std::string_view> names(fields.begin(), fields.end());
  names.insert({"id", "version", "deleted_at"});
  for (const auto& branch : scope.branches) names.insert(branch.column);
  std::vector<std::size_t> columns;
  for (const std::size_t index : object.stored_fields()) {
    if (names.contains(definition.fields[index].name)) columns.push_back(index);
  }
  std::unordered_map<RecordId, std::size_t> places;
  for (std::size_t i = 0; i < ids.size(); ++i) places.emplace(ids[i], i);
  std::vector<TypedRow> out;
  const Wanted wanted{columns, [&](const db::Row& row) {
                        TypedRow found{record_of(object, columns, row), {}};
                        if (object.soft_delete() && !found.record.is_null("deleted_at")) return;
                        if (admits(scope, found.record, &found.hidden))
                          out.push_back(std::move(found));
                      }};
  store_.each_row(reader, object, ids, wanted);
  std::sort(out.begin(), out.end(), [&](const TypedRow& a, const TypedRow& b) {
    return places.at(a.record.id()) < places.at(b.record.id());
  });
  return out;
}

ListPage Engine::list(const Actor& actor, std::string_view object, const ListRequest& request) {
  const auto snapshot = schema();
  const auto* found = snapshot->find(object);
  if (found == nullptr) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  const Rendering rendering(*this, actor, *found, request.options);
  ListPage page;
  parts_.database.read([&](db::Reader& reader) {
    page = {};
    limit_time(reader, request);
    Query query(*this, actor, *found, request);
    if (rendering.is_plain()) {
      RowsWriter rows(*found, rendering.fields(), query.scope());
      const Wanted wanted{rows.columns(), [&](const db::Row& row) { rows.add(row); }, rows.lists(),
                          [&](std::size_t list, RecordId id, Value value) {
                            rows.add_value(list, id, std::move(value));
                          }};
      const auto ids = fetch_page(reader, actor, query, request, wanted, page.next_token);
      page.elements = rows.elements(reader, ids);
      page.size = ids.size();
      return;
    }
    const auto rendered =
        rendering.render(reader, page_rows(reader, actor, query, request, page.next_token), true);
    for (const auto& row : rendered) {
      if (!page.elements.empty()) page.elements += ',';
      page.elements += row;
    }
    page.size = rendered.size();
  });
  if (request.options.count || request.options.count_bounded) {
    const std::int64_t limit = request.options.count ? 0 : kBoundedCount + 1;
    auto counting = request;
    counting.budget_milliseconds =
        request.options.count ? request.budget_milliseconds : kCountBudget;
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

std::string Engine::list_typed(const Actor& actor, std::string_view object,
                               const ListRequest& request,
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

}  // namespace kehai::record
