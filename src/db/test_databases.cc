#include "db/test_databases.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <stdexcept>

namespace kehai::db {
namespace {

std::string postgres_server() {
  const char* url = std::getenv("KEHAI_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

std::string make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kehai_test_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  return pattern;
}

}  // namespace

std::vector<Kind> test_kinds() {
  std::vector<Kind> kinds{Kind::Sqlite};
  if (!postgres_server().empty()) {
    kinds.push_back(Kind::Postgres);
  } else {
    static std::once_flag said;
    std::call_once(said, [] {
      std::puts("SKIPPED: PostgreSQL (KEHAI_TEST_POSTGRES is not set)");
      std::fflush(stdout);
    });
  }
  return kinds;
}

void on_each_database(const std::function<void(TestDatabase&)>& body) {
  for (const Kind kind : test_kinds()) {
    TestDatabase database(kind);
    body(database);
  }
}

TestDatabase::TestDatabase(Kind kind) : kind_(kind), folder_(make_folder()) {
  address_ = folder_ + "/kehai.db";
  reopen();
}

TestDatabase::~TestDatabase() {
  database_.reset();
  drop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TestDatabase::reopen() {
  database_.reset();
  database_ = open_sqlite({.file = address_});
}

void TestDatabase::drop() {}

}  // namespace kehai::db
