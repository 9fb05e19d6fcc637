#include "modules/data_quality/figures.h"

#include <set>
#include <vector>

#include "db/table.h"
#include "modules/data_quality/walk.h"
#include "platform/notify/notify.h"
#include "query/parser.h"

namespace kehai::modules {

using db::Compare;
using record::Value;

namespace {

const db::Table kFigure("quality_figure");
const db::Table kMonth("quality_month");
const db::Table kKind("quality_kind");
const db::Table kFindings("quality_finding");
const db::Table kAccount("account");
const db::Table kAudit("audit_entry");
const db::Table kKeys("dedupe_key");

constexpr int kSlice = 2000;
struct Column {
  const char* name;
  std::int64_t Figure::*number;
};
constexpr Column kColumns[] = {
    {"records", &Figure::records},       {"completeness", &Figure::completeness},
    {"incomplete", &Figure::incomplete}, {"shells", &Figure::shells},
    {"stale", &Figure::stale},           {"findings", &Figure::findings},
    {"duplicates", &Figure::duplicates}, {"forced", &Figure::forced}};

// Rows by a growing integer key, slice by slice; `each` returns the key of the row.
void each_slice(record::Engine& engine, const db::Table& table, db::Selection selection,
                const std::string& key, std::int64_t after,
                const std::function<std::int64_t(const db::Row&)>& each) {
  selection.order = {{key, false}};
  selection.limit = kSlice;
  selection.where.push_back({key, Compare::Greater, Value(after)});
  for (int rows = kSlice; rows == kSlice;) {
    engine.check_background_work();
    selection.where.back().value = Value(after);
    engine.database().read([&](db::Reader& reader) {
      rows = 0;
      std::int64_t last = after;
      table.select_each(reader, selection, [&](const db::Row& row) {
        ++rows;
        last = each(row);
      });
      after = last;
    });
  }
}

// Customers that have one key of this kind together with another customer.
void find_duplicates(record::Engine& engine, const std::string& kind, std::set<std::int64_t>& out) {
  std::string after;
  for (bool more = true; more;) {
    engine.check_background_work();
    std::map<std::string, std::set<std::int64_t>> keys;
    std::string last;
    int rows = 0;
    engine.database().read([&](db::Reader& reader) {
      keys.clear();
      rows = 0;
      kKeys.select_each(reader,
                        {{"key", "object", "record_id"},
                         {{"kind", Compare::Equal, kind}, {"key", Compare::Greater, after}},
                         {{"key", false}, {"object", false}, {"record_id", false}},
                         kSlice,
                         false},
                        [&](const db::Row& row) {
                          ++rows;
                          last = row.get_text(0);
                          auto& ids = keys[last];
                          if (row.get_text(1) == "account") ids.insert(row.get_int(2));
                        });
    });
    more = rows == kSlice;
    // The last key goes on in the next slice, unless it fills this one alone.
    const bool is_cut = more && keys.size() > 1;
    for (const auto& [key, ids] : keys) {
      if (is_cut && key == last) continue;
      after = key;
      if (ids.size() > 1) out.insert(ids.begin(), ids.end());
    }
  }
}

void count_accounts(record::Engine& engine, const std::set<std::int64_t>& duplicates,
                    Figures& out) {
  const auto& zone = engine.zone();
  const base::Instant stale_before =
      zone.start_of_day(zone.local_date(engine.clock().now()) - kStaleDays);
  db::Selection selection;
  selection.columns = {"id",          "owner_id", "scope_department_id", "completeness", "is_shell",
                       "quiet_since", "status"};
  selection.where = {{"deleted_at", Compare::IsNull, {}}, {"pool_id", Compare::IsNull, {}}};
  each_slice(engine, kAccount, selection, "id", 0, [&](const db::Row& row) {
    auto& figure = out[{row.get_int(1), row.get_int(2)}];
    ++figure.records;
    figure.completeness += row.get_int(3);
    figure.incomplete += row.get_int(3) < kIncompleteBelow ? 1 : 0;
    figure.shells += row.get_int(4);
    figure.stale += row.get_int(5) < stale_before && row.get_text(6) != "inactive" ? 1 : 0;
    figure.duplicates += duplicates.contains(row.get_int(0)) ? 1 : 0;
    return row.get_int(0);
  });
}

void count_findings(record::Engine& engine, Figures& figures, KindCounts& kinds) {
  db::Selection selection;
  selection.columns = {"id", "object", "field", "rule", "owner_id", "department_id"};
  each_slice(engine, kFindings, selection, "id", 0, [&](const db::Row& row) {
    const Place place{row.get_int(4), row.get_int(5)};
    ++figures[place].findings;
    ++kinds[{Kind{row.get_text(1), row.get_text(2), row.get_text(3)}, place}];
    return row.get_int(0);
  });
}

// Who saved a duplicate although it was shown; one slice has all entries of one instant, however
// many there are.
void count_forced(record::Engine& engine, std::int64_t month, Figures& out) {
  const auto& zone = engine.zone();
  const base::Instant end = zone.start_of_day(first_day(month + 1));
  std::map<std::int64_t, std::int64_t> by_person;
  base::Instant at = zone.start_of_day(first_day(month));
  std::int64_t id = 0;
  const auto slice = [&](db::Reader& reader, std::vector<db::Condition> where) {
    int rows = 0;
    where.push_back({"at", Compare::Less, Value(end)});
    kAudit.select_each(
        reader,
        {{"id", "at", "action", "actor_id"}, where, {{"at", false}, {"id", false}}, kSlice, false},
        [&](const db::Row& row) {
          ++rows;
          id = row.get_int(0);
          at = row.get_int(1);
          if (row.get_text(2) == "duplicate_accepted") ++by_person[row.get_int(3)];
        });
    return rows;
  };
  for (bool more = true; more;) {
    engine.check_background_work();
    engine.database().read([&](db::Reader& reader) {
      more = slice(reader, {{"at", Compare::Equal, Value(at)},
                            {"id", Compare::Greater, Value(id)}}) == kSlice;
      if (!more) more = slice(reader, {{"at", Compare::Greater, Value(at)}}) == kSlice;
    });
  }
  engine.database().read([&](db::Reader& reader) {
    for (const auto& [person, count] : by_person) {
      const auto department = engine.directory().department_of(reader, person);
      out[{person, department}].forced = count;
    }
  });
}

void write_figures(db::Writer& writer, std::int64_t period, const Figures& figures) {
  for (const auto& [place, figure] : figures) {
    std::vector<db::Assignment> values = {
        {"period", period}, {"owner_id", place.first}, {"department_id", place.second}};
    for (const auto& [name, number] : kColumns) values.push_back({name, figure.*number});
    kFigure.insert(writer, values);
  }
}

void tell_stewards(record::Tx& tx, std::int64_t month) {
  std::set<std::int64_t> told;
  for (const auto& steward : tx.find_all("data_steward", "id gt 0", {}, "id", 1000)) {
    if (told.insert(steward.integer("user_id")).second) {
      platform::notify(tx, steward.integer("user_id"), "quality_report",
                       {{"month", month_text(month)}}, "data_steward", steward.id());
    }
  }
}

}  // namespace

std::int64_t month_of(const base::TimeZone& zone, base::Instant at) {
  return month_of(zone.local_date(at));
}

std::int64_t month_of(base::Date date) {
  const auto day = base::civil_from_date(date);
  return static_cast<std::int64_t>(day.year) * 12 + day.month - 1;
}

base::Date first_day(std::int64_t month) {
  return base::date_from_civil(static_cast<int>(month / 12), static_cast<int>(month % 12) + 1, 1);
}

std::string month_text(std::int64_t month) {
  return month == 0 ? "" : base::format_date(first_day(month)).substr(0, 7);
}

void Figure::add(const Figure& other) {
  for (const auto& column : kColumns) this->*column.number += other.*column.number;
}

Count count_figures(record::Engine& engine, const QualityRun& run) {
  Count count;
  count.at = engine.clock().now();
  std::set<std::int64_t> duplicates;
  for (const auto* kind : {"name_exact", "uscc"}) find_duplicates(engine, kind, duplicates);
  count_accounts(engine, duplicates, count.now);
  count_findings(engine, count.now, count.kinds);
  const std::int64_t month = month_of(engine.zone(), count.at);
  const std::int64_t ended = month - 1;
  bool is_frozen = false;
  engine.database().read([&](db::Reader& reader) {
    is_frozen = kMonth.count(reader, {{"period", Compare::Equal, ended}}) > 0;
  });
  if (ended >= run.since && !is_frozen) {
    count.ended_month = ended;
    count.of_month = count.now;
    count_forced(engine, ended, count.of_month);
  }
  count_forced(engine, month, count.now);
  return count;
}

void keep_month(record::Tx& tx, std::int64_t month, const Figures& figures) {
  if (!kMonth.insert_if_absent(tx.writer(), {{"period", month}, {"taken_at", tx.now()}})) return;
  write_figures(tx.writer(), month, figures);
}

void keep_figures(record::Tx& tx, const Count& count) {
  auto& writer = tx.writer();
  kFigure.erase(writer, {{"period", Compare::Equal, 0}});
  write_figures(writer, 0, count.now);
  kKind.erase(writer, {});
  for (const auto& [key, number] : count.kinds) {
    const auto& [kind, place] = key;
    const auto& [object, field, rule] = kind;
    kKind.insert(writer, {{"object", object},
                          {"field", field},
                          {"rule", rule},
                          {"owner_id", place.first},
                          {"department_id", place.second},
                          {"number", number}});
  }
  if (count.ended_month == 0) return;
  if (kMonth.count(writer, {{"period", Compare::Equal, count.ended_month}}) > 0) return;
  keep_month(tx, count.ended_month, count.of_month);
  tell_stewards(tx, count.ended_month);
}

void each_figure(db::Reader& reader, std::int64_t from,
                 const std::function<void(std::int64_t, const Place&, const Figure&)>& each) {
  std::vector<std::string> columns = {"period", "owner_id", "department_id"};
  for (const auto& column : kColumns) columns.emplace_back(column.name);
  const auto read = [&](const db::Condition& period) {
    kFigure.select_each(reader, {columns, {period}, {}, 0, false}, [&](const db::Row& row) {
      Figure figure;
      for (std::size_t i = 0; i < std::size(kColumns); ++i)
        figure.*kColumns[i].number = row.get_int(static_cast<int>(i) + 3);
      each(row.get_int(0), {row.get_int(1), row.get_int(2)}, figure);
    });
  };
  read({"period", Compare::Equal, 0});
  read({"period", Compare::GreaterEqual, std::max<std::int64_t>(from, 1)});
}

std::map<std::int64_t, base::Instant> frozen_months(db::Reader& reader) {
  std::map<std::int64_t, base::Instant> out;
  kMonth.select_each(reader, {{"period", "taken_at"}, {}, {}, 0, false},
                     [&](const db::Row& row) { out[row.get_int(0)] = row.get_int(1); });
  return out;
}

KindCounts read_kinds(db::Reader& reader) {
  KindCounts out;
  kKind.select_each(
      reader,
      {{"object", "field", "rule", "owner_id", "department_id", "number"}, {}, {}, 0, false},
      [&](const db::Row& row) {
        const Kind kind{row.get_text(0), row.get_text(1), row.get_text(2)};
        out[{kind, Place{row.get_int(3), row.get_int(4)}}] = row.get_int(5);
      });
  return out;
}

void add_figure_tables(record::Registry& registry) {
  db::TableDefinition figures{
      "quality_figure",
      {{"period", false, true}, {"owner_id", false, true}, {"department_id", false, true}},
      {"period", "owner_id", "department_id"},
      {},
      false};
  for (const auto& column : kColumns) figures.columns.push_back({column.name, false, true});
  registry.add_table(std::move(figures));
  registry.add_table({"quality_month",
                      {{"period", false, true}, {"taken_at", false, true}},
                      {"period"},
                      {},
                      false});
  registry.add_table({"quality_kind",
                      {{"object", true, true},
                       {"field", true, true},
                       {"rule", true, true},
                       {"owner_id", false, true},
                       {"department_id", false, true},
                       {"number", false, true}},
                      {"object", "field", "rule", "owner_id", "department_id"},
                      {},
                      false});
}

}  // namespace kehai::modules
