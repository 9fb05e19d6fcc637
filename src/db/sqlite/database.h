// The embedded storage: one writer thread and a pool of readers on one SQLite file.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "db/database.h"
#include "db/sqlite/reader_pool.h"
#include "db/sqlite/writer_thread.h"

namespace kehai::db::sqlite {

class SqliteDatabase final : public Database {
 public:
  // `writer_vfs` names the file system layer of the writing connection; tests put a failing one
  // here.
  explicit SqliteDatabase(const SqliteOptions& options, const std::string& writer_vfs = {});
  ~SqliteDatabase() override;

  const Dialect& dialect() const override;
  void read(const std::function<void(Reader&)>& fn) override;
  void write(const std::function<void(Writer&)>& fn, Lane lane) override;
  void migrate(const std::function<void(Writer&)>& fn) override;
  bool exclusively(std::string_view name, const std::function<void()>& fn) override;
  void copy_to(const std::string& file) override;
  Statistics statistics() const override;
  std::string check() override;
  bool is_postgres() const override { return false; }
  void close() override;

  // Closures that wait for the writer thread; for tests.
  std::size_t queued_writes() const { return writer_.queued(); }

 private:
  const std::string file_;
  std::atomic<std::int64_t> reads_{0};
  WriterThread writer_;  // first: makes the file
  ReaderPool readers_;
};

}  // namespace kehai::db::sqlite
