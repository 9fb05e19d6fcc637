// Statements and values, as both databases promise them: every case runs on each.
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "db/test_items.h"

namespace kehai::db {
namespace {

TEST_CASE("values come back as they went in") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
    const std::string long_text = std::string(100'000, 'x') + "客海";
    const std::vector<Values> stored = {
        {1, nullptr, nullptr},
        {2, "", 0},
        {3, "客海 𠮷 \"quoted\" 'single' \\ ? $1", largest},
        {4, long_text, smallest},
        {5, "\x7F\t\r\n", -1},
    };
    database->write([&](Writer& writer) {
      for (const Values& values : stored)
        add_item(writer, values[0].as_int(), values[1], values[2]);
    });
    database->read([&](Reader& reader) {
      CHECK(reader.rows("SELECT id, name, amount FROM item ORDER BY id") == stored);
      const Values key{3};
      reader.query("SELECT amount, name FROM item WHERE id = ?", key, [&](const Row& row) {
        CHECK(row.column_count() == 2);
        CHECK(row.get_int(0) == largest);
        CHECK(row.get_text(1) == stored[2][1].as_text());
        CHECK_FALSE(row.is_null(0));
        CHECK(code_of([&] { row.get_text(0); }) == "database.wrong_type");
        CHECK(code_of([&] { row.get_int(1); }) == "database.wrong_type");
        CHECK(code_of([&] { row.get(2); }) == "database.wrong_type");
      });
      reader.query("SELECT name, amount FROM item WHERE id = 1", {}, [](const Row& row) {
        CHECK(row.is_null(0));
        CHECK(row.get_text(0).empty());
        CHECK(row.get_int(1) == 0);
      });
      CHECK(reader.scalar("SELECT name FROM item WHERE id = 99").is_null());
      CHECK(reader.exists("SELECT 1 FROM item WHERE id = 5"));
      CHECK_FALSE(reader.exists("SELECT 1 FROM item WHERE id = 99"));
    });
  });
}

TEST_CASE("several statements are answered in order, and see the rows that wait") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([&](Writer& writer) {
      add_item(writer, 1, "a", 10);
      add_item(writer, 2, Value(), 20);
      std::vector<std::string> seen;
      const Values id{2};
      const Values none{Value(), 1};
      const RowFunction amount = [&](const Row& row) {
        seen.push_back("amount " + std::to_string(row.get_int(0)));
        // A statement inside is none of those that are asked.
        CHECK(writer.scalar("SELECT COUNT(*) FROM item") == Value(2));
      };
      const RowFunction name = [&](const Row& row) {
        seen.push_back("name " + std::string(row.get_text(0)));
      };
      writer.query_all(
          std::vector<Question>{{"SELECT amount FROM item WHERE id <= ? ORDER BY id", id, amount},
                                {"SELECT name FROM item WHERE name = ? OR id = ?", none, name},
                                {"SELECT amount FROM item WHERE id = 99", {}, amount}});
      CHECK(seen == std::vector<std::string>{"amount 10", "amount 20", "name a"});
      writer.query_all({});
    });
  });
}

TEST_CASE("null parameters work wherever a value does") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) {
      add_item(writer, 1, "a", 10);
      const Values two_rows{2, nullptr, nullptr, 3, "c", nullptr};
      CHECK(writer.execute("INSERT INTO item (id, name, amount) VALUES (?, ?, ?), (?, ?, ?)",
                           two_rows) == 2);
      const Values update{nullptr, nullptr, 1};
      CHECK(writer.execute("UPDATE item SET name = ?, amount = ? WHERE id = ?", update) == 1);
      const Values back{"a", 10, 1};
      CHECK(writer.execute("UPDATE item SET name = ?, amount = ? WHERE id = ?", back) == 1);
    });
    const auto count = [&](std::string_view sql, const Values& parameters) {
      std::int64_t found = -1;
      database->read([&](Reader& reader) { found = reader.scalar(sql, parameters).as_int(); });
      return found;
    };
    CHECK(count("SELECT count(*) FROM item WHERE amount = ?", {nullptr}) == 0);
    CHECK(count("SELECT count(*) FROM item WHERE amount = ?", {10}) == 1);
    CHECK(count("SELECT count(*) FROM item WHERE name = ?", {nullptr}) == 0);
    CHECK(count("SELECT count(*) FROM item WHERE name = ?", {"c"}) == 1);
    // The same statement, first with null and then with a value, and a parameter that nothing gives
    // a type.
    CHECK(count("SELECT count(*) FROM item WHERE ? IS NULL OR name = ?", {nullptr, nullptr}) == 3);
    CHECK(count("SELECT count(*) FROM item WHERE ? IS NULL OR name = ?", {"a", "a"}) == 1);
    CHECK(count("SELECT count(*) FROM item WHERE coalesce(amount, ?) = ?", {nullptr, 10}) == 1);
    CHECK(count("SELECT count(*) FROM item WHERE coalesce(amount, ?) = ?", {10, 10}) == 3);
    CHECK(count("SELECT count(*) FROM item WHERE name IS NOT DISTINCT FROM ?", {nullptr}) == 1);
  });
}

TEST_CASE("wrong statements are refused") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    Database& db = database.get();
    const auto write_code = [&](std::string_view sql, const Values& parameters) {
      return code_of([&] { db.write([&](Writer& w) { w.execute(sql, parameters); }); });
    };
    CHECK(write_code("COMMIT", {}) == "database.transaction_control");
    CHECK(write_code("SELECT ?", {}) == "database.parameter_count");
    CHECK(write_code("SELECT 1", {1}) == "database.parameter_count");
    CHECK(write_code("SELECT FROM WHERE", {}) == "database.sql_error");
    CHECK(write_code("SELECT 1; SELECT 2", {}) == "database.sql_error");
    CHECK(write_code("INSERT INTO item (id, name) VALUES (1, ?)", {std::string("a\0b", 3)}) ==
          "database.invalid_text");
    CHECK(write_code("INSERT INTO item (id, name) VALUES (1, ?)", {"\xFF"}) ==
          "database.invalid_text");
    CHECK(code_of([&] { db.read([](Reader& r) { r.rows("SELECT 1.5"); }); }) ==
          "database.wrong_type");
    CHECK(count_items(db) == 0);
  });
}

TEST_CASE("statements nest inside a row function") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) {
      for (int i = 1; i <= 3; ++i) add_item(writer, i, "n", i);
      std::int64_t sum = 0;
      const std::string sql = "SELECT id FROM item WHERE id <= ? ORDER BY id";
      const Values three{3};
      writer.query(sql, three, [&](const Row& outer) {
        const Values bound{outer.get_int(0)};
        writer.query(sql, bound, [&](const Row& inner) { sum += inner.get_int(0); });
        const Values update{outer.get_int(0)};
        CHECK(writer.execute("UPDATE item SET amount = amount + 100 WHERE id = ?", update) == 1);
      });
      CHECK(sum == 1 + 3 + 6);
      CHECK(writer.scalar("SELECT " + writer.dialect().sum_expression("amount") + " FROM item") ==
            Value(306));
    });
  });
}

TEST_CASE("upsert, RETURNING and affected rows are the same on both") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) {
      add_item(writer, 1, "a", 1);
      const Values again{1, "b", 5};
      CHECK(writer.execute("INSERT INTO item (id, name, amount) VALUES (?, ?, ?) ON CONFLICT (id) "
                           "DO UPDATE SET amount = item.amount + excluded.amount",
                           again) == 1);
      CHECK(writer.execute("INSERT INTO item (id, name, amount) VALUES (?, ?, ?) "
                           "ON CONFLICT DO NOTHING",
                           again) == 0);
      const Values fresh{2, "c"};
      const std::vector<Values> returned{{2, "c"}};
      CHECK(writer.rows("INSERT INTO item (id, name) VALUES (?, ?) RETURNING id, name", fresh) ==
            returned);
      CHECK(writer.execute("UPDATE item SET name = 'z'") == 2);
      CHECK(writer.execute("SELECT * FROM item") == 0);
      CHECK(writer.execute("CREATE TABLE other (id " +
                           std::string(writer.dialect().integer_type()) + ")") == 0);
      CHECK(writer.execute("DELETE FROM item WHERE id = 99") == 0);
      CHECK(writer.scalar("SELECT amount FROM item WHERE id = 1") == Value(6));
    });
  });
}

TEST_CASE("text is compared and positions are counted the same on both") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const std::vector<std::string> in_order = {"", "B", "a", "aa", "é", "客", "海", "𠮷"};
    database->write([&](Writer& writer) {
      for (std::size_t i = in_order.size(); i > 0; --i) {
        add_item(writer, static_cast<std::int64_t>(i), in_order[i - 1], nullptr);
      }
      add_item(writer, 0, nullptr, nullptr);
    });
    database->read([&](Reader& reader) {
      const Dialect& dialect = reader.dialect();
      std::vector<std::int64_t> ascending;
      reader.query("SELECT id FROM item ORDER BY name" + std::string(dialect.order_ascending()), {},
                   [&](const Row& row) { ascending.push_back(row.get_int(0)); });
      CHECK(ascending == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8});
      std::vector<std::int64_t> descending;
      reader.query("SELECT id FROM item ORDER BY name" + std::string(dialect.order_descending()),
                   {}, [&](const Row& row) { descending.push_back(row.get_int(0)); });
      CHECK(descending == std::vector<std::int64_t>{8, 7, 6, 5, 4, 3, 2, 1, 0});
      const Values texts{"𠮷客海", "海"};
      CHECK(reader.scalar("SELECT " + std::string(dialect.position_function()) + "(?, ?)", texts) ==
            Value(3));
      CHECK(reader.scalar("SELECT length(?)", Values{"𠮷客海"}) == Value(3));
    });
  });
}

TEST_CASE("a sum that does not fit is an error") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    database->write([](Writer& writer) {
      add_item(writer, 1, "a", std::numeric_limits<std::int64_t>::max());
      add_item(writer, 2, "b", 1);
    });
    CHECK(code_of([&] {
            database->read([](Reader& reader) {
              reader.scalar("SELECT " + reader.dialect().sum_expression("amount") + " FROM item");
            });
          }) == "query.overflow");
  });
}

TEST_CASE("a statement beyond its budget is stopped") {
  on_each_database([](TestDatabase& database) {
    INFO(database.name());
    make_items(database.get());
    const std::string endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) "
        "SELECT count(*) FROM n";
    CHECK(code_of([&] {
            database->read([&](Reader& reader) {
              reader.set_budget(30);
              reader.scalar(endless);
            });
          }) == "query.too_expensive");
    // The budget belongs to that transaction only, and a write loses nobody else's work.
    run_threads(8, [&](int thread) {
      const std::string code = code_of([&] {
        database->write([&](Writer& writer) {
          add_item(writer, thread, "x", 1);
          if (thread % 4 != 0) return;
          writer.set_budget(30);
          writer.execute("INSERT INTO item (id) SELECT 100 + count(*) FROM (" + endless + ") AS s");
        });
      });
      CHECK(code == (thread % 4 == 0 ? "query.too_expensive" : ""));
    });
    CHECK(count_items(database.get()) == 6);
  });
}

}  // namespace
}  // namespace kehai::db
