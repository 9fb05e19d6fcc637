// Rules over whole tables, on both databases: what breaks them is counted and named.
#include "db/row_checks.h"

#include <doctest/doctest.h>

#include "db/bulk.h"
#include "db/test_items.h"

namespace kehai::db {
namespace {

const TableDefinition kDeals{"deal",
                             {{"id", false, true},
                              {"stage_id", false, false},
                              {"owner_id", false, false},
                              {"deleted_at", false, false}},
                             {"id"},
                             {{"ix_deal_stage", {"stage_id"}, false, "", ""}},
                             false};
const TableDefinition kMoves{"move",
                             {{"id", false, true},
                              {"deal_id", false, false},
                              {"from_id", false, false},
                              {"to_id", false, false},
                              {"created_at", false, false},
                              {"deleted_at", false, false}},
                             {"id"},
                             {},
                             false};
const Chain kChain{"move", "deal_id", "from_id", "to_id", "deal", "stage_id"};

void make_tables(Database& database) {
  database.migrate([](Writer& writer) {
    for (const auto& table : {kDeals, kMoves}) {
      writer.execute(create_table_sql(table, writer.dialect()));
      for (const auto& index : table.indexes)
        writer.execute(create_index_sql(table.name, index, writer.dialect()));
    }
  });
}

void fill(Database& database, const TableDefinition& table, const std::vector<Values>& rows) {
  database.write([&](Writer& writer) {
    erase_rows(writer, table);
    insert_rows(writer, table, rows);
  });
}

Breaches ask(Database& database, const std::function<Breaches(Reader&)>& question) {
  Breaches found;
  database.read([&](Reader& reader) { found = question(reader); });
  return found;
}

#define CHECK_BREACHES(found, how_many, which) \
  do {                                         \
    const Breaches breaches = (found);         \
    CHECK(breaches.count == (how_many));       \
    CHECK(breaches.example == (which));        \
  } while (false)

}  // namespace

TEST_CASE("rows by condition and without partner, nulls equal only when asked for") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_tables(database.get());
    const Value none;
    fill(database.get(), kDeals,
         {{8192, 1, 7, none}, {8193, 2, none, none}, {8194, none, 7, 5}, {9, 1, none, none}});
    fill(database.get(), kMoves,
         {{2, 8192, none, 1, 1, none}, {3, 8193, none, none, 1, none}, {4, 9, 5, 1, 1, 6}});
    const auto of = [&](const Rows& rows, const std::vector<Partner>& partners) {
      return ask(database.get(),
                 [&](Reader& reader) { return without_partner(reader, rows, partners); });
    };
    const Rows living{"deal", {{"deleted_at", Compare::IsNull, {}}}};
    CHECK_BREACHES(ask(database.get(), [&](Reader& reader) { return all_of(reader, living); }), 3,
                   9);
    CHECK_BREACHES(of({"deal", {{"stage_id", Compare::Equal, 3}}}, {}), 0, 0);
    const Partner move{"move", {{"id", "deal_id"}}, {}};
    CHECK_BREACHES(of(living, {move}), 0, 0);
    CHECK_BREACHES(of({"deal", {}}, {move}), 1, 8194);
    const Partner same_stage{"move", {{"id", "deal_id"}, {"stage_id", "to_id"}}, {}};
    CHECK_BREACHES(of(living, {same_stage}), 1, 8193);
    Partner owner{"move", {{"id", "deal_id"}, {"owner_id", "from_id"}}, {}};
    CHECK_BREACHES(of(living, {owner}), 3, 9);
    owner.pairs[1].null_is_equal = true;
    CHECK_BREACHES(of(living, {owner}), 2, 9);
    owner.where = {{"to_id", Compare::IsNotNull, {}}};
    CHECK_BREACHES(of(living, {owner}), 3, 9);
    CHECK_BREACHES(of(living, {owner, move}), 0, 0);
    Partner block{"move", {{"id", "id"}}, {}};
    block.pairs[0].dropped_bits = 12;
    CHECK_BREACHES(of({"deal", {}}, {block}), 1, 9);
    const Rows moves{"move", {}, "deal_id"};
    CHECK_BREACHES(of(moves, {{"deal", {{"deal_id", "id"}}, {}}}), 0, 0);
  });
}

TEST_CASE("values that stand twice") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_tables(database.get());
    fill(database.get(), kDeals,
         {{1, 5, 7, {}}, {2, 5, 8, {}}, {3, 5, 9, {}}, {4, 6, 7, {}}, {5, 6, 8, 1}, {6, 4, 1, {}}});
    const auto of = [&](const Rows& rows, const std::string& column) {
      return ask(database.get(), [&](Reader& reader) { return repeated(reader, rows, column); });
    };
    CHECK_BREACHES(of({"deal", {}}, "stage_id"), 2, 1);
    CHECK_BREACHES(of({"deal", {{"deleted_at", Compare::IsNull, {}}}}, "stage_id"), 1, 1);
    CHECK_BREACHES(of({"deal", {{"id", Compare::Greater, 3}}}, "owner_id"), 0, 0);
  });
}

TEST_CASE("chains of steps: a gap, a wrong beginning, a wrong end, none at all") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_tables(database.get());
    const Value none;
    const auto broken = [&](const Value& stage, const std::vector<Values>& moves) {
      fill(database.get(), kDeals, {{1, stage, 7, none}, {2, 9, 7, 1}});
      fill(database.get(), kMoves, moves);
      return ask(database.get(), [](Reader& reader) { return broken_chains(reader, kChain); });
    };
    // Ids follow time only within one server.
    CHECK_BREACHES(
        broken(12, {{3, 1, none, 10, 5, none}, {2, 1, 10, 11, 6, none}, {4, 1, 11, 12, 6, none}}),
        0, 0);
    CHECK_BREACHES(broken(12, {{3, 1, none, 10, 5, none}, {4, 1, 11, 12, 6, none}}), 1, 1);
    CHECK_BREACHES(broken(10, {{3, 1, 9, 10, 5, none}}), 1, 1);
    CHECK_BREACHES(broken(11, {{3, 1, none, 10, 5, none}}), 1, 1);
    CHECK_BREACHES(broken(11, {}), 1, 1);
    CHECK_BREACHES(broken(10, {{3, 1, none, 10, 5, none}, {4, 1, 10, 11, 6, 7}}), 0, 0);
  });
}

TEST_CASE("the names of all indexes") {
  on_each_database([](TestDatabase& database) {
    make_tables(database.get());
    database->read([](Reader& reader) {
      const auto names = index_names(reader);
      CHECK(names.contains("ix_deal_stage"));
      CHECK_FALSE(names.contains("deal"));
    });
  });
}

}  // namespace kehai::db
