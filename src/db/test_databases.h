// Fresh databases for tests, of every kind that this machine offers.
//
// SQLite is always there (a file in a temporary folder). PostgreSQL is there when the environment
// variable KEHAI_TEST_POSTGRES holds the URL of a server where databases may be created
// (`tools/postgres_for_tests run CMD…` sets it); otherwise a line "SKIPPED: …" is printed once per
// program.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "db/database.h"

namespace kehai::db {

enum class Kind { Sqlite, Postgres };

// Owns one empty database; closes and drops it in the end. Used by one thread, but get() may be
// shared.
class TestDatabase {
 public:
  explicit TestDatabase(Kind kind);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  Database& get() { return *database_; }
  Database* operator->() { return database_.get(); }
  Kind kind() const { return kind_; }
  std::string name() const { return kind_ == Kind::Sqlite ? "SQLite" : "PostgreSQL"; }
  // The file on SQLite, the URL on PostgreSQL; a second Database may be opened on it.
  const std::string& address() const { return address_; }
  // An empty folder of this test's own, removed in the end.
  const std::string& folder() const { return folder_; }
  // Closes and opens the database again, as a restart does.
  void reopen();

 private:
  void drop();

  Kind kind_;
  std::string folder_;
  std::string address_;
  std::string server_;   // URL of the PostgreSQL server
  std::string created_;  // name of the PostgreSQL database
  std::unique_ptr<Database> database_;
};

// The kinds that can run here.
std::vector<Kind> test_kinds();

// Runs the body once per kind, each time on a fresh database.
void on_each_database(const std::function<void(TestDatabase&)>& body);

}  // namespace kehai::db
