// A database that notes every statement read through it, with its values. Used by one thread at a
// time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "db/database.h"

namespace kehai::bench {

struct Statement {
  std::string what;  // which path of the product asked
  std::string sql;
  db::Values values;
};

class RecordingDatabase : public db::Database {
 public:
  explicit RecordingDatabase(db::Database& database) : database_(database) {}

  std::string what;
  std::vector<Statement> statements;

  const db::Dialect& dialect() const override { return database_.dialect(); }
  void read(const std::function<void(db::Reader&)>& fn) override;
  void write(const std::function<void(db::Writer&)>& fn, db::Lane lane) override {
    database_.write(fn, lane);
  }
  void migrate(const std::function<void(db::Writer&)>& fn) override { database_.migrate(fn); }
  bool exclusively(std::string_view name, const std::function<void()>& fn) override {
    return database_.exclusively(name, fn);
  }
  void copy_to(const std::string& file) override { database_.copy_to(file); }
  db::Statistics statistics() const override { return database_.statistics(); }
  std::string check() override { return database_.check(); }
  bool is_postgres() const override { return database_.is_postgres(); }
  void close() override { database_.close(); }

 private:
  db::Database& database_;
};

}  // namespace kehai::bench
