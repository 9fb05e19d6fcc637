// What the tests of the SQLite back end share: a small table, and a way to make closures wait
// together.
#pragma once

#include <cstdint>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>

#include "base/error.h"
#include "db/database.h"

namespace kehai::db::sqlite {

using base::Error;

inline void make_items(Database& database) {
  database.migrate([](Writer& writer) {
    writer.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT) STRICT");
  });
}

inline void add_item(Writer& writer, std::int64_t id, const std::string& name = "x") {
  const Values values{id, name};
  writer.execute("INSERT INTO item (id, name) VALUES (?, ?)", values);
}

inline std::int64_t count_items(Database& database) {
  std::int64_t count = -1;
  database.read(
      [&](Reader& reader) { count = reader.scalar("SELECT count(*) FROM item").as_int(); });
  return count;
}

inline std::string code_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

// Occupies the writer thread until released, so that what is submitted meanwhile waits together.
class Plug {
 public:
  explicit Plug(Database& database, Lane lane = Lane::Interactive)
      : thread_([this, &database, lane] {
          try {
            database.write([this](Writer&) { block_once(); }, lane);
          } catch (const Error&) {
            // It shares the fate of its batch.
          }
        }) {
    running_.acquire();
  }
  ~Plug() {
    if (thread_.joinable()) release();
  }
  void release() {
    go_.release();
    thread_.join();
  }

 private:
  void block_once() {
    if (std::exchange(ran_, true)) return;  // a batch may run again
    running_.release();
    go_.acquire();
  }

  std::binary_semaphore running_{0};
  std::binary_semaphore go_{0};
  bool ran_ = false;  // of the writer thread
  std::thread thread_;
};

}  // namespace kehai::db::sqlite
