#include "record/totals.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "db/bulk.h"
#include "db/dialect.h"
#include "query/evaluate.h"
#include "record/fields/field_kit.h"
#include "record/store.h"

namespace kehai::record {

namespace {

using db::quote_identifier;
// A sum of 64-bit numbers on the way: only what is stored must fit.
__extension__ using Wide = __int128;
using Getter = std::function<Value(const std::string&)>;

constexpr std::string_view kScope = "scope_department_id";
constexpr int kPage = 1000;
const db::Table kState("totals_state");

// The columns of one total's key.
std::vector<std::string> key_of(const ObjectDefinition& object, const TotalsDefinition& totals) {
  auto key = totals.by;
  if (!totals.month.empty()) key.push_back(totals.month);
  if (object.owned) key.emplace_back(kScope);
  return key;
}

std::string counted(const std::string& sum) {
  return sum + "__count";
}

db::TableDefinition table_of(const ObjectDefinition& object, const TotalsDefinition& totals) {
  db::TableDefinition table;
  table.name = totals_name(object, totals);
  for (const auto& column : key_of(object, totals)) {
    const auto& field = *object.field(column);
    table.columns.push_back({column, field_kit(field.type).is_text(field)});
  }
  table.columns.push_back({"row_count", false, true});
  for (const auto& sum : totals.sums) {
    table.columns.push_back({sum, false, true});
    table.columns.push_back({counted(sum), false, true});
  }
  // All columns: reading totals looks at nothing else.
  db::TableIndex index{"ix_" + table.name, {}, false, "", ""};
  for (const auto& column : table.columns) index.columns.push_back(column.name);
  table.indexes = {index};
  table.row_id = true;
  return table;
}

// All columns of a row that its object's totals look at.
std::vector<std::string> columns_of(const ObjectDefinition& object) {
  std::set<std::string> columns{"deleted_at"};
  for (const auto& totals : object.totals) {
    for (const auto& column : key_of(object, totals)) columns.insert(column);
    columns.insert(totals.sums.begin(), totals.sums.end());
  }
  return {columns.begin(), columns.end()};
}

// The first day of the month, or its first moment: what totals keep of their column of months.
class Months {
 public:
  Months(const ObjectDefinition& object, const TotalsDefinition& totals, const base::TimeZone& zone)
      : zone_(zone),
        of_days_(!totals.month.empty() && object.field(totals.month)->type == FieldType::Date) {}

  std::int64_t start(std::int64_t value) const {
    const auto civil = base::civil_from_date(of_days_ ? value : zone_.local_date(value));
    const base::Date first = base::date_from_civil(civil.year, civil.month, 1);
    return of_days_ ? first : zone_.start_of_day(first);
  }

 private:
  const base::TimeZone& zone_;
  bool of_days_;
};

// Differences by key: `numbers` are the row count, then each sum with its count.
class Cells {
 public:
  Cells(const ObjectDefinition& object, const TotalsDefinition& totals, const base::TimeZone& zone)
      : table_(table_of(object, totals)),
        key_(key_of(object, totals)),
        totals_(totals),
        months_(object, totals, zone) {}

  void add_row(const Getter& get, int sign) {
    Values key;
    for (const auto& column : key_) {
      Value value = get(column);
      if (column == totals_.month && value.is_int()) value = months_.start(value.as_int());
      key.push_back(std::move(value));
    }
    auto& numbers = at(std::move(key));
    numbers[0] += sign;
    for (std::size_t i = 0; i < totals_.sums.size(); ++i) {
      const Value value = get(totals_.sums[i]);
      if (!value.is_int()) continue;
      numbers[2 * i + 1] += static_cast<Wide>(value.as_int()) * sign;
      numbers[2 * i + 2] += sign;
    }
  }

  // A row of the table itself, in its order of columns, from `first` on.
  void add_total(const db::Row& row, int first, int sign) {
    Values key;
    int place = first;
    for (std::size_t i = 0; i < key_.size(); ++i) key.push_back(row.get(place++));
    for (auto& number : at(std::move(key)))
      number += static_cast<Wide>(row.get_int(place++)) * sign;
  }

  void write(db::Writer& writer) const {
    std::vector<Values> rows;
    for (const auto& [key, numbers] : cells_) append_rows(rows, key, numbers);
    if (!rows.empty()) db::insert_rows(writer, table_, rows);
  }

  db::Breaches not_zero() const {
    db::Breaches out;
    for (const auto& [key, numbers] : cells_) {
      if (!is_zero(numbers)) out.add(key.front().is_int() ? key.front().as_int() : 0);
    }
    return out;
  }

  const db::TableDefinition& table() const { return table_; }

 private:
  using Numbers = std::vector<Wide>;

  Numbers& at(Values key) {
    auto& numbers = cells_[std::move(key)];
    numbers.resize(2 * totals_.sums.size() + 1);
    return numbers;
  }
  static bool is_zero(const Numbers& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](Wide number) { return number == 0; });
  }
  // What is too large for one row goes on in the next.
  static void append_rows(std::vector<Values>& rows, const Values& key, Numbers numbers) {
    constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
    while (!is_zero(numbers)) {
      Values row = key;
      for (auto& number : numbers) {
        const Wide part = std::clamp(number, -kMost, kMost);
        row.emplace_back(static_cast<std::int64_t>(part));
        number -= part;
      }
      rows.push_back(std::move(row));
    }
  }

  db::TableDefinition table_;
  std::vector<std::string> key_;
  const TotalsDefinition& totals_;
  const Months months_;
  std::map<Values, Numbers, query::ByValue> cells_;
};

// The columns of `object`'s totals out of a row that was read by select_columns().
class KeptColumns {
 public:
  explicit KeptColumns(const ObjectDefinition& object) : names_(columns_of(object)) {}
  std::string select() const {
    std::string sql;
    for (const auto& name : names_) sql += ", " + quote_identifier(name);
    return sql;
  }
  void read(const db::Row& row) {
    values_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i)
      values_[names_[i]] = row.get(static_cast<int>(i) + 1);
  }
  bool contains(const std::string& name) const {
    return std::binary_search(names_.begin(), names_.end(), name);
  }
  void set(const std::string& name, Value value) { values_[name] = std::move(value); }
  bool is_live() const { return values_.at("deleted_at").is_null(); }
  Getter getter() const {
    return [this](const std::string& name) { return values_.at(name); };
  }

 private:
  std::vector<std::string> names_;  // sorted
  std::map<std::string, Value> values_;
};

// Calls each(id, columns) for rows by id, all of them or an owner's, a page at a time; `after_page`
// may write.
void each_row(db::Reader& reader, const ObjectDefinition& object, const std::string& condition,
              Values parameters, bool lock, const std::function<void(RecordId, KeptColumns&)>& each,
              const std::function<void()>& after_page) {
  KeptColumns columns(object);
  std::string sql = "SELECT \"id\"" + columns.select() + " FROM " + quote_identifier(object.name) +
                    " WHERE " + condition + "\"id\" > ? ORDER BY \"id\" LIMIT " +
                    std::to_string(kPage);
  if (lock && reader.dialect().is_postgres()) sql += " FOR UPDATE";
  parameters.emplace_back(RecordId{0});
  for (int rows = kPage; rows == kPage;) {
    rows = 0;
    RecordId last = 0;
    reader.query(sql, parameters, [&](const db::Row& row) {
      ++rows;
      last = row.get_int(0);
      columns.read(row);
      each(last, columns);
    });
    parameters.back() = Value(last);
    after_page();
  }
}

void count_rows(db::Reader& reader, const ObjectDefinition& object, Cells& cells) {
  each_row(
      reader, object, "", {}, false,
      [&](RecordId, KeptColumns& columns) {
        if (columns.is_live()) cells.add_row(columns.getter(), 1);
      },
      [] {});
}

std::string list_of(const std::vector<db::Column>& columns) {
  std::string sql;
  for (const auto& column : columns)
    sql += (sql.empty() ? "" : ", ") + quote_identifier(column.name);
  return sql;
}

std::string state_text(const base::TimeZone& zone, const ObjectDefinition& object,
                       const TotalsDefinition& totals, const db::Dialect& dialect) {
  return zone.name() + "\n" + totals.month + "\n" +
         db::create_table_sql(table_of(object, totals), dialect);
}

std::string stored_state(db::Reader& reader, const std::string& name) {
  const auto rows =
      kState.select(reader, {{"state"}, {{"name", db::Compare::Equal, name}}, {}, 0, false});
  return rows.empty() ? "" : rows[0][0].text_or("");
}

// ---- Which requests totals answer

class Fitting {
 public:
  Fitting(const ObjectDefinition& object, const TotalsDefinition& totals,
          const base::TimeZone& zone)
      : totals_(totals), months_(object, totals, zone), key_(totals.by.begin(), totals.by.end()) {
    if (object.owned) key_.emplace(kScope);
  }

  bool has(const std::string& column) const { return key_.contains(column); }

  // Totals of a key have what the expression looks at.
  bool fits(const query::ExpressionPtr& expression) const {
    using query::Operation;
    if (!expression) return true;
    const auto& node = *expression;
    if (node.operation == Operation::Column) return is_own(node) && has(node.column.property->name);
    const bool collection = node.operation == Operation::Any || node.operation == Operation::All ||
                            node.operation == Operation::Count ||
                            node.operation == Operation::ElementValue;
    if (collection) return false;
    if (is_whole_months(node)) return true;
    return std::all_of(node.children.begin(), node.children.end(),
                       [this](const query::ExpressionPtr& child) { return fits(child); });
  }

  bool fits(const query::ApplyColumn& column) const {
    using query::AggregateFunction;
    if (column.is_key) return fits(column.expression);
    if (column.function == AggregateFunction::Count) return true;
    if (column.function != AggregateFunction::Sum && column.function != AggregateFunction::Average)
      return false;
    const auto& node = *column.expression;
    return node.operation == query::Operation::Column && is_own(node) &&
           std::find(totals_.sums.begin(), totals_.sums.end(), node.column.property->name) !=
               totals_.sums.end();
  }

 private:
  static bool is_own(const query::Expression& node) {
    return node.column.slot == 0 && node.column.path.empty() &&
           node.column.form == query::ColumnForm::Plain;
  }
  // Before or from the beginning of a month on: as true of the month as of all that is in it.
  bool is_whole_months(const query::Expression& node) const {
    using query::Operation;
    if (node.operation != Operation::GreaterOrEqual && node.operation != Operation::Less)
      return false;
    const auto& column = *node.children[0];
    const auto& bound = *node.children[1];
    return column.operation == Operation::Column && is_own(column) &&
           column.column.property->name == totals_.month && bound.is_constant() &&
           bound.value.is_int() && months_.start(bound.value.as_int()) == bound.value.as_int();
  }

  const TotalsDefinition& totals_;
  const Months months_;
  std::set<std::string> key_;
};

// ---- Few rows of many

std::vector<Values> crowded_keys(db::Database& database, const db::TableDefinition& table,
                                 const std::string& key) {
  constexpr int kMost = 200;
  std::vector<Values> keys;
  const std::string sql = "SELECT " + key + " FROM " + quote_identifier(table.name) + " GROUP BY " +
                          key + " HAVING COUNT(*) > 1 LIMIT " + std::to_string(kMost);
  database.read([&](db::Reader& reader) { keys = reader.rows(sql); });
  return keys;
}

void fold_key(db::Writer& writer, Cells& cells, const Values& key) {
  const auto& table = cells.table();
  std::string sql = "SELECT \"row_id\", " + list_of(table.columns) + " FROM " +
                    quote_identifier(table.name) + " WHERE 1=1";
  Values parameters;
  for (std::size_t i = 0; i < key.size(); ++i) {
    sql += " AND " + quote_identifier(table.columns[i].name);
    sql += key[i].is_null() ? " IS NULL" : " = ?";
    if (!key[i].is_null()) parameters.push_back(key[i]);
  }
  std::vector<RecordId> ids;
  writer.query(sql + " LIMIT " + std::to_string(kPage), parameters, [&](const db::Row& row) {
    ids.push_back(row.get_int(0));
    cells.add_total(row, 1, 1);
  });
  if (ids.empty()) return;
  Values places;
  const std::string list = padded_places(ids, places);
  writer.execute(
      "DELETE FROM " + quote_identifier(table.name) + " WHERE \"row_id\" IN (" + list + ")",
      places);
}

void fold(db::Database& database, const ObjectDefinition& object, const TotalsDefinition& totals) {
  constexpr int kRounds = 50;
  constexpr std::size_t kKeysAtOnce = 20;
  const base::TimeZone no_zone("UTC");  // rows of totals have whole months already
  const auto table = table_of(object, totals);
  std::string key;
  for (const auto& column : key_of(object, totals))
    key += (key.empty() ? "" : ", ") + quote_identifier(column);
  for (int round = 0; round < kRounds; ++round) {
    const auto keys = crowded_keys(database, table, key);
    if (keys.empty()) return;
    for (std::size_t at = 0; at < keys.size(); at += kKeysAtOnce) {
      database.write(
          [&](db::Writer& writer) {
            // Two that fold the same rows would each write their sum.
            writer.lock("totals", table.name);
            Cells cells(object, totals, no_zone);
            for (std::size_t i = at; i < std::min(at + kKeysAtOnce, keys.size()); ++i)
              fold_key(writer, cells, keys[i]);
            cells.write(writer);
          },
          db::Lane::Bulk);
    }
  }
}

}  // namespace

std::string totals_name(const ObjectDefinition& object, const TotalsDefinition& totals) {
  return object.name + "_totals_" + totals.name;
}

std::vector<db::TableDefinition> totals_tables(const std::vector<ObjectDefinition>& objects) {
  std::vector<db::TableDefinition> tables{
      {"totals_state", {{"name", true, true}, {"state", true, true}}, {"name"}, {}, false}};
  for (const auto& object : objects) {
    for (const auto& totals : object.totals) tables.push_back(table_of(object, totals));
  }
  return tables;
}

const TotalsDefinition* totals_for(const ObjectDefinition& object, const base::TimeZone& zone,
                                   const query::ExpressionPtr& filter,
                                   const query::CheckedApply& apply,
                                   const std::set<std::string>& scope) {
  for (const auto& totals : object.totals) {
    const Fitting fitting(object, totals, zone);
    const bool fits =
        std::all_of(scope.begin(), scope.end(),
                    [&](const std::string& column) { return fitting.has(column); }) &&
        fitting.fits(filter) && fitting.fits(apply.filter) &&
        std::all_of(apply.columns.begin(), apply.columns.end(),
                    [&](const query::ApplyColumn& column) { return fitting.fits(column); });
    if (fits) return &totals;
  }
  return nullptr;
}

void KeptTotals::created(const Record& record) {
  for (const auto& totals : object_.totals) {
    Cells cells(object_, totals, zone_);
    cells.add_row([&](const std::string& name) { return record.get(name); }, 1);
    cells.write(writer_);
  }
}

void KeptTotals::changed(const Record& after, const std::vector<std::size_t>& fields) {
  if (object_.totals.empty()) return;
  KeptColumns before(object_);
  const bool touches = std::any_of(fields.begin(), fields.end(), [&](std::size_t field) {
    return before.contains(object_.fields[field].name);
  });
  if (!touches) return;
  std::string sql = "SELECT \"id\"" + before.select() + " FROM " + quote_identifier(object_.name) +
                    " WHERE \"id\" = ?";
  if (writer_.dialect().is_postgres()) sql += " FOR UPDATE";
  bool found = false;
  const Values parameters{Value(after.id())};
  writer_.query(sql, parameters, [&](const db::Row& row) {
    before.read(row);
    found = true;
  });
  if (!found) return;
  KeptColumns now = before;
  for (const std::size_t field : fields) {
    const auto& name = object_.fields[field].name;
    if (now.contains(name)) now.set(name, after.at(field));
  }
  for (const auto& totals : object_.totals) {
    Cells cells(object_, totals, zone_);
    if (before.is_live()) cells.add_row(before.getter(), -1);
    if (now.is_live()) cells.add_row(now.getter(), 1);
    cells.write(writer_);
  }
}

void set_scope_department(db::Writer& writer, const base::TimeZone& zone,
                          const ObjectDefinition& object, std::int64_t owner,
                          const Value& department) {
  const std::string update =
      "UPDATE " + quote_identifier(object.name) + " SET \"scope_department_id\" = ? WHERE ";
  // One statement for live rows and one for those in the recycle bin: an index serves one of the
  // two, and a statement about both would read the whole table.
  const Values all{department, Value(owner)};
  writer.execute(update + "\"owner_id\" = ? AND \"deleted_at\" IS NOT NULL", all);
  if (object.totals.empty()) {
    writer.execute(update + "\"owner_id\" = ? AND \"deleted_at\" IS NULL", all);
    return;
  }
  std::vector<Cells> cells;
  for (const auto& totals : object.totals) cells.emplace_back(object, totals, zone);
  // By id, those alone that were counted: on PostgreSQL others may come to the owner meanwhile.
  std::vector<RecordId> ids;
  each_row(
      writer, object, "\"owner_id\" = ? AND \"deleted_at\" IS NULL AND ", {Value(owner)}, true,
      [&](RecordId id, KeptColumns& columns) {
        if (columns.getter()(std::string(kScope)) == department) return;
        for (auto& one : cells) one.add_row(columns.getter(), -1);
        columns.set(std::string(kScope), department);
        for (auto& one : cells) one.add_row(columns.getter(), 1);
        ids.push_back(id);
      },
      [&] {
        if (ids.empty()) return;
        Values parameters{department};
        const std::string places = padded_places(ids, parameters);
        writer.execute(update + "\"id\" IN (" + places + ")", parameters);
        ids.clear();
      });
  for (const auto& one : cells) one.write(writer);
}

void prepare_totals(db::Database& database, const base::TimeZone& zone,
                    const std::vector<ObjectDefinition>& objects) {
  for (const auto& object : objects) {
    for (const auto& totals : object.totals) {
      const std::string state = state_text(zone, object, totals, database.dialect());
      const std::string name = totals_name(object, totals);
      bool is_current = false;
      database.read([&](db::Reader& reader) { is_current = stored_state(reader, name) == state; });
      if (is_current) continue;
      database.write(
          [&](db::Writer& writer) {
            writer.lock("totals", name);
            if (stored_state(writer, name) == state) return;
            Cells cells(object, totals, zone);
            db::erase_rows(writer, cells.table());
            count_rows(writer, object, cells);
            cells.write(writer);
            kState.upsert(writer, {"name"}, {{"name", name}, {"state", state}});
          },
          db::Lane::Bulk);
    }
  }
}

void fold_totals(db::Database& database, const std::vector<ObjectDefinition>& objects) {
  for (const auto& object : objects) {
    for (const auto& totals : object.totals) fold(database, object, totals);
  }
}

db::Breaches wrong_totals(db::Reader& reader, const ObjectDefinition& object,
                          const TotalsDefinition& totals) {
  const std::string state = stored_state(reader, totals_name(object, totals));
  // None yet: the next start makes them.
  if (state.empty()) return {};
  const base::TimeZone zone(state.substr(0, state.find('\n')));
  Cells cells(object, totals, zone);
  count_rows(reader, object, cells);
  reader.query(
      "SELECT " + list_of(cells.table().columns) + " FROM " + quote_identifier(cells.table().name),
      {}, [&](const db::Row& row) { cells.add_total(row, 0, -1); });
  return cells.not_zero();
}

}  // namespace kehai::record
