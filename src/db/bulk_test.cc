// Whole tables in and out, on both databases.
#include "db/bulk.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "db/search_table.h"
#include "db/test_items.h"

namespace kehai::db {
namespace {

const TableDefinition kItems{"item",
                             {{"id", false, true}, {"name", true, false}, {"amount", false, false}},
                             {"id"},
                             {},
                             false};

std::vector<Values> some_rows(std::int64_t count) {
  const std::vector<Value> names = {nullptr, "",   "NULL",     "null", "客海 𠮷", "a\"b\\c",
                                    "{x,y}", "\\", "\t\r\n '", "\"",   "? $1"};
  std::vector<Values> rows;
  for (std::int64_t id = 1; id <= count; ++id) {
    const std::int64_t amount = id % 2 == 0 ? std::numeric_limits<std::int64_t>::min() + id : -id;
    rows.push_back({id, names[static_cast<std::size_t>(id) % names.size()],
                    id % 5 == 0 ? Value() : Value(amount)});
  }
  return rows;
}

TEST_CASE("rows go in and come out whole, whatever their number") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    for (const std::int64_t count : {0, 1, 7, 50, 51, 2345}) {
      const auto rows = some_rows(count);
      database->write([&](Writer& writer) {
        erase_rows(writer, kItems);
        insert_rows(writer, kItems, rows);
      });
      std::vector<Values> found;
      database->read([&](Reader& reader) {
        found.clear();
        read_table(reader, kItems, [&](const Row& row) {
          found.push_back({row.get(0), row.get(1), row.get(2)});
        });
      });
      std::sort(found.begin(), found.end(),
                [](const Values& a, const Values& b) { return a[0].as_int() < b[0].as_int(); });
      CHECK(found == rows);
    }
  });
}

TEST_CASE("words loaded in bulk are found like others") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->migrate([](Writer& writer) {
      SearchTable::create(writer);
      SearchTable::begin_bulk(writer);
    });
    const std::vector<Values> items = {{1, "", 0}, {2, "", 0}, {3, "", 0}, {4, "", 0}, {5, "", 0}};
    const std::vector<Values> rows = {{1, "nhua nwei"}, {2, "nhua"}, {3, ""}, {4, "nwei xo7"}};
    database->write([&](Writer& writer) {
      insert_rows(writer, kItems, items);
      SearchTable::put_new(writer, rows);
    });
    database->migrate([](Writer& writer) { SearchTable::end_bulk(writer); });
    database->write([](Writer& writer) {
      SearchTable::put(writer, 5, "nhua");
      SearchTable::put(writer, 2, "nwei");
    });
    database->read([](Reader& reader) {
      CHECK(SearchTable::find(reader, "nhua", 10, "item") == std::vector<std::int64_t>{5, 1});
      CHECK(SearchTable::find(reader, "nwei", 2, "item") == std::vector<std::int64_t>{4, 2});
    });
  });
}

// PostgreSQL asks the newest blocks of ids first, and all when these do not have enough.
TEST_CASE("the newest records come first, however many have the word") {
  constexpr std::int64_t kCount = 40'000;
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->migrate([](Writer& writer) { SearchTable::create(writer); });
    std::vector<Values> items;
    std::vector<Values> words;
    for (std::int64_t id = 1; id <= kCount; ++id) {
      items.push_back({id, "", 0});
      words.push_back({id, std::string("all") + (id <= kCount / 2 ? " old" : " young") +
                               (id % 2000 == 0 ? " some" : "") + (id == 7 ? " one" : "")});
    }
    database->write([&](Writer& writer) {
      insert_rows(writer, kItems, items);
      SearchTable::put_new(writer, words);
    });
    refresh_statistics(database.get());
    database->read([](Reader& reader) {
      const auto find = [&](std::string_view match) {
        return SearchTable::find(reader, match, 3, "item");
      };
      CHECK(find("all") == std::vector<std::int64_t>{kCount, kCount - 1, kCount - 2});
      CHECK(find("young") == std::vector<std::int64_t>{kCount, kCount - 1, kCount - 2});
      CHECK(find("old") == std::vector<std::int64_t>{kCount / 2, kCount / 2 - 1, kCount / 2 - 2});
      CHECK(find("one") == std::vector<std::int64_t>{7});
      CHECK(find("none").empty());
      // Rare words are known as such, wherever they are.
      CHECK(SearchTable::find_few(reader, "one", 5) == std::vector<std::int64_t>{7});
      CHECK(SearchTable::find_few(reader, "some", 20)->size() == 20);
      CHECK_FALSE(SearchTable::find_few(reader, "some", 19));
      CHECK_FALSE(SearchTable::find_few(reader, "old", 100));
      CHECK_FALSE(SearchTable::find_few(reader, "young", 100));
      CHECK(SearchTable::find_few(reader, "none", 5)->empty());
      CHECK(SearchTable::find(reader, "some", 8, "item") ==
            std::vector<std::int64_t>{40'000, 38'000, 36'000, 34'000, 32'000, 30'000, 28'000,
                                      26'000});
      // Asked together, each finds what it finds alone, however many questions it needs.
      const std::vector<SearchTable::Words> asked{
          {"old", "item"}, {"", "item"}, {"one", "item"}, {"young", "item"}, {"none", "item"}};
      const auto found = SearchTable::find_each(reader, asked, 3);
      REQUIRE(found.size() == asked.size());
      for (std::size_t i = 0; i < asked.size(); ++i) CHECK(found[i] == find(asked[i].match));
      CHECK(SearchTable::find_each(reader, {}, 3).empty());
    });
  });
}

TEST_CASE("an index of many parts is gathered in steps and finds the same") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->migrate([](Writer& writer) { SearchTable::create(writer); });
    const auto gather = [&](SearchTable::Step step) {
      bool more = false;
      database->write([&](Writer& writer) { more = SearchTable::gather(writer, step); });
      return more;
    };
    std::vector<Values> items{{9'000, "", 0}};
    for (std::int64_t id = 1; id <= 200; ++id) items.push_back({id, "", 0});
    database->write([&](Writer& writer) { insert_rows(writer, kItems, items); });
    bool is_scattered = false;
    for (std::int64_t id = 1; id <= 200 && !is_scattered; ++id) {
      database->write([&](Writer& writer) {
        SearchTable::put(writer, id, "all w" + std::to_string(id));
        SearchTable::erase(writer, id - 3);
      });
      database->read([&](Reader& reader) { is_scattered = SearchTable::is_scattered(reader); });
    }
    CHECK(is_scattered == !database->is_postgres());
    std::vector<std::int64_t> before;
    database->read([&](Reader& reader) { before = SearchTable::find(reader, "all", 10, "item"); });
    CHECK(before.size() == 3);
    bool more = gather(SearchTable::Step::First);
    for (int steps = 0; more && steps < 100; ++steps) {
      // What is written in between takes part.
      if (steps == 0)
        database->write([&](Writer& writer) { SearchTable::put(writer, 9'000, "all"); });
      more = gather(SearchTable::Step::Next);
    }
    CHECK_FALSE(more);
    database->write([&](Writer& writer) { SearchTable::put(writer, 9'000, "all"); });
    database->read([&](Reader& reader) {
      CHECK_FALSE(SearchTable::is_scattered(reader));
      before.insert(before.begin(), 9'000);
      CHECK(SearchTable::find(reader, "all", 10, "item") == before);
    });
    CHECK(database->check() == "");
  });
}

TEST_CASE("a check between changes of the index finds nothing wrong") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    database->migrate([](Writer& writer) { SearchTable::create(writer); });
    for (std::int64_t round = 0; round < 60; ++round) {
      database->write([&](Writer& writer) {
        for (std::int64_t i = 0; i < 10; ++i) {
          const std::int64_t id = 1 + (round * 37 + i * 11) % 90;
          if ((round + i) % 4 == 0) {
            SearchTable::erase(writer, id);
          } else {
            SearchTable::put(writer, id, "all w" + std::to_string(round * i));
          }
        }
      });
      if (round % 5 == 4) CHECK(database->check() == "");
    }
  });
}

}  // namespace
}  // namespace kehai::db
