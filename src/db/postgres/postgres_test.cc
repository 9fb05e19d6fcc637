// What only the PostgreSQL back end does: reruns after conflicts, lost connections, typed nulls.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "db/among.h"
#include "db/postgres/database.h"
#include "db/postgres/statement_cache.h"
#include "db/test_databases.h"

namespace kehai::db::postgres {
namespace {

using base::Error;

bool server_is_there() {
  const std::vector<Kind> kinds = test_kinds();
  return std::find(kinds.begin(), kinds.end(), Kind::Postgres) != kinds.end();
}

void make_items(Database& database) {
  database.migrate([](Writer& writer) {
    writer.execute("CREATE TABLE item (id BIGINT PRIMARY KEY, amount BIGINT)");
    writer.execute("INSERT INTO item (id, amount) VALUES (1, 0), (2, 0)");
  });
}

Value scalar(Database& database, std::string_view sql) {
  Value result;
  database.read([&](Reader& reader) { result = reader.scalar(sql); });
  return result;
}

std::string code_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

void add(Writer& writer, std::int64_t id) {
  writer.execute("UPDATE item SET amount = amount + 1 WHERE id = ?", Values{id});
}

TEST_CASE("a deadlock reruns the closure, even when an attempt swallows it") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  const Statistics before = database->statistics();
  std::latch both_hold_one(2);
  std::atomic<std::int64_t> runs{0};
  const auto cross = [&](std::int64_t first, std::int64_t second) {
    bool ran = false;
    database->write([&](Writer& writer) {
      ++runs;
      add(writer, first);
      if (!std::exchange(ran, true)) both_hold_one.arrive_and_wait();
      try {
        writer.attempt([&] { add(writer, second); });
      } catch (const Error& error) {
        CHECK(error.code() == "database.conflict");
      }
    });
  };
  std::thread other([&] { cross(2, 1); });
  cross(1, 2);
  other.join();
  // The server may have chosen both as victims.
  const std::int64_t retries = database->statistics().retries - before.retries;
  CHECK(retries >= 1);
  CHECK(runs == 2 + retries);
  CHECK(scalar(database.get(), "SELECT amount FROM item WHERE id = 1") == Value(2));
  CHECK(scalar(database.get(), "SELECT amount FROM item WHERE id = 2") == Value(2));
}

// The server keeps a plan for a connection once it has made it a few times.
TEST_CASE("what was planned for an empty table does not read all of a full one") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  database->migrate([](Writer& writer) {
    writer.execute(
        "CREATE TABLE word (kind TEXT, word TEXT, id BIGINT, PRIMARY KEY (kind, word, id))");
    writer.execute("CREATE TABLE line (row BIGINT PRIMARY KEY, object TEXT, mark BIGINT)");
    writer.execute("CREATE INDEX ix_line_mark ON line (mark, object)");
    writer.execute("ANALYZE word, line");
  });
  database->write([](Writer& writer) {
    std::size_t found = 0;
    const auto ask = [&] {
      found = 0;
      const auto count = [&](const Row&) { ++found; };
      const Values words{"w1", "w20000", "w7"};
      const Values marks{1, 20000, 7};
      select_among(writer, {"word", {"id"}, {{"kind", Compare::Equal, "a"}}, "word", true}, words,
                   count);
      select_among(writer, {"line", {"row"}, {{"object", Compare::Equal, "a"}}, "mark", false},
                   marks, count);
      writer.query("SELECT id FROM word WHERE kind = ? AND word = ?", Values{"a", "w9"}, count);
      writer.query("SELECT object FROM line WHERE row = ?", Values{9}, count);
    };
    for (int i = 0; i < 10; ++i) ask();
    CHECK(found == 0);
    writer.execute("INSERT INTO word SELECT 'a', 'w' || n, n FROM generate_series(1, 20000) n");
    writer.execute("INSERT INTO line SELECT n, 'a', n FROM generate_series(1, 20000) n");
    const auto rows_read = [&] {
      return writer
          .scalar("SELECT sum(seq_tup_read + idx_tup_fetch)::BIGINT FROM pg_stat_xact_user_tables")
          .as_int();
    };
    const auto before = rows_read();
    ask();
    CHECK(found == 8);
    CHECK(rows_read() - before == 8);
  });
}

TEST_CASE("a statement under a budget may read a table that has no index for it") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  const auto begins_with = [](Reader& reader, std::string_view what) {
    const Value plan = reader.scalar("EXPLAIN SELECT id FROM item WHERE amount = 7 ORDER BY id");
    INFO(plan.as_text());
    CHECK(plan.as_text().starts_with(what));
  };
  database->read([&](Reader& reader) {
    begins_with(reader, "Index Scan");
    reader.set_budget(1000);
    begins_with(reader, "Sort");
    reader.set_budget(0);
    begins_with(reader, "Index Scan");
  });
  database->read([&](Reader& reader) { begins_with(reader, "Index Scan"); });
}

TEST_CASE("a write that loses its connection before the commit runs again") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  int runs = 0;
  database->write([&](Writer& writer) {
    add(writer, 1);
    if (++runs == 1) writer.scalar("SELECT pg_terminate_backend(pg_backend_pid())");
  });
  CHECK(runs == 2);
  CHECK(scalar(database.get(), "SELECT amount FROM item WHERE id = 1") == Value(1));
}

TEST_CASE("the pool replaces connections that died while idle") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  std::latch together(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { database->read([&](Reader&) { together.arrive_and_wait(); }); });
  }
  for (std::thread& thread : threads) thread.join();
  TestDatabase killer(Kind::Postgres);
  const auto kill = [&] {
    const std::string name = database.address().substr(database.address().rfind('/') + 1);
    killer->read([&](Reader& reader) {
      const Values parameters{name};
      CHECK(reader
                .rows("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                      "WHERE datname = ?",
                      parameters)
                .size() >= 1);
    });
  };
  kill();
  CHECK(scalar(database.get(), "SELECT count(*) FROM item") == Value(2));
  kill();
  database->write([](Writer& writer) { add(writer, 1); });
  for (int i = 0; i < 4; ++i) {
    CHECK(scalar(database.get(), "SELECT amount FROM item WHERE id = 1") == Value(1));
  }
}

TEST_CASE("a connection lost inside COMMIT leaves the outcome open") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  database->migrate([](Writer& writer) {
    writer.execute(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN NULL; "
        "END $$");
    writer.execute(
        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION die()");
  });
  int runs = 0;
  CHECK(code_of([&] {
          database->write([&](Writer& writer) {
            ++runs;
            writer.execute("INSERT INTO item (id) VALUES (3)");
          });
        }) == "database.unknown_outcome");
  CHECK(runs == 1);
  CHECK(scalar(database.get(), "SELECT count(*) FROM item") == Value(2));
}

TEST_CASE("a constraint checked at the commit fails the closure") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  database->migrate([](Writer& writer) {
    writer.execute("CREATE TABLE late (id BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  });
  CHECK(code_of([&] {
          database->write(
              [](Writer& writer) { writer.execute("INSERT INTO late VALUES (1), (1)"); });
        }) == "database.constraint");
  database->write([](Writer& writer) { writer.execute("INSERT INTO late VALUES (1)"); });
  CHECK(scalar(database.get(), "SELECT count(*) FROM late") == Value(1));
}

TEST_CASE("a read sees what was committed since the one before it on the same connection") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  const std::unique_ptr<Database> other = open_postgres({.url = database.address()});
  for (std::int64_t i = 0; i < 100; ++i) {
    CHECK(scalar(database.get(), "SELECT amount FROM item WHERE id = 1") == Value(i));
    other->write([](Writer& writer) { add(writer, 1); });
    database->read([](Reader&) {});  // asks nothing, and what is to be sent before stays
  }
}

TEST_CASE("of statements that travel together the one that fails is named") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  const RowFunction nothing = [](const Row&) {};
  const std::vector<Question> questions = {{"SELECT 1 / amount FROM item", {}, nothing},
                                           {"SELECT id FROM item", {}, nothing}};
  std::string detail;
  try {
    database->read([&](Reader& reader) { reader.query_all(questions); });
  } catch (const Error& error) {
    detail = error.detail();
  }
  CHECK(detail.find("SELECT 1 / amount") != std::string::npos);
}

TEST_CASE("a schema changed by another node does not disturb") {
  if (!server_is_there()) return;
  TestDatabase database(Kind::Postgres);
  make_items(database.get());
  const auto columns = [&] {
    int count = 0;
    database->read([&](Reader& reader) {
      reader.query("SELECT * FROM item", {}, [&](const Row& row) { count = row.column_count(); });
    });
    return count;
  };
  CHECK(columns() == 2);
  const std::unique_ptr<Database> other = open_postgres({.url = database.address()});
  other->migrate([](Writer& writer) { writer.execute("ALTER TABLE item ADD COLUMN note TEXT"); });
  // The idle connection's snapshot has ended, though nothing was asked on it.
  CHECK(other->statistics().retries == 0);
  CHECK(columns() == 3);
}

TEST_CASE("statements beyond the cache are released on the server") {
  if (!server_is_there()) return;
  TestDatabase place(Kind::Postgres);
  const std::unique_ptr<Database> database =
      open_postgres({.url = place.address(), .connections = 1});
  const int count = static_cast<int>(StatementCache::kCacheSize) + 100;
  for (int i = 0; i < count; ++i) {
    CHECK(scalar(*database, "SELECT " + std::to_string(i)) == Value(i));
  }
  const std::int64_t held =
      scalar(*database, "SELECT count(*) FROM pg_prepared_statements").as_int();
  // What the last statement displaced goes with the next transaction.
  CHECK(held <= static_cast<std::int64_t>(StatementCache::kCacheSize) + 1);
  CHECK(held >= static_cast<std::int64_t>(StatementCache::kCacheSize) - 1);
  database->migrate([](Writer&) {});
  CHECK(scalar(*database, "SELECT count(*) FROM pg_prepared_statements").as_int() <= 1);
}

TEST_CASE("a null does not make another variant of a known statement") {
  if (!server_is_there()) return;
  TestDatabase place(Kind::Postgres);
  const std::unique_ptr<Database> database =
      open_postgres({.url = place.address(), .connections = 1});
  make_items(*database);
  const std::string sql = "SELECT count(*) FROM item WHERE (? IS NULL OR amount = ?) AND id < ?";
  const auto count = [&](const Value& amount, const Value& id) {
    Value result;
    const Values parameters{amount, amount, id};
    database->read([&](Reader& reader) { result = reader.scalar(sql, parameters); });
    return result.as_int();
  };
  CHECK(count(nullptr, nullptr) == 0);
  CHECK(count(nullptr, 9) == 2);
  CHECK(count(0, 9) == 2);
  CHECK(count(1, 9) == 0);
  CHECK(count(nullptr, nullptr) == 0);
  CHECK(count(0, nullptr) == 0);
  // With text, int8 and int8 as the server chose, and with three int8.
  CHECK(scalar(*database,
               "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE "
               "'%OR amount%' AND statement NOT LIKE '%pg_prepared%'") == Value(2));
}

TEST_CASE("bulk closures hold only a part of the connections") {
  if (!server_is_there()) return;
  TestDatabase place(Kind::Postgres);
  const std::unique_ptr<Database> database =
      open_postgres({.url = place.address(), .connections = 4});
  make_items(*database);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::latch first_is_in(1);
  std::latch go(1);
  std::atomic<bool> first{true};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      database->write(
          [&](Writer& writer) {
            most = std::max<int>(most, ++inside);
            if (first.exchange(false)) {
              first_is_in.count_down();
              go.wait();
            }
            add(writer, 1);
            --inside;
          },
          Lane::Bulk);
    });
  }
  first_is_in.wait();
  database->write([](Writer& writer) { add(writer, 2); });  // not held up
  go.count_down();
  for (std::thread& thread : threads) thread.join();
  CHECK(most == 1);
  CHECK(scalar(*database, "SELECT amount FROM item WHERE id = 1") == Value(6));
}

TEST_CASE("servers that cannot be used are refused") {
  const auto reason = [](const std::string& url) -> std::string {
    try {
      open_postgres({.url = url});
    } catch (const Error& error) {
      CHECK(error.code() == "database.cannot_open");
      return error.params().at("reason");
    }
    return "";
  };
  CHECK(reason("postgres://kehai:x@127.0.0.1:1/none") == "database.unreachable");
  CHECK(reason("this is not a URL") == "database.unreachable");
  if (!server_is_there()) return;
  TestDatabase place(Kind::Postgres);
  CHECK(reason(place.address() + "_missing") == "database.unreachable");
}

TEST_CASE("the statement cache forgets what was used longest ago and matches types") {
  StatementCache cache;
  std::vector<std::string> forgotten;
  const auto sql = [](std::size_t i) { return "SELECT ? + " + std::to_string(i); };
  for (std::size_t i = 0; i < StatementCache::kCacheSize; ++i) {
    StatementCache::add(cache.entry(sql(i), forgotten), {cache.new_name(), {kIntegerType}},
                        forgotten);
  }
  CHECK(forgotten.empty());
  CHECK(cache.entry(sql(0), forgotten).variants.at(0).name == "k1");
  cache.entry(sql(StatementCache::kCacheSize), forgotten);
  CHECK(forgotten == std::vector<std::string>{"k2"});
  CHECK(cache.size() == StatementCache::kCacheSize);

  StatementCache::Entry& entry = cache.entry("SELECT ?, ?", forgotten);
  CHECK(entry.numbered == "SELECT $1, $2");
  StatementCache::add(entry, {"a", {kIntegerType, kTextType}}, forgotten);
  StatementCache::add(entry, {"b", {kTextType, kTextType}}, forgotten);
  const auto fits = [&](const Values& parameters) {
    const StatementCache::Variant* variant = StatementCache::fitting(entry, parameters);
    return variant == nullptr ? std::string() : variant->name;
  };
  CHECK(fits({1, "x"}) == "a");
  CHECK(fits({nullptr, "x"}) == "a");
  CHECK(fits({"x", nullptr}) == "b");
  CHECK(fits({nullptr, nullptr}) == "a");
  CHECK(fits({"x", 1}).empty());
  cache.remove("SELECT ?, ?", "a");
  CHECK(fits({nullptr, nullptr}) == "b");

  forgotten.clear();
  for (std::size_t i = 0; i < StatementCache::kVariants; ++i) {
    StatementCache::add(entry, {"v" + std::to_string(i), {kTextType, kIntegerType}}, forgotten);
  }
  CHECK(forgotten == std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace kehai::db::postgres
