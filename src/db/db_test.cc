// Transactions, as both databases promise them: every case runs on each.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "db/test_items.h"

namespace kehai::db {
namespace {

TEST_CASE("a read sees one snapshot") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->read([&](Reader& reader) {
      CHECK(reader.scalar("SELECT count(*) FROM item") == Value(0));
      std::thread other(
          [&] { database->write([](Writer& writer) { add_item(writer, 1, "a", 1); }); });
      other.join();
      CHECK(reader.scalar("SELECT count(*) FROM item") == Value(0));
    });
    CHECK(count_items(database.get()) == 1);
  });
}

TEST_CASE("a reader cannot write") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    CHECK(code_of([&] {
            database->read([](Reader& reader) {
              reader.rows("INSERT INTO item (id) VALUES (1) RETURNING id");
            });
          }) == "database.read_only_transaction");
    CHECK(count_items(database.get()) == 0);
  });
}

TEST_CASE("acknowledged writes survive a reopening") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) { add_item(writer, 1, "kept", 1); });
    database.reopen();
    CHECK(count_items(database.get()) == 1);
    CHECK(database->check() == "");
  });
}

TEST_CASE("a closure that throws is rolled back, alone") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    constexpr int kThreads = 32;
    std::atomic<int> failures{0};
    run_threads(kThreads, [&](int thread) {
      for (int i = 0; i < 10; ++i) {
        const std::int64_t id = thread * 100 + i;
        try {
          database->write([&](Writer& writer) {
            add_item(writer, id, "x", 1);
            if (id % 3 == 0) throw std::runtime_error("not an Error");
          });
        } catch (const std::runtime_error& error) {
          CHECK(std::string(error.what()) == "not an Error");
          ++failures;
        }
      }
    });
    int expected_failures = 0;
    for (int thread = 0; thread < kThreads; ++thread) {
      for (int i = 0; i < 10; ++i) expected_failures += (thread * 100 + i) % 3 == 0 ? 1 : 0;
    }
    CHECK(failures == expected_failures);
    CHECK(count_items(database.get()) == kThreads * 10 - expected_failures);
    database->read(
        [](Reader& reader) { CHECK_FALSE(reader.exists("SELECT 1 FROM item WHERE id % 3 = 0")); });
  });
}

TEST_CASE("anything may be thrown through read and write") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    CHECK_THROWS_AS(database->write([](Writer&) { throw 42; }), int);
    CHECK_THROWS_AS(database->read([](Reader&) { throw 42; }), int);
    CHECK_THROWS_AS(database->migrate([](Writer&) { throw 42; }), int);
    database->write([](Writer& writer) { CHECK(writer.scalar("SELECT 1") == Value(1)); });
  });
}

TEST_CASE("attempt undoes only its own part") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) {
      add_item(writer, 1, "outer", 1);
      CHECK(code_of([&] {
              writer.attempt([&] {
                add_item(writer, 2, "inner", 1);
                add_item(writer, 1, "again", 1);
              });
            }) == "database.constraint");
      writer.attempt([&] {
        add_item(writer, 3, "good", 1);
        CHECK_THROWS_AS(writer.attempt([&] {
          add_item(writer, 4, "nested", 1);
          throw std::runtime_error("undo");
        }),
                        std::runtime_error);
        add_item(writer, 5, "after", 1);
      });
      // Nothing was sent between the two.
      CHECK_THROWS_AS(writer.attempt([] { throw std::runtime_error("empty"); }),
                      std::runtime_error);
      add_item(writer, 6, "end", 1);
    });
    database->read([](Reader& reader) {
      const std::vector<Values> expected{{1}, {3}, {5}, {6}};
      CHECK(reader.rows("SELECT id FROM item ORDER BY id") == expected);
    });
  });
}

TEST_CASE("a failed statement spoils the closure even when it is swallowed") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const std::string code = code_of([&] {
      database->write([](Writer& writer) {
        add_item(writer, 1, "a", 1);
        CHECK(code_of([&] { add_item(writer, 1, "again", 1); }) == "database.constraint");
        CHECK(code_of([&] { add_item(writer, 2, "b", 1); }) == "database.transaction_failed");
        CHECK(code_of([&] { writer.attempt([] {}); }) == "database.transaction_failed");
      });
    });
    CHECK(code == "database.transaction_failed");
    CHECK(count_items(database.get()) == 0);
    // A swallowed failure inside attempt() fails the attempt.
    database->write([](Writer& writer) {
      CHECK(code_of([&] {
              writer.attempt([&] {
                add_item(writer, 1, "a", 1);
                CHECK(code_of([&] { writer.execute("not SQL"); }) == "database.sql_error");
              });
            }) == "database.sql_error");
      add_item(writer, 2, "b", 1);
    });
    CHECK(count_items(database.get()) == 1);
  });
}

TEST_CASE("nesting is refused") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    Database& db = database.get();
    const auto read_nothing = [](Reader&) {};
    const auto write_nothing = [](Writer&) {};
    CHECK(code_of([&] { db.read([&](Reader&) { db.read(read_nothing); }); }) == "database.nested");
    CHECK(code_of([&] { db.read([&](Reader&) { db.write(write_nothing); }); }) ==
          "database.nested");
    CHECK(code_of([&] { db.write([&](Writer&) { db.read(read_nothing); }); }) == "database.nested");
    CHECK(code_of([&] { db.write([&](Writer&) { db.write(write_nothing); }); }) ==
          "database.nested");
    CHECK(code_of([&] { db.migrate([&](Writer&) { db.write(write_nothing); }); }) ==
          "database.nested");
    // The refusal leaves everything usable.
    db.read([](Reader& reader) { CHECK(reader.scalar("SELECT 1") == Value(1)); });
    db.write([](Writer& writer) { CHECK(writer.scalar("SELECT 2") == Value(2)); });
  });
}

TEST_CASE("two databases may be nested") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    TestDatabase other(Kind::Sqlite);
    make_items(database.get());
    make_items(other.get());
    database->write([](Writer& writer) { add_item(writer, 7, "copied", 1); });
    database->read([&](Reader& reader) {
      other->write([&](Writer& writer) {
        for (const Values& row : reader.rows("SELECT id, name, amount FROM item")) {
          add_item(writer, row[0].as_int(), row[1], row[2]);
        }
      });
    });
    CHECK(count_items(other.get()) == 1);
  });
}

TEST_CASE("lock serialises a counter kept in C++") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) { add_item(writer, 1, "counter", 0); });
    constexpr int kThreads = 8;
    constexpr int kRounds = 20;
    run_threads(kThreads, [&](int) {
      for (int i = 0; i < kRounds; ++i) {
        database->write([](Writer& writer) {
          writer.lock("counter", "客 1");
          const std::int64_t now = writer.scalar("SELECT amount FROM item WHERE id = 1").as_int();
          const Values next{now + 1};
          writer.execute("UPDATE item SET amount = ? WHERE id = 1", next);
        });
      }
    });
    database->read([](Reader& reader) {
      CHECK(reader.scalar("SELECT amount FROM item WHERE id = 1") == Value(kThreads * kRounds));
    });
  });
}

TEST_CASE("migrate changes the schema under running readers and drops stale statements") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) { add_item(writer, 1, "a", 1); });
    const auto columns = [&] {
      std::atomic<int> count{0};
      run_threads(4, [&](int) {
        database->read([&](Reader& reader) {
          reader.query("SELECT * FROM item", {},
                       [&](const Row& row) { count = row.column_count(); });
        });
      });
      return count.load();
    };
    CHECK(columns() == 3);
    database->migrate([](Writer& writer) {
      writer.execute("ALTER TABLE item ADD COLUMN note " +
                     std::string(writer.dialect().text_type()));
      writer.execute("UPDATE item SET note = 'new'");
    });
    CHECK(columns() == 4);
    CHECK(code_of([&] {
            database->migrate([](Writer& writer) {
              writer.execute("ALTER TABLE item DROP COLUMN note");
              writer.execute("not SQL");
            });
          }) == "database.sql_error");
    CHECK(columns() == 4);
  });
}

TEST_CASE("closing finishes queued work and refuses new work") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    constexpr int kThreads = 16;
    std::atomic<std::int64_t> acknowledged{0};
    std::atomic<int> refused{0};
    std::atomic<int> busy{0};
    std::thread closer([&] {
      while (acknowledged < 100) std::this_thread::yield();
      database->close();
    });
    run_threads(kThreads, [&](int thread) {
      ++busy;
      for (int i = 0; i < 1'000'000; ++i) {
        const std::string code = code_of([&] {
          database->write(
              [&](Writer& writer) { add_item(writer, thread * 1'000'000 + i, "q", i); });
        });
        if (code.empty()) {
          ++acknowledged;
          continue;
        }
        CHECK(code == "database.closing");
        ++refused;
        return;
      }
    });
    closer.join();
    CHECK(refused == kThreads);
    CHECK(code_of([&] { database->read([](Reader&) {}); }) == "database.closing");
    CHECK(code_of([&] { database->migrate([](Writer&) {}); }) == "database.closing");
    database->close();
    database.reopen();
    CHECK(count_items(database.get()) == acknowledged);
  });
}

TEST_CASE("statistics count") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const Statistics before = database->statistics();
    database->write([](Writer& writer) { add_item(writer, 1, "a", 1); });
    CHECK_THROWS(database->write([](Writer&) { throw 1; }));
    count_items(database.get());
    const Statistics after = database->statistics();
    CHECK(after.write_closures - before.write_closures == 1);
    CHECK(after.commits - before.commits == 1);
    CHECK(after.reads - before.reads == 1);
  });
}

}  // namespace
}  // namespace kehai::db
