// What only the SQLite back end does: group commit, lanes, the statement cache, copies.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "db/sqlite/connection.h"
#include "db/sqlite/database.h"
#include "db/sqlite/failing_vfs.h"
#include "db/sqlite/test_plug.h"
#include "db/test_databases.h"

namespace kehai::db::sqlite {
namespace {

using base::ErrorKind;

TEST_CASE("closures that wait together share commits") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  const Statistics before = database->statistics();
  constexpr int kThreads = 64;
  constexpr int kRounds = 50;
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int i = 0; i < kRounds; ++i) {
        database->write([&](Writer& writer) { add_item(writer, thread * 1000 + i); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Statistics after = database->statistics();
  CHECK(after.write_closures - before.write_closures == kThreads * kRounds);
  CHECK((after.commits - before.commits) * 4 < kThreads * kRounds);
  CHECK(count_items(database.get()) == kThreads * kRounds);
}

TEST_CASE("one batch keeps the good closures and drops the failing one") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  constexpr int kThreads = 20;
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  Statistics before;
  {
    Plug plug(database.get());
    before = database->statistics();
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        const std::string code = code_of([&] {
          database->write([&](Writer& writer) {
            add_item(writer, thread);
            if (thread == 7) writer.execute("INSERT INTO item (id) VALUES (0), (0)");
          });
        });
        if (code.empty()) return;
        CHECK(code == "database.constraint");
        ++failed;
      });
    }
    plug.release();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 1);
  CHECK(count_items(database.get()) == kThreads - 1);
  CHECK(database->statistics().write_closures - before.write_closures == kThreads);  // and the plug
}

TEST_CASE("who fails before writing makes nobody run again, who fails afterwards those before it") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  auto& sqlite = dynamic_cast<SqliteDatabase&>(database.get());
  for (const bool writes : {false, true}) {
    INFO("writes: " << writes);
    const std::int64_t reruns = database->statistics().retries;
    const std::int64_t items = count_items(database.get());
    const std::int64_t first = writes ? 20 : 10;
    std::vector<std::thread> threads;
    {
      Plug plug(database.get());
      for (int id = 1; id <= 4; ++id) {
        const auto queued = sqlite.queued_writes();
        threads.emplace_back([&, id] {
          const auto closure = [&](Writer& writer) {
            CHECK(writer.scalar("SELECT count(*) FROM item WHERE id = -1").as_int() == 0);
            if (id != 3 || writes) add_item(writer, first + id);
            if (id == 3) throw std::runtime_error("no");
          };
          if (id == 3)
            CHECK_THROWS_AS(database->write(closure), std::runtime_error);
          else
            database->write(closure);
        });
        while (sqlite.queued_writes() == queued) std::this_thread::yield();
      }
      plug.release();
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(count_items(database.get()) == items + 3);
    if (!writes) CHECK(database->statistics().retries == reruns);
  }
}

TEST_CASE("who is refused because of another closure of the batch can see that one's work") {
  TestDatabase place(Kind::Sqlite);
  SqliteDatabase database({.file = place.folder() + "/refusals.db"});
  make_items(database);
  for (int id = 1; id <= 20; ++id) {
    std::vector<std::thread> threads;
    {
      Plug plug(database);
      for (int thread = 0; thread < 2; ++thread) {
        threads.emplace_back([&, id] {
          const auto add = [&](Writer& writer) { add_item(writer, id); };
          const std::string code = code_of([&] { database.write(add, Lane::Interactive); });
          CHECK((code.empty() || code == "database.constraint"));
          CHECK(count_items(database) == id);
        });
      }
      while (database.queued_writes() < 2) std::this_thread::yield();
      plug.release();
    }
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_CASE("a closure that changed megabytes is rolled back out of the middle of a batch") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  // More than 1 MiB of existing pages, which the savepoint has to put back.
  constexpr int kItems = 600;
  const auto long_name = [](char c) { return std::string(4000, c); };
  database->write([&](Writer& writer) {
    for (int id = 1; id <= kItems; ++id) add_item(writer, id, long_name('o'));
  });
  const auto rename_all = [&](Writer& writer, char c) {
    const Values values{long_name(c)};
    writer.execute("UPDATE item SET name = ? WHERE id <= 600", values);
  };
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  Statistics before;
  {
    Plug plug(database.get());
    before = database->statistics();
    auto& sqlite = dynamic_cast<SqliteDatabase&>(database.get());
    const auto submit = [&](std::function<void(Writer&)> closure) {
      const auto queued = sqlite.queued_writes();
      threads.emplace_back([&, closure = std::move(closure)] {
        try {
          database->write(closure);
        } catch (const std::runtime_error&) {
          ++failed;
        }
      });
      while (sqlite.queued_writes() == queued) std::this_thread::yield();
    };
    submit([](Writer& writer) { add_item(writer, 1001, "first"); });
    submit([&](Writer& writer) {
      rename_all(writer, 'x');
      add_item(writer, 1002, "lost");
      throw std::runtime_error("undo");
    });
    submit([&](Writer& writer) {
      add_item(writer, 1003, "kept");
      CHECK_THROWS_AS(writer.attempt([&] {
        rename_all(writer, 'y');
        throw std::runtime_error("undo the part");
      }),
                      std::runtime_error);
      const Values half{long_name('z')};
      writer.execute("UPDATE item SET name = ? WHERE id <= 300", half);
    });
    submit([](Writer& writer) { add_item(writer, 1004, "last"); });
    plug.release();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 1);
  // Five closures with the plug; long ones end their batch, but never all of them stood alone.
  CHECK(database->statistics().commits - before.commits < 5);
  database->read([&](Reader& reader) {
    const auto count = [&](const char* condition) {
      return reader.scalar(std::string("SELECT count(*) FROM item WHERE ") + condition).as_int();
    };
    CHECK(count("id <= 300 AND name = printf('%.*c', 4000, 'z')") == 300);
    CHECK(count("id BETWEEN 301 AND 600 AND name = printf('%.*c', 4000, 'o')") == 300);
    const std::vector<Values> expected{{1001}, {1003}, {1004}};
    CHECK(reader.rows("SELECT id FROM item WHERE id > 1000 ORDER BY id") == expected);
  });
  CHECK(database->check() == "");
}

TEST_CASE("interactive closures go before bulk closures, and bulk ones still get through") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  std::mutex mutex;
  std::string order;
  std::vector<std::thread> threads;
  {
    // A bulk plug: the patience for bulk work begins anew when it ends.
    Plug plug(database.get(), Lane::Bulk);
    const auto submit = [&](char name, Lane lane) {
      threads.emplace_back([&, name, lane] {
        database->write(
            [&, name](Writer&) {
              const std::lock_guard lock(mutex);
              order += name;
            },
            lane);
      });
    };
    auto& sqlite = dynamic_cast<SqliteDatabase&>(database.get());
    submit('b', Lane::Bulk);
    submit('b', Lane::Bulk);
    while (sqlite.queued_writes() < 2) std::this_thread::yield();
    submit('i', Lane::Interactive);
    submit('i', Lane::Interactive);
    submit('i', Lane::Interactive);
    while (sqlite.queued_writes() < 5) std::this_thread::yield();
    plug.release();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(order == "iiibb");

  // Under steady interactive load a bulk closure is not starved.
  std::atomic<bool> stop{false};
  std::vector<std::thread> load;
  for (int thread = 0; thread < 4; ++thread) {
    load.emplace_back([&] {
      while (!stop) database->write([](Writer&) {});
    });
  }
  std::atomic<int> bulk_done{0};
  for (int i = 0; i < 5; ++i) database->write([&](Writer&) { ++bulk_done; }, Lane::Bulk);
  stop = true;
  for (std::thread& thread : load) thread.join();
  CHECK(bulk_done == 5);
}

TEST_CASE("the statement cache forgets what was used longest ago") {
  TestDatabase place(Kind::Sqlite);
  Connection connection({.file = place.address(), .role = Role::Writer, .cache_kib = 100});
  const auto sql = [](std::size_t i) { return "SELECT " + std::to_string(i); };
  sqlite3_stmt* first = connection.prepare(sql(0)).get();
  for (std::size_t i = 1; i < Connection::kCacheSize; ++i) connection.prepare(sql(i));
  CHECK(connection.cached_statements() == Connection::kCacheSize);
  CHECK(connection.prepare(sql(0)).get() == first);  // now used last
  connection.prepare(sql(Connection::kCacheSize));
  CHECK(connection.cached_statements() == Connection::kCacheSize);
  CHECK(connection.is_cached(sql(0)));
  CHECK_FALSE(connection.is_cached(sql(1)));
  CHECK(connection.is_cached(sql(2)));
  {
    // The same text twice at a time gives two statements.
    const StatementLease one = connection.prepare(sql(2));
    const StatementLease two = connection.prepare(sql(2));
    CHECK(one.get() != two.get());
    // One in use is not evicted.
    for (std::size_t i = 0; i < Connection::kCacheSize; ++i) connection.prepare(sql(1000 + i));
    CHECK(connection.is_cached(sql(2)));
  }
  connection.drop_statements();
  CHECK(connection.cached_statements() == 0);
}

TEST_CASE("a copy taken under load is whole") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  database->write([](Writer& writer) { add_item(writer, -1, std::string(500'000, 'x')); });
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> pairs{0};
  std::thread load([&] {
    for (std::int64_t i = 0; !stop; ++i) {
      database->write([&](Writer& writer) {
        add_item(writer, 2 * i);
        add_item(writer, 2 * i + 1);
      });
      ++pairs;
    }
  });
  while (pairs < 50) std::this_thread::yield();
  const std::int64_t before = pairs;
  const std::string file = database.folder() + "/copy.db";
  database->copy_to(file);
  const std::int64_t after = pairs + 1;
  stop = true;
  load.join();
  CHECK_FALSE(std::filesystem::exists(file + ".part"));
  SqliteDatabase copy({.file = file});
  const std::int64_t count = count_items(copy);
  CHECK(count % 2 == 1);
  CHECK(count >= 2 * before + 1);
  CHECK(count <= 2 * after + 1);
  CHECK(copy.check() == "");
  // Over an existing file, and to where none can be.
  database->copy_to(file);
  CHECK(code_of([&] { database->copy_to(database.folder() + "/missing/copy.db"); }) ==
        "database.io_error");
}

TEST_CASE("files that cannot be used are refused") {
  TestDatabase place(Kind::Sqlite);
  const auto reason = [](const std::string& file) -> std::string {
    try {
      open_sqlite({.file = file});
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Unavailable);
      CHECK(error.code() == "database.cannot_open");
      return error.params().at("reason");
    }
    return "";
  };
  CHECK(reason(place.folder() + "/missing/kehai.db") == "database.io_error");
  CHECK(reason(place.folder()) == "database.io_error");
  const std::string text = place.folder() + "/text.db";
  std::FILE* stream = std::fopen(text.c_str(), "w");
  std::fputs(
      "this is no database, but it is long enough to hold the header of one; "
      "the first sixteen bytes say what it is not, and SQLite looks at them first.",
      stream);
  std::fclose(stream);
  CHECK(reason(text) == "database.damaged");
}

TEST_CASE("only the owner may read the files") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  namespace fs = std::filesystem;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    CAPTURE(suffix);
    const fs::perms found = fs::status(database.address() + suffix).permissions();
    CHECK((found & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
  }
}

TEST_CASE("closing leaves one file without a log") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  CHECK(std::filesystem::exists(database.address() + "-wal"));
  database->close();
  CHECK_FALSE(std::filesystem::exists(database.address() + "-wal"));
}

TEST_CASE("the log is emptied while readers come and go") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) count_items(database.get());
    });
  }
  const std::string large(400'000, 'x');
  for (int i = 0; i < 300; ++i) {  // 120 MB through a log of about 40 MB
    database->write([&](Writer& writer) {
      const Values values{1, large + std::to_string(i)};
      writer.execute("INSERT OR REPLACE INTO item (id, name) VALUES (?, ?)", values);
    });
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(std::filesystem::file_size(database.address() + "-wal") < 100'000'000);
}

}  // namespace
}  // namespace kehai::db::sqlite
