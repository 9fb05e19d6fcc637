// $apply and search through the engine: sums equal those of the same rows added up in memory.
#include <doctest/doctest.h>

#include <random>

#include "db/test_databases.h"
#include "query/parser.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

constexpr RecordId kReader = 9'000;

struct Total {
  std::int64_t sum = 0;
  std::int64_t count = 0;
  std::int64_t with_amount = 0;
  std::optional<std::int64_t> minimum, maximum;
};

std::vector<Record> fill(ToyCompany& toys) {
  std::mt19937_64 random(7);
  std::vector<RecordId> ids;
  for (int i = 0; i < 300; ++i) {
    Draft draft;
    draft.set("name", "f").set("owner_id", static_cast<std::int64_t>(1 + random() % 5));
    draft.set("size", static_cast<std::int64_t>(1 + random() % 4))
        .set("due", static_cast<std::int64_t>(20'454 + random() % 90));
    if (random() % 4 != 0) draft.set("amount", static_cast<std::int64_t>(random() % 100'000'000));
    if (random() % 3 == 0) draft.set("shelf_id", 3);
    ids.push_back(toys.create("folder", draft));
  }
  std::vector<Record> rows;
  toys.database().read([&](db::Reader& reader) {
    rows = toys.engine().store().load_many(reader, toys.engine().schema()->at("folder"), ids);
  });
  return rows;
}

// By key, over the rows that `sees` admits.
std::map<std::int64_t, Total> add_up(const std::vector<Record>& rows, const char* key,
                                     const std::function<bool(const Record&)>& sees) {
  std::map<std::int64_t, Total> out;
  for (const auto& row : rows) {
    if (!sees(row)) continue;
    auto& total = out[row.integer(key)];
    ++total.count;
    if (row.is_null("amount")) continue;
    const std::int64_t amount = row.integer("amount");
    total.sum += amount;
    ++total.with_amount;
    total.minimum = std::min(total.minimum.value_or(amount), amount);
    total.maximum = std::max(total.maximum.value_or(amount), amount);
  }
  return out;
}

ListRequest aggregate(const std::string& apply, const std::string& filter = "") {
  ListRequest request;
  request.options.apply = query::parse_apply(apply);
  if (!filter.empty()) request.options.filter = query::parse_expression(filter);
  return request;
}

}  // namespace

TEST_CASE("apply: grouped sums over access branches equal the rows added up, and are exact") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    const auto rows = fill(toys);
    const auto actor = ToyCompany::actor(kReader);
    struct Case {
      RowScope scope;
      std::function<bool(const Record&)> sees;
    };
    const auto owned = [](const Record& row) { return row.integer("owner_id") == 2; };
    const auto shelved = [](const Record& row) { return row.integer("shelf_id") == 3; };
    const std::vector<Case> cases{
        {everything(), [](const Record&) { return true; }},
        {where({{"owner_id", {2}, {}}}), owned},
        {where({{"owner_id", {2}, {}}, {"shelf_id", {3}, {}}}),
         [&](const Record& row) { return owned(row) || shelved(row); }},
        {where({{"owner_id", {2}, {}}, {"shelf_id", {3}, {"amount"}}}), owned},
        {RowScope{}, [](const Record&) { return false; }}};
    for (const auto& one : cases) {
      toys.rights(kReader).read["folder"] = one.scope;
      const auto totals = add_up(rows, "size", one.sees);
      std::size_t groups = 0;
      const auto result =
          toys.engine().apply_typed(actor, "folder",
                                    aggregate("groupby((size),aggregate(amount with sum as "
                                              "s,amount with min as low,amount with max as high,"
                                              "amount with average as mean,$count as n))"));
      CHECK(result.columns == std::vector<std::string>{"size", "s", "low", "high", "mean", "n"});
      for (const auto& row : result.rows) {
        ++groups;
        const auto& total = totals.at(row[0].as_int());
        CHECK(row[1].int_or(0) == total.sum);
        CHECK(row[2] == (total.minimum ? Value(*total.minimum) : Value()));
        CHECK(row[3] == (total.maximum ? Value(*total.maximum) : Value()));
        CHECK(row[4] == (total.with_amount == 0 ? Value()
                                                : Value((2 * total.sum + total.with_amount) /
                                                        (2 * total.with_amount))));
        CHECK(row[5].as_int() == total.count);
      }
      CHECK(groups == totals.size());
    }
  });
}

TEST_CASE("apply: money far beyond what a double holds stays exact, and JSON says the same") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    toys.rights(kReader).read["folder"] = everything();
    for (int i = 0; i < 3; ++i)
      toys.create("folder", Draft().set("name", "f").set("amount", 3'000'000'000'000'001 + i));
    const auto request = aggregate("aggregate(amount with sum as s)");
    const auto actor = ToyCompany::actor(kReader);
    CHECK(toys.engine().apply_typed(actor, "folder", request).rows.at(0).at(0) ==
          Value(9'000'000'000'000'006));
    CHECK(toys.engine().apply(actor, "folder", request) == R"({"s":90000000000000.06})");
    const auto none = toys.engine().apply_typed(
        actor, "folder", aggregate("aggregate(amount with sum as s)", "size eq 50"));
    CHECK(none.rows.at(0).at(0).is_null());
  });
}

namespace {

// Candidates as a search index would give them: any ids, in any order, also stale ones.
struct ToySearch : SearchPort {
  std::vector<RecordId> ids;
  std::vector<RecordId> find(db::Reader&, const Actor&, const ObjectDefinition&, const RowScope&,
                             std::string_view, int) override {
    return ids;
  }
};

}  // namespace

TEST_CASE("search: candidates are checked again, filtered, ordered and paged like any list") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    ToySearch search;
    toys.engine().set_search(&search);
    std::vector<RecordId> own;
    for (int i = 0; i < 7; ++i) {
      own.push_back(
          toys.create("folder", Draft().set("name", "f").set("owner_id", 2).set("size", 1 + i)));
      search.ids.push_back(own.back());
    }
    search.ids.push_back(toys.create("folder", Draft().set("name", "f").set("owner_id", 3)));
    search.ids.push_back(77'777'777);
    toys.write([&](Tx& tx) {
      auto record = tx.get("folder", own[6]);
      tx.erase(record);
    });
    toys.rights(kReader).read["folder"] = where({{"owner_id", {2}, {}}});
    ListRequest request;
    request.options.search = "f";
    request.options.filter = query::parse_expression("size ge 2");
    request.options.order = query::parse_order("size desc");
    request.options.top = 2;
    std::vector<RecordId> found;
    do {
      request.options.skiptoken =
          toys.engine().list_typed(ToyCompany::actor(kReader), "folder", request,
                                   [&](const TypedRow& row) { found.push_back(row.record.id()); });
    } while (!request.options.skiptoken.empty());
    CHECK(found == std::vector<RecordId>{own[5], own[4], own[3], own[2], own[1]});
    CHECK(toys.engine().count(ToyCompany::actor(kReader), "folder", request) == 5);
    search.ids.clear();
    CHECK(toys.engine().list(ToyCompany::actor(kReader), "folder", request).size == 0);
  });
}

}  // namespace kehai::record
