#include "db/test_databases.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
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

// Runs one command outside a transaction: CREATE DATABASE refuses to run inside.
void administer(const std::string& url, const std::string& command) {
  PGconn* connection = PQconnectdb(url.c_str());
  PGresult* result = PQexec(connection, command.c_str());
  const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
  const std::string message = PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
  if (!good) throw std::runtime_error(command + ": " + message);
}

std::string new_database_name() {
  static std::atomic<int> count{0};
  return "kehai_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

// postgres://user:password@host:port/database: the same server, another database.
std::string with_database(const std::string& url, const std::string& name) {
  const std::size_t host = url.find("://");
  const std::size_t slash = url.find('/', host == std::string::npos ? 0 : host + 3);
  if (slash == std::string::npos) return url + "/" + name;
  const std::size_t options = url.find('?', slash);
  return url.substr(0, slash + 1) + name +
         (options == std::string::npos ? "" : url.substr(options));
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
  if (kind == Kind::Sqlite) {
    address_ = folder_ + "/kehai.db";
  } else {
    server_ = postgres_server();
    created_ = new_database_name();
    administer(server_, "CREATE DATABASE " + created_ +
                            " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
    address_ = with_database(server_, created_);
  }
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
  if (kind_ == Kind::Sqlite) {
    database_ = open_sqlite({.file = address_});
  } else {
    database_ = open_postgres({.url = address_});
  }
}

void TestDatabase::drop() {
  if (created_.empty()) return;
  try {
    administer(server_, "DROP DATABASE IF EXISTS " + created_ + " WITH (FORCE)");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot drop a test database: %s\n", error.what());
  }
}

}  // namespace kehai::db
