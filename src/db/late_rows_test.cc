// Rows that go in later, and what a transaction remembers: on both databases.
#include "db/late_rows.h"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "db/among.h"
#include "db/row_insert.h"
#include "db/test_items.h"

namespace kehai::db {
namespace {

TableDefinition item_table() {
  return {"item", {{"id", false, true}, {"name", true}, {"amount"}}, {"id"}, {}, false};
}

std::shared_ptr<const RowInsert> item_insert() {
  return std::make_shared<const RowInsert>(item_table());
}

std::vector<Values> ids(Reader& reader) {
  return reader.rows("SELECT id FROM item ORDER BY id");
}

TEST_CASE("what a statement names and changes is known by its text") {
  const auto word = [](std::string_view name) { return StatementFacts::word(name); };
  const StatementFacts insert("INSERT INTO \"item\" (\"id\") VALUES (?)");
  CHECK(insert.names(word("item")));
  CHECK(insert.names(word("id")));
  CHECK_FALSE(insert.names(word("items")));
  CHECK(insert.changed_table() == word("item"));
  CHECK_FALSE(insert.reads_only());
  const StatementFacts select("SELECT t.id FROM item t WHERE name = 'other \"x\"' FOR UPDATE");
  CHECK(select.reads_only());
  CHECK(select.locks_rows());
  CHECK(select.names(word("item")));
  CHECK_FALSE(select.names(word("other")));
  CHECK(StatementFacts("UPDATE item SET name = ?").changed_table() == word("item"));
  CHECK(StatementFacts("DELETE FROM \"item\"").changed_table() == word("item"));
  CHECK(StatementFacts("WITH a AS (SELECT 1) SELECT * FROM a").reads_only());
  CHECK_FALSE(StatementFacts("WITH a AS (SELECT 1) INSERT INTO item SELECT 1").reads_only());
  CHECK(StatementFacts("CREATE TABLE item (id INTEGER)").changed_table() == 0);
}

TEST_CASE("rows that go in later are there when the transaction ends") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const auto insert = item_insert();
    constexpr std::int64_t kRows = 1234;  // of every size of statement
    database->write([&](Writer& writer) {
      for (std::int64_t id = 1; id <= kRows; ++id) {
        const bool even = id % 2 == 0;
        writer.insert_later(insert, {id, even ? Value() : Value("名\"\\,{} " + std::to_string(id)),
                                     even ? Value(-id) : Value()});
      }
      CHECK(writer.changes() == kRows);
    });
    database->read([&](Reader& reader) {
      CHECK(reader.scalar("SELECT count(*) FROM item") == Value(kRows));
      CHECK(reader.scalar("SELECT name FROM item WHERE id = 1001") == Value("名\"\\,{} 1001"));
      CHECK(reader.scalar("SELECT amount FROM item WHERE id = 1000") == Value(-1000));
      CHECK(reader.scalar("SELECT name FROM item WHERE id = 1000").is_null());
    });
  });
}

TEST_CASE("a statement that names the table finds the rows that wait for it") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const auto insert = item_insert();
    database->write([&](Writer& writer) {
      writer.insert_later(insert, {1, "one", Value()});
      CHECK(ids(writer) == std::vector<Values>{{1}});
      writer.insert_later(insert, {2, "two", Value()});
      CHECK(writer.execute("UPDATE \"item\" SET amount = 5 WHERE id = 2") == 1);
      writer.insert_later(insert, {3, "three", Value()});
      CHECK(writer.execute("DELETE FROM item WHERE id = 3") == 1);
      writer.insert_later(insert, {4, "four", Value()});
      writer.query_remembered("SELECT count(*) FROM item", {},
                              [](const Row& row) { CHECK(row.get_int(0) == 3); });
    });
    database->read([](Reader& reader) {
      CHECK(ids(reader) == std::vector<Values>{{1}, {2}, {4}});
    });
  });
}

TEST_CASE("rows that go in later belong to the attempt that made them") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const auto insert = item_insert();
    database->write([&](Writer& writer) {
      writer.insert_later(insert, {1, "before", Value()});
      CHECK_THROWS_AS(writer.attempt([&] {
        writer.insert_later(insert, {2, "inside", Value()});
        throw std::runtime_error("undo");
      }),
                      std::runtime_error);
      // What the database says against a row is said to its attempt.
      CHECK(code_of([&] {
              writer.attempt([&] { writer.insert_later(insert, {1, "again", Value()}); });
            }) == "database.constraint");
      writer.attempt([&] { writer.insert_later(insert, {3, "good", Value()}); });
      writer.insert_later(insert, {4, "behind", Value()});
    });
    database->read([](Reader& reader) {
      CHECK(ids(reader) == std::vector<Values>{{1}, {3}, {4}});
    });
    CHECK(code_of([&] {
            database->write([&](Writer& writer) {
              writer.insert_later(insert, {5, "lost", Value()});
              writer.insert_later(insert, {4, "again", Value()});
            });
          }) == "database.constraint");
    CHECK(count_items(database.get()) == 3);
    CHECK(code_of([&] {
            database->write([&](Writer& writer) {
              writer.insert_later(insert, {6, std::string("a\0b", 3), Value()});
            });
          }) == "database.invalid_text");
  });
}

TEST_CASE("rows of a table whose rows go in by order are in order when they are taken") {
  const auto insert = std::make_shared<const RowInsert>(item_table(), true);
  LateRows late;
  late.add(insert, {3, "c", Value()});
  late.add(insert, {1, "b", 2});
  late.add(insert, {1, "a", 2});
  late.add(insert, {1, "b", Value()});
  const auto taken = late.take_all();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].rows ==
        std::vector<Values>{{1, "a", 2}, {1, "b", Value()}, {1, "b", 2}, {3, "c", Value()}});
  CHECK(late.empty());
}

TEST_CASE("what is remembered is asked again after a change") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const auto insert = item_insert();
    database->write([&](Writer& writer) {
      const auto names = [&](std::int64_t id) {
        std::string found;
        writer.query_remembered("SELECT name FROM item WHERE id = ?", Values{id},
                                [&](const Row& row) { found += row.get_text(0); });
        return found;
      };
      CHECK(names(1).empty());
      add_item(writer, 1, "one", 1);
      CHECK(names(1) == "one");
      CHECK(names(1) == "one");
      writer.execute("UPDATE item SET name = 'two' WHERE id = 1");
      CHECK(names(1) == "two");
      writer.insert_later(insert, {2, "three", Value()});
      CHECK(names(2) == "three");
      CHECK_THROWS_AS(writer.attempt([&] {
        writer.execute("UPDATE item SET name = 'four' WHERE id = 1");
        CHECK(names(1) == "four");
        throw std::runtime_error("undo");
      }),
                      std::runtime_error);
      CHECK(names(1) == "two");
    });
  });
}

TEST_CASE("what is remembered is asked again behind a lock, and a lock is taken once") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    if (database.kind() == Kind::Sqlite) return;  // writes are serial there
    make_items(database.get());
    database->write([](Writer& writer) { add_item(writer, 1, "old", 1); });
    std::thread other;
    database->write([&](Writer& writer) {
      const auto name = [&] {
        std::string found;
        writer.query_remembered("SELECT name FROM item WHERE id = 1", {},
                                [&](const Row& row) { found = row.get_text(0); });
        return found;
      };
      CHECK(name() == "old");
      run_threads(1, [&](int) {
        database->write([](Writer& inner) {
          inner.lock("item", "1");
          inner.execute("UPDATE item SET name = 'new' WHERE id = 1");
        });
      });
      CHECK(name() == "old");
      writer.lock("item", "1");
      CHECK(name() == "new");
      const std::vector<std::string> keys{"2", "1"};
      writer.lock_all("item", keys);
      CHECK(writer.scalar("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = "
                          "pg_backend_pid()") == Value(2));
      CHECK_THROWS_AS(writer.attempt([&] {
        writer.lock("item", "3");
        writer.scalar("SELECT 1");
        throw std::runtime_error("undo");
      }),
                      std::runtime_error);
      // Going back to the savepoint has let go of it.
      writer.lock("item", "3");
      CHECK(writer.scalar("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = "
                          "pg_backend_pid()") == Value(3));
    });
  });
}

TEST_CASE("rows by many values") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) {
      for (std::int64_t id = 1; id <= 700; ++id)
        add_item(writer, id, "n" + std::to_string(id), id % 2);
    });
    database->read([](Reader& reader) {
      Values wanted;
      for (std::int64_t id = 0; id <= 1400; id += 2) wanted.emplace_back("n" + std::to_string(id));
      wanted.emplace_back("n1");
      wanted.emplace_back("n2");
      const AmongSelection selection{"item", {"id"}, {{"amount", Compare::Equal, 0}}, "name", true};
      std::int64_t found = 0;
      std::int64_t sum = 0;
      select_among(reader, selection, wanted, [&](const Row& row) {
        ++found;
        sum += row.get_int(0);
      });
      CHECK(found == 350);
      CHECK(sum == 350 * 351);
      select_among(reader, selection, {}, [](const Row&) { CHECK(false); });
    });
  });
}

}  // namespace
}  // namespace kehai::db
