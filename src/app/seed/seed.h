// Bulk data for measurements: a company with about 30 departments and 300 people, accounts and
// opportunities over twelve months. The same numbers and the same random seed give the same
// company.
//
// Accounts and opportunities do not go through the engine's hooks: rows are made here, with every
// derived column, code, duplicate key, ownership row, first stage change, audit row and search
// entry that the hooks would have written.
#pragma once

#include <cstdint>
#include <string>

namespace kehai::app {

class Application;

struct SeedOptions {
  std::int64_t accounts = 1000;
  std::int64_t opportunities = 1000;
  std::uint64_t random_seed = 1;
};

struct SeedResult {
  std::string password;  // of everybody
  std::string admin_login;
  std::string manager_login;
  std::string sales_login;
  std::int64_t departments = 0;
  std::int64_t users = 0;
  double seconds = 0;  // for accounts and opportunities, indexes included
};

// Throws Conflict "seed.not_empty" when the installation has users already.
SeedResult seed(Application& application, const SeedOptions& options);
void print_seed(const SeedOptions& options, const SeedResult& result);

}  // namespace kehai::app
