// A company with one salesperson, for the tests of sign-in and passwords.
#pragma once

#include <cstdint>
#include <string>

#include "db/test_databases.h"
#include "platform/access/test_company.h"

namespace kehai::platform {

inline constexpr std::int64_t kMinute = 60'000;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr const char* kPassword = "long river 88 boats";

// The boss has set up the company; "wang" works in sales.
struct Office {
  explicit Office(db::TestDatabase& database) : company(database.get()) {
    boss = company.set_up();
    Identity::NewUser wang;
    wang.login = "wang";
    wang.name = "王雨桐";
    wang.password = kPassword;
    wang.department_id = company.department("销售部");
    wang.role_ids = {company.built_in("sales")};
    wang_id = company.identity().create_user(boss.actor, wang);
  }
  SignIn sign_in(const std::string& password = kPassword, const std::string& client = "10.1.1.1") {
    return company.identity().sign_in("wang", password, client);
  }

  TestCompany company;
  SignIn boss;
  std::int64_t wang_id = 0;
};

}  // namespace kehai::platform
