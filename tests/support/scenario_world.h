// The whole product below the sockets, on a fresh database with a clock that scenarios move: platform, modules, the toy
// module of these tests, and Api::handle. Users: admin, manager, sales1, sales2 (in one department), viewer, outsider
// (a sales person of another department).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "base/random.h"
#include "base/time.h"
#include "db/test_databases.h"
#include "platform/access/access.h"
#include "platform/identity/identity.h"
#include "platform/registrar.h"
#include "platform/settings/settings.h"
#include "record/engine.h"

namespace kehai::scenario {

class MovableClock : public base::Clock {
 public:
  base::Instant now() override { return now_; }
  void advance(std::int64_t milliseconds) { now_ += milliseconds; }

 private:
  std::atomic<base::Instant> now_{1'772'328'600'000};  // 2026-03-01T01:30Z, 09:30 in Shanghai, a Sunday
};

struct Program;  // everything that a restart makes anew

// Used by one thread.
class World {
 public:
  explicit World(db::Kind kind);
  ~World();

  // `user` "nobody" sends no cookie.
  http::Response send(const std::string& user, http::Request request);
  void advance(std::int64_t milliseconds) { clock_.advance(milliseconds); }
  void restart();
  // Every schedule once: search index, clean-up …
  void run_jobs();
  std::int64_t user_id(const std::string& login) const { return users_.at(login); }
  std::string database_name() const { return database_.name(); }
  // Lines that the interface logged since the last call.
  std::vector<std::string> take_log();

 private:
  struct SignedIn {
    std::string token;
    std::string csrf;
  };
  void start();
  void make_company();
  const SignedIn& session_of(const std::string& user);

  db::TestDatabase database_;
  MovableClock clock_;
  std::map<std::string, std::int64_t> users_;
  std::map<std::string, SignedIn> sessions_;
  std::vector<std::string> log_;
  std::unique_ptr<Program> program_;
};

}  // namespace kehai::scenario
