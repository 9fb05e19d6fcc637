// The people of a seeded company, made through the engine; all have the password of the first one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace kehai::app {

class Application;

struct SeedPerson {
  std::int64_t id = 0;
  std::int64_t department = 0;
  std::string login;
};

struct SeedCompany {
  std::vector<SeedPerson> sellers;
  std::int64_t departments = 0;
  std::int64_t users = 0;
  std::string admin_login;
  std::string manager_login;  // of the first region: sees its teams
};

inline constexpr const char* kSeedPassword = "kehai-seed-2026";

SeedCompany make_company(Application& application, base::Random& random);

}  // namespace kehai::app
