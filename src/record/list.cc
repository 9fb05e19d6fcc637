// Pages of a list, within an actor's rights.
#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "db/dialect.h"
#include "query/compile_sql.h"
#include "query/skiptoken.h"
#include "record/expand.h"
#include "record/formulas.h"
#include "record/list_query.h"

namespace kehai::record {

namespace {

constexpr std::int64_t kBoundedCount = 1000;
// Numbers of rows that pages are made of stand in the statement itself: PostgreSQL keeps one plan
// for all values only if it knows how many rows are wanted, and plans each time otherwise, which
// takes longer than to fetch them.
constexpr int kUsualLimit = 501;
constexpr std::int64_t kCountBudget = 200;  // milliseconds, for a bounded count beside a page

// The rows of one leg after `key`, at most `limit`, calling each(row, number of columns before the
// keys).
void run_leg(db::Reader& reader, const ObjectSchema& object, const base::TimeZone& zone,
             const query::Filter& filter, const query::Order& order,
             const query::Fragment& base_condition, const Leg& leg, const std::string& columns,
             const base::Values* key, int limit, const std::function<void(const db::Row&)>& each) {
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
    std::string sql = select + " FROM " + db::quote_identifier(object.table()) + " t0" +
                      hint(leg, reader.dialect());
    sql += joins.text + " WHERE " + base_condition.text;
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
    sql += " ORDER BY " + compiled.order_by.text + " LIMIT ";
    append(values, compiled.order_by.parameters);
    if (found == 0 && limit <= kUsualLimit) {
      sql += std::to_string(limit);
    } else {
      sql += '?';
      values.emplace_back(limit - found);
    }
    reader.query(sql, values, [&](const db::Row& row) {
      ++found;
      each(row);
    });
  }
}

}  // namespace

std::vector<TypedRow> Engine::page_rows(db::Reader& reader, const Actor& actor,
                                        const ObjectSchema& object, const ListRequest& request,
                                        std::string& next_token) {
  Query query(*this, actor, object, request);
  std::vector<TypedRow> out;
  if (request.options.search && search_ != nullptr) {
    query.use_candidates(search_->find(reader, actor, object.definition(), query.scope(),
                                       *request.options.search, kSearchCandidates));
  }
  const auto legs = query.legs();
  if (query.is_empty() || legs.empty()) return out;

  const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(
      request.options.top.value_or(request.default_top), request.maximum_top));
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

  if (legs.size() == 1 && !query.has_candidates()) {
    const auto& fields = object.stored_fields();
    const std::string columns = select_list(object, fields, "t0");
    run_leg(reader, object, parts_.zone, query.filter, query.order, base_condition, legs[0],
            columns, key, limit, [&](const db::Row& row) {
              Record record(object.definition());
              for (std::size_t i = 0; i < fields.size(); ++i)
                record.at(fields[i]) = row.get(static_cast<int>(i));
              base::Values row_key;
              for (std::size_t i = 0; i < key_count; ++i)
                row_key.push_back(row.get(static_cast<int>(fields.size() + i)));
              keys.push_back(std::move(row_key));
              out.push_back({std::move(record), {}});
            });
  } else {
    // Keys only, then the rows of the page: each branch reads nothing but its index, and what a
    // search found is sorted without its columns.
    std::vector<base::Values> merged;  // order keys; the last is the id
    for (const auto& leg : legs) {
      run_leg(reader, object, parts_.zone, query.filter, query.order, base_condition, leg, "", key,
              limit, [&](const db::Row& row) {
                base::Values keyed;
                for (std::size_t k = 0; k < key_count; ++k)
                  keyed.push_back(row.get(static_cast<int>(k)));
                merged.push_back(std::move(keyed));
              });
    }
    const auto before = [&](const base::Values& a, const base::Values& b) {
      for (std::size_t k = 0; k < key_count; ++k) {
        const int order = compare_values(a[k], b[k]);
        if (order != 0) return query.order.terms[k].descending ? order > 0 : order < 0;
      }
      return false;
    };
    std::sort(merged.begin(), merged.end(), before);
    merged.erase(std::unique(merged.begin(), merged.end(),
                             [](const base::Values& a, const base::Values& b) {
                               return a.back() == b.back();
                             }),
                 merged.end());
    if (merged.size() > static_cast<std::size_t>(limit))
      merged.resize(static_cast<std::size_t>(limit));
    std::vector<RecordId> ids;
    for (const auto& keyed : merged) ids.push_back(keyed.back().as_int());
    std::unordered_map<RecordId, Record> by_id;
    for (auto& record : store_.load_many(reader, object, ids)) {
      const RecordId id = record.id();
      by_id.emplace(id, std::move(record));
    }
    for (auto& keyed : merged) {
      const auto found = by_id.find(keyed.back().as_int());
      if (found == by_id.end()) continue;
      keys.push_back(std::move(keyed));
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
  std::vector<Record*> page;
  for (auto& row : out) page.push_back(&row.record);
  store_.load_values(reader, page, request.options.select);
  compute_at_read(reader, *this, actor, object, out);
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
    const auto rows = page_rows(reader, actor, *found, request, page.next_token);
    const auto rendered = rendering.render(reader, rows, true);
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
