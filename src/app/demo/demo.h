// The demo company: realistic, fictional, always the same; for a first look, for screenshots and
// for tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace kehai::app {

class Application;

struct DemoAccount {
  std::string login;
  std::string password;
  std::string name;
  std::string role;
};

// The clock of a demo program. While the company is filled it stands at the instant at which each
// thing happened, so that histories look grown; afterwards it is the clock of the machine. It is
// moved by one thread, before the program serves anybody.
class DemoClock final : public base::Clock {
 public:
  explicit DemoClock(std::unique_ptr<base::Clock> machine = base::make_system_clock())
      : machine_(std::move(machine)) {}
  base::Instant now() override { return stands_at_ != 0 ? stands_at_ : machine_->now(); }
  void stand_at(base::Instant instant) { stands_at_ = instant; }  // 0 = runs again

 private:
  std::unique_ptr<base::Clock> machine_;
  base::Instant stands_at_ = 0;
};

// Fills an empty installation; an installation that has users keeps what it has and only the
// accounts are returned. Throws Conflict "demo.not_empty" when the data folder belongs to a real
// company.
std::vector<DemoAccount> fill_demo(Application& application, DemoClock& clock);
void print_accounts(const std::vector<DemoAccount>& accounts);

}  // namespace kehai::app
