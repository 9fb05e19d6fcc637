// A small company on a fresh database: the real engine, policy and sign-in with a clock that tests
// move. Used by one test at a time; the clock may be moved from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "db/database.h"
#include "platform/access/access.h"
#include "platform/identity/identity.h"
#include "platform/registrar.h"
#include "platform/settings/settings.h"
#include "record/engine.h"

namespace kehai::platform {

class TestClock : public base::Clock {
 public:
  base::Instant now() override { return now_; }
  void advance(std::int64_t milliseconds) { now_ += milliseconds; }

 private:
  std::atomic<base::Instant> now_{1'767'225'600'000};  // 2026-01-01T00:00Z
};

// Objects of the tests: deal (owned, with pool_id), visit (owned, below deal), line (below deal, no
// owner of its own), region (configuration).
class TestCompany {
 public:
  explicit TestCompany(db::Database& database);

  record::Engine& engine() { return *engine_; }
  Access& access() { return *access_; }
  Identity& identity() { return *identity_; }
  Settings& settings() { return settings_; }
  TestClock& clock() { return clock_; }
  record::Registry& registry() { return registry_; }
  db::Database& database() { return database_; }
  const Registrar& registrar() const { return registrar_; }

  // A second program on the same database, as another node is.
  std::unique_ptr<TestCompany> another_node() { return std::make_unique<TestCompany>(database_); }

  static record::Actor system();
  // Runs fn for the system.
  void write(const std::function<void(record::Tx&)>& fn);
  std::int64_t department(const std::string& name, std::int64_t parent = 0);
  std::int64_t role(const std::string& name,
                    const std::map<std::string, ObjectRights>& rights = {});
  // Id of a built-in role.
  std::int64_t built_in(const std::string& name);
  // Without a password.
  std::int64_t user(const std::string& login, std::int64_t department,
                    const std::vector<std::int64_t>& roles, std::int64_t superior = 0);
  std::int64_t deal(const std::string& name, std::int64_t owner);
  record::Record get(const std::string& object, std::int64_t id);
  record::Actor actor(std::int64_t user_id) { return identity_->actor_for(user_id); }
  // Sets up the company with the administrator "boss"; their sign-in.
  SignIn set_up();

  static constexpr const char* kBossPassword = "mountain stream 42";

 private:
  db::Database& database_;
  TestClock clock_;
  base::TimeZone zone_{"Asia/Shanghai"};
  std::unique_ptr<base::Random> random_ = base::make_system_random();
  record::Registry registry_;
  Registrar registrar_{registry_, {}, {}};
  Settings settings_{database_, clock_};
  std::unique_ptr<Access> access_;
  std::unique_ptr<record::Engine> engine_;
  std::unique_ptr<Identity> identity_;
};

// The code of the Error that fn throws, or of its first field error; "" when it throws none.
std::string error_code(const std::function<void()>& fn);

}  // namespace kehai::platform
