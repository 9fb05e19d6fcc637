// Disks that are full or fail under the SQLite back end.
#include <doctest/doctest.h>

#include <atomic>
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

TEST_CASE("a full database fails the closure that hit it and keeps the others") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  std::int64_t pages = 0;
  database->read([&](Reader& reader) { pages = reader.scalar("PRAGMA page_count").as_int(); });
  database->write([&](Writer& writer) {
    writer.rows("PRAGMA max_page_count = " + std::to_string(pages + 20));
  });
  const std::string large(30 * 4096, 'x');
  std::vector<std::thread> threads;
  std::atomic<int> full{0};
  {
    Plug plug(database.get());
    for (int thread = 0; thread < 12; ++thread) {
      threads.emplace_back([&, thread] {
        try {
          database->write(
              [&](Writer& writer) { add_item(writer, thread, thread % 4 == 1 ? large : "small"); });
        } catch (const Error& error) {
          CHECK(error.kind() == ErrorKind::StorageFull);
          CHECK(error.code() == "database.full");
          CHECK(thread % 4 == 1);
          ++full;
        }
      });
    }
    plug.release();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(full == 3);
  CHECK(count_items(database.get()) == 9);
  // Space came back: writing goes on.
  database->write([](Writer& writer) { writer.rows("PRAGMA max_page_count = 1000000"); });
  database->write([&](Writer& writer) { add_item(writer, 100, large); });
  CHECK(count_items(database.get()) == 10);
  CHECK(database->check() == "");
}

TEST_CASE("attempt() cannot swallow the end of the transaction") {
  TestDatabase database(Kind::Sqlite);
  make_items(database.get());
  database->write([&](Writer& writer) { writer.rows("PRAGMA max_page_count = 20"); });
  const std::string large(100 * 4096, 'x');
  const std::string code = code_of([&] {
    database->write([&](Writer& writer) {
      add_item(writer, 1);
      writer.attempt([&] { add_item(writer, 2); });
      CHECK(code_of([&] { writer.attempt([&] { add_item(writer, 3, large); }); }) ==
            "database.full");
      add_item(writer, 4);
    });
  });
  // Depending on how SQLite ended it: either only the attempt is undone, or all of it; never a
  // part.
  const std::int64_t count = count_items(database.get());
  CHECK((code.empty() ? count == 3 : count == 0));
}

TEST_CASE("a failed fsync stops all writing but not reading") {
  TestDatabase place(Kind::Sqlite);
  FailingVfs vfs;
  const std::string file = place.folder() + "/failing.db";
  {
    SqliteDatabase database({.file = file}, vfs.name());
    make_items(database);
    database.write([](Writer& writer) { add_item(writer, 1); }, Lane::Interactive);
    vfs.fail_syncs(true);
    CHECK(code_of([&] {
            database.write([](Writer& writer) { add_item(writer, 2); }, Lane::Interactive);
          }) == "database.unknown_outcome");
    vfs.fail_syncs(false);
    // The disk seems to be well again, but what it holds is not known.
    CHECK(code_of([&] {
            database.write([](Writer& writer) { add_item(writer, 3); }, Lane::Interactive);
          }) == "database.read_only");
    CHECK(code_of([&] { database.migrate([](Writer&) {}); }) == "database.read_only");
    CHECK(count_items(database) == 1);
    CHECK(database.check().find("takes no more writes") != std::string::npos);
    const int writes = vfs.writes();
    database.close();
    CHECK(vfs.writes() == writes);
  }
  SqliteDatabase database({.file = file});
  const std::int64_t count = count_items(database);
  CHECK((count == 1 || count == 2));
  database.write([](Writer& writer) { add_item(writer, 3); }, Lane::Interactive);
  CHECK(database.check() == "");
}

TEST_CASE("a failed write to the log stops all writing, also for the others of the batch") {
  TestDatabase place(Kind::Sqlite);
  FailingVfs vfs;
  SqliteDatabase database({.file = place.folder() + "/failing.db"}, vfs.name());
  make_items(database);
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  {
    Plug plug(database);
    vfs.fail_writes(true);
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        const std::string code = code_of([&] {
          database.write([&](Writer& writer) { add_item(writer, thread); }, Lane::Interactive);
        });
        CHECK((code == "database.unknown_outcome" || code == "database.read_only"));
        ++failed;
      });
    }
    while (database.queued_writes() < 8) std::this_thread::yield();
    plug.release();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 8);
  CHECK(count_items(database) == 0);
}

TEST_CASE("a disk that is full at the commit fails the batch and no more") {
  TestDatabase place(Kind::Sqlite);
  FailingVfs vfs;
  SqliteDatabase database({.file = place.folder() + "/failing.db"}, vfs.name());
  make_items(database);
  vfs.fill_disk(true);
  CHECK(code_of([&] {
          database.write([](Writer& writer) { add_item(writer, 1); }, Lane::Interactive);
        }) == "database.full");
  vfs.fill_disk(false);
  database.write([](Writer& writer) { add_item(writer, 2); }, Lane::Interactive);
  CHECK(count_items(database) == 1);
  CHECK(database.check() == "");
}

TEST_CASE("the pages of a commit go to the log with few writes") {
  TestDatabase place(Kind::Sqlite);
  FailingVfs vfs;
  SqliteDatabase database({.file = place.folder() + "/gathered.db"}, vfs.name());
  make_items(database);
  constexpr int kItems = 100;  // of a page each
  const auto name = [](int id) { return std::to_string(id) + std::string(4000, 'x'); };
  const int writes = vfs.writes();
  database.write(
      [&](Writer& writer) {
        for (int id = 0; id < kItems; ++id) add_item(writer, id, name(id));
      },
      Lane::Interactive);
  CHECK(vfs.writes() - writes < kItems / 10);
  database.read([&](Reader& reader) {
    for (int id = 0; id < kItems; ++id) {
      const Values values{id};
      CHECK(reader.scalar("SELECT name FROM item WHERE id = ?", values) == Value(name(id)));
    }
  });
  CHECK(database.check() == "");
}

TEST_CASE("every acknowledged commit was preceded by a sync of the log") {
  TestDatabase place(Kind::Sqlite);
  FailingVfs vfs;
  SqliteDatabase database({.file = place.folder() + "/synced.db"}, vfs.name());
  make_items(database);
  for (int i = 0; i < 20; ++i) {
    const int syncs = vfs.syncs();
    database.write([i](Writer& writer) { add_item(writer, i); }, Lane::Interactive);
    CHECK(vfs.syncs() > syncs);
  }
}

}  // namespace
}  // namespace kehai::db::sqlite
