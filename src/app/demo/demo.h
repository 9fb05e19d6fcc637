// The demo company: realistic, fictional, always the same; for a first look, for screenshots and
// for tests.
#pragma once

#include <string>
#include <vector>

namespace kehai::app {

class Application;

struct DemoAccount {
  std::string login;
  std::string password;
  std::string name;
  std::string role;
};

// Fills an empty installation; an installation that has users keeps what it has and only the
// accounts are returned. Throws Conflict "demo.not_empty" when the data folder belongs to a real
// company.
std::vector<DemoAccount> fill_demo(Application& application);
void print_accounts(const std::vector<DemoAccount>& accounts);

}  // namespace kehai::app
