#include "query/test_schema.h"

#include <algorithm>
#include <limits>

#include "db/dialect.h"
#include "query/lexer.h"
#include "query/text_functions.h"

namespace kehai::query::testing {
namespace {

using base::Value;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

template <typename List>
const typename List::value_type& pick(const List& list, base::Random& random) {
  return list[random.below(list.size())];
}

// A third of the values is absent or small, so that comparisons meet.
Value random_value(const FieldType& type, base::Random& random) {
  if (random.below(5) == 0) return {};
  switch (type.type) {
    case Type::Boolean:
      return Value(random.below(2) == 0);
    case Type::Text:
      return pick(tricky_texts(), random);
    case Type::Date:
      return pick(tricky_dates(), random);
    case Type::Instant:
      return pick(tricky_instants(), random);
    default:
      if (random.below(2) == 0) return static_cast<std::int64_t>(random.below(2000)) - 1000;
      return pick(tricky_integers(), random);
  }
}

}  // namespace

const std::vector<std::string>& tricky_texts() {
  static const std::vector<std::string> texts = {"",
                                                 " ",
                                                 "a",
                                                 "A",
                                                 "abc",
                                                 "ABC",
                                                 "aBc ",
                                                 " abc",
                                                 "\t\u3000华为\u00A0",
                                                 "华为",
                                                 "華為",
                                                 "华为技术有限公司",
                                                 "華為技術有限公司",
                                                 "Ｈｕａｗｅｉ",
                                                 "Huawei",
                                                 "it's",
                                                 "''",
                                                 "%",
                                                 "_",
                                                 "a%b_c\\",
                                                 "\"",
                                                 "?",
                                                 "a?b",
                                                 ";--",
                                                 "\U0001F600",
                                                 "a\U0001F600b",
                                                 "\uFFFF",
                                                 "\U0010FFFF",
                                                 "\U0010FFFF\U0010FFFF",
                                                 "e\u0301",
                                                 "\u00E9",
                                                 "\u0130i",
                                                 "ß",
                                                 "\uD7FF",
                                                 "\uE000",
                                                 "aa",
                                                 "aaa",
                                                 "aaaa",
                                                 "line\nbreak",
                                                 "0",
                                                 "12",
                                                 "null",
                                                 "true"};
  return texts;
}

const std::vector<std::int64_t>& tricky_integers() {
  static const std::vector<std::int64_t> integers = {0,
                                                     1,
                                                     -1,
                                                     2,
                                                     -2,
                                                     3,
                                                     5,
                                                     -5,
                                                     7,
                                                     10,
                                                     49,
                                                     50,
                                                     51,
                                                     -49,
                                                     -50,
                                                     -51,
                                                     99,
                                                     100,
                                                     101,
                                                     149,
                                                     150,
                                                     151,
                                                     12345,
                                                     -12345,
                                                     1'000'000,
                                                     999'999'999,
                                                     4'294'967'296,
                                                     -4'294'967'296,
                                                     3'037'000'499,
                                                     3'037'000'500,
                                                     922'337'203'685'477'580,
                                                     92'233'720'368'547'758,
                                                     -92'233'720'368'547'759,
                                                     kMost,
                                                     kMost - 1,
                                                     kMost / 2,
                                                     kLeast,
                                                     kLeast + 1,
                                                     kLeast / 2};
  return integers;
}

const std::vector<std::int64_t>& tricky_dates() {
  static const std::vector<std::int64_t> dates = {0,
                                                  -1,
                                                  1,
                                                  kFirstDate,
                                                  kFirstDate - 1,
                                                  kFirstDate + 1,
                                                  kLastDate,
                                                  kLastDate + 1,
                                                  kLastDate - 1,
                                                  base::date_from_civil(2024, 2, 29),
                                                  base::date_from_civil(2026, 3, 1),
                                                  base::date_from_civil(2026, 2, 28),
                                                  base::date_from_civil(2025, 12, 31),
                                                  base::date_from_civil(2026, 1, 1),
                                                  base::date_from_civil(1900, 3, 1),
                                                  base::date_from_civil(1900, 12, 31),
                                                  base::date_from_civil(1901, 1, 1),
                                                  base::date_from_civil(1986, 5, 4),
                                                  base::date_from_civil(1991, 9, 15),
                                                  base::date_from_civil(4, 12, 31),
                                                  1'000'000'000,
                                                  -1'000'000'000,
                                                  kMost,
                                                  kLeast};
  return dates;
}

const std::vector<std::int64_t>& tricky_instants() {
  static const std::vector<std::int64_t> instants = [] {
    std::vector<std::int64_t> list = {0,
                                      -1,
                                      1,
                                      kFirstInstant,
                                      kFirstInstant - 1,
                                      kLastInstant,
                                      kLastInstant + 1,
                                      1'767'225'600'000,
                                      1'767'196'800'000,
                                      1'767'196'799'999,
                                      1'772'294'400'000,
                                      kMost,
                                      kLeast};
    for (const char* name : {"Asia/Shanghai", "America/New_York"}) {
      const base::TimeZone zone(name);
      std::size_t taken = 0;
      for (const auto& transition : zone.transitions()) {
        if (++taken > 40) break;
        list.insert(list.end(),
                    {transition.from - 1, transition.from, transition.from + 3'599'999});
      }
    }
    return list;
  }();
  return instants;
}

const Property* ToyEntity::property(std::string_view name) const {
  for (const auto& property : properties_) {
    if (property->name == name) return property.get();
  }
  return nullptr;
}

const Navigation* ToyEntity::navigation(std::string_view name) const {
  for (const auto& navigation : navigations_) {
    if (navigation->name == name) return navigation.get();
  }
  return nullptr;
}

Property& ToyEntity::add(std::string name, FieldType type) {
  properties_.push_back(std::make_unique<Property>());
  properties_.back()->name = std::move(name);
  properties_.back()->type = type;
  return *properties_.back();
}

void ToyEntity::restrict_rows(RowAccess access) {
  access_ = std::move(access);
  restricted_ = true;
}

void ToyEntity::add(Navigation navigation) {
  navigations_.push_back(std::make_unique<Navigation>(std::move(navigation)));
}

ToySchema::ToySchema() {
  const FieldType integer{Type::Integer, 0};
  const FieldType text{Type::Text, 0};
  const FieldType money{Type::Decimal, 2};
  const auto id = [&](ToyEntity& entity) { entity.add("id", integer).nullable = false; };
  id(account);
  Property& name = account.add("name", text);
  name.sort_column = "name__sort";
  name.fold_column = "name__fold";
  account.add("industry", text);
  account.add("level", integer);
  account.add("owner_id", integer);
  account.add("owner_department_id", integer);
  account.add("amount", money);
  account.add("price", {Type::Decimal, 6});
  account.add("is_vip", {Type::Boolean, 0});
  account.add("founded", {Type::Date, 0});
  account.add("created_at", {Type::Instant, 0});
  account.add("updated_at", {Type::Instant, 0}).nullable = false;
  account.add("region_id", integer);
  account.add("parent_id", integer);
  account.add("score", integer).filterable = false;
  account.add("remark", text).sortable = false;
  account.add("tags", text).multi_table = "account__tags";
  account.add("numbers", integer).multi_table = "account__numbers";
  account.add({"region", &region, false, "region_id"});
  account.add({"parent", &account, false, "parent_id"});
  account.add({"children", &account, true, "parent_id"});
  account.add({"opportunities", &opportunity, true, "account_id"});
  id(region);
  region.add("name", text).fold_column = "name__fold";
  region.add("rank", integer);
  id(opportunity);
  opportunity.add("account_id", integer);
  opportunity.add("stage", text);
  opportunity.add("amount", money);
  opportunity.add("close_date", {Type::Date, 0});
  opportunity.add({"account", &account, false, "account_id"});
  opportunity.restrict_rows({{{"account_id", {1, 2, 3, 5, 8}}, {"id", {}}, {"id", {20, 21, 22}}}});
  region.restrict_rows({{{"id", {1, 2, 3}}}});
}

std::string toy_fold(std::string_view text) {
  static const std::vector<std::pair<std::string, std::string>> table = {
      {"華", "华"}, {"為", "为"}, {"術", "术"}, {"Ｈ", "h"}, {"ｕ", "u"},
      {"ａ", "a"},  {"ｗ", "w"},  {"ｅ", "e"},  {"ｉ", "i"}};
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  for (const auto& [from, to] : table) {
    for (std::size_t at = out.find(from); at != std::string::npos;
         at = out.find(from, at + to.size())) {
      out.replace(at, from.size(), to);
    }
  }
  return out;
}

Value ToyRecord::get(const Property& property) const {
  const auto found = fields.find(property.name);
  return found == fields.end() ? Value() : found->second;
}

bool ToyRecord::is_visible() const {
  const auto deleted = fields.find("deleted_at");
  if (deleted != fields.end() && !deleted->second.is_null()) return false;
  const RowAccess* access = entity_.row_access();
  if (access == nullptr) return true;
  return std::any_of(access->branches.begin(), access->branches.end(), [&](const auto& branch) {
    const auto& values = branch.values;
    const Value own = fields.at(branch.column);
    return own.is_int() && std::find(values.begin(), values.end(), own.as_int()) != values.end();
  });
}

const RecordSource* ToyRecord::to_one(const Navigation& navigation) const {
  const Value key = fields.at(navigation.foreign_key);
  for (const auto& record : data_.records(*navigation.target)) {
    if (Value(record->id()) == key && record->is_visible()) return record.get();
  }
  return nullptr;
}

void ToyRecord::to_many(const Navigation& navigation,
                        const std::function<bool(const RecordSource&)>& each) const {
  for (const auto& record : data_.records(*navigation.target)) {
    if (!record->is_visible() || record->fields.at(navigation.foreign_key) != Value(id())) continue;
    if (!each(*record)) return;
  }
}

base::Values ToyRecord::values(const Property& property) const {
  const auto found = multi.find(property.name);
  return found == multi.end() ? base::Values() : found->second;
}

ToyData::ToyData(const ToySchema& schema, base::Random& random, int accounts) {
  for (int i = 0; i < 4; ++i) fill(add(schema.region), random);
  for (int i = 0; i < accounts; ++i) {
    ToyRecord& account = add(schema.account);
    fill(account, random);
    account.fields["updated_at"] = static_cast<std::int64_t>(random.below(5));
    account.fields["region_id"] =
        random.below(4) == 0 ? Value() : Value(static_cast<std::int64_t>(random.below(6)) + 1);
    account.fields["parent_id"] =
        random.below(3) == 0
            ? Value()
            : Value(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(accounts))) +
                    1);
    for (std::uint64_t n = random.below(4); n > 0; --n)
      account.multi["tags"].push_back(pick(tricky_texts(), random));
    for (std::uint64_t n = random.below(3); n > 0; --n) {
      account.multi["numbers"].push_back(pick(tricky_integers(), random));
    }
  }
  records_[&schema.account].front()->fields["level"] = kMost - 1;
  for (int i = 0; i < accounts; ++i) {
    ToyRecord& opportunity = add(schema.opportunity);
    fill(opportunity, random);
    opportunity.fields["account_id"] =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(accounts) / 2)) + 1;
  }
}

ToyRecord& ToyData::add(const ToyEntity& entity) {
  auto& list = records_[&entity];
  list.push_back(std::make_unique<ToyRecord>(*this, entity));
  list.back()->fields["id"] = static_cast<std::int64_t>(list.size());
  return *list.back();
}

void ToyData::fill(ToyRecord& record, base::Random& random) {
  for (const auto& property : record.entity().properties()) {
    if (property->name == "id" || !property->multi_table.empty()) continue;
    Value value = random_value(property->type, random);
    if (!property->fold_column.empty()) {
      record.fields[property->fold_column] =
          value.is_text() ? Value(toy_fold(value.as_text())) : Value();
    }
    if (!property->sort_column.empty()) {
      record.fields[property->sort_column] =
          value.is_text() ? Value(substring(toy_fold(value.as_text()), 0, 2)) : Value();
    }
    record.fields[property->name] = std::move(value);
  }
  if (record.entity().soft_delete()) {
    record.fields["deleted_at"] = random.below(5) == 0 ? Value(1) : Value();
  }
}

const std::vector<std::unique_ptr<ToyRecord>>& ToyData::records(const Entity& entity) const {
  return records_.at(&entity);
}

void ToyData::store(db::Database& database) const {
  database.migrate([&](db::Writer& writer) {
    const db::Dialect& dialect = writer.dialect();
    const std::string integer(dialect.integer_type());
    const std::string text(dialect.text_type());
    for (const auto& [entity, list] : records_) {
      // Fields beside the properties (fold, sort, deleted_at) are found in the records.
      std::string columns;
      std::string marks;
      std::string definition;
      for (const auto& [name, unused] : list.front()->fields) {
        const Property* property = entity->property(name);
        const bool is_text = property ? property->type.type == Type::Text : name != "deleted_at";
        columns += (columns.empty() ? "" : ", ") + db::quote_identifier(name);
        marks += marks.empty() ? "?" : ", ?";
        definition += (definition.empty() ? "" : ", ") + db::quote_identifier(name) + " " +
                      (is_text ? text : integer);
      }
      const std::string table = db::quote_identifier(entity->table());
      writer.execute("CREATE TABLE " + table + " (" + definition + ")" +
                     std::string(dialect.table_suffix()));
      for (const auto& record : list) {
        base::Values row;
        for (const auto& [name, value] : record->fields) row.push_back(value);
        writer.execute("INSERT INTO " + table + " (" + columns + ") VALUES (" + marks + ")", row);
      }
      for (const auto& property : list.front()->entity().properties()) {
        if (property->multi_table.empty()) continue;
        const std::string child = db::quote_identifier(property->multi_table);
        writer.execute("CREATE TABLE " + child + " (record_id " + integer + ", position " +
                       integer + ", value " + (property->type.type == Type::Text ? text : integer) +
                       ")" + std::string(dialect.table_suffix()));
        for (const auto& record : list) {
          std::int64_t position = 0;
          for (const Value& value : record->values(*property)) {
            const base::Values row = {record->id(), position++, value};
            writer.execute(
                "INSERT INTO " + child + " (record_id, position, value) VALUES (?, ?, ?)", row);
          }
        }
      }
    }
  });
}

Environment toy_environment(const base::TimeZone& zone) {
  constexpr base::Instant kNow = 1'772'294'400'000;  // 2026-03-01T00:00:00+08:00
  Environment environment = Environment::make(zone, kNow, 7, 3, {Value(3), Value(4)});
  environment.fold = toy_fold;
  return environment;
}

}  // namespace kehai::query::testing
