// A small table and helpers that the tests of db/ share.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "db/dialect.h"
#include "db/test_databases.h"

namespace kehai::db {

using base::Error;

inline void make_items(Database& database) {
  database.migrate([](Writer& writer) {
    const Dialect& dialect = writer.dialect();
    const std::string integer(dialect.integer_type());
    const std::string text(dialect.text_type());
    writer.execute("CREATE TABLE item (id " + integer + " PRIMARY KEY, name " + text + ", amount " +
                   integer + ")" + std::string(dialect.table_suffix()));
  });
}

inline void add_item(Writer& writer, std::int64_t id, const Value& name, const Value& amount) {
  const Values values{id, name, amount};
  writer.execute("INSERT INTO item (id, name, amount) VALUES (?, ?, ?)", values);
}

inline std::int64_t count_items(Database& database) {
  std::int64_t count = -1;
  database.read(
      [&](Reader& reader) { count = reader.scalar("SELECT count(*) FROM item").as_int(); });
  return count;
}

// The code of the Error that fn throws, "" when it throws none.
template <typename Function>
std::string code_of(const Function& fn) {
  try {
    fn();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

inline void run_threads(int count, const std::function<void(int)>& fn) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&fn, i] { fn(i); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace kehai::db
