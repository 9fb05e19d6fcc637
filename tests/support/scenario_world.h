// The whole product below the sockets, on a fresh database with a clock that scenarios move:
// platform, modules, the toy module of these tests, and Api::handle. Users: admin; manager, sales1,
// sales2 in one department; manager2, sales3, outsider (a sales person, too) in another; viewer and
// finance in the root.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/application.h"
#include "base/time.h"
#include "db/test_databases.h"
#include "http/message.h"

namespace kehai::scenario {

// The time of all programs of one world.
struct MovableTime {
  std::atomic<base::Instant> now{
      1'772'328'600'000};  // 2026-03-01T01:30Z, 09:30 in Shanghai, a Sunday
};

// Used by one thread; send() by several once every user has been signed in by a first request.
class World {
 public:
  // An installation without company is as it comes out of the box: nobody has set it up.
  explicit World(db::Kind kind, bool with_company = true);
  ~World();

  // `user` "nobody" sends no cookie.
  http::Response send(const std::string& user, http::Request request);
  // The same request by each of the users at the same time, each on a thread of its own.
  std::vector<http::Response> send_together(const std::vector<std::string>& users,
                                            const http::Request& request);
  // After an hour and more everybody signs in again.
  void advance(std::int64_t milliseconds);
  void restart();
  // Every schedule once: search index, clean-up …
  void run_jobs();
  std::int64_t user_id(const std::string& login) const { return users_.at(login); }
  std::string database_name() const { return database_.name(); }
  // Lines that the interface logged since the last call.
  std::vector<std::string> take_log();
  app::Application& application() { return *application_; }

 private:
  struct SignedIn {
    std::string token;
    std::string csrf;
  };
  void start();
  void make_company();
  const SignedIn& session_of(const std::string& user);

  db::TestDatabase database_;
  std::shared_ptr<MovableTime> time_ = std::make_shared<MovableTime>();
  std::map<std::string, std::int64_t> users_;
  std::map<std::string, SignedIn> sessions_;
  std::set<std::string> with_password_;
  std::mutex log_mutex_;
  std::vector<std::string> log_;
  std::unique_ptr<app::Application> application_;
};

}  // namespace kehai::scenario
