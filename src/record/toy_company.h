// A small set of objects, a policy that says what a test tells it, and the real engine on a fresh
// database.
//
// folder: owned, shown on shelves (branch column shelf_id, like a pool), with one field of nearly
// every type. note: owned, below a folder (parent_owner_id), goes with it. Used by one test at a
// time.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "record/engine.h"

namespace kehai::record {

class ToyClock : public base::Clock {
 public:
  base::Instant now() override { return now_; }
  void advance(std::int64_t milliseconds) { now_ += milliseconds; }

 private:
  base::Instant now_ = 1'767'225'600'000;  // 2026-01-01T00:00Z
};

// What one user may do; everything that is not named is allowed, but no row is.
struct ToyRights {
  std::map<std::string, RowScope> read;                  // by object
  std::map<std::string, RowScope> edit;                  // as read when absent
  std::set<std::pair<std::string, std::string>> denied;  // object, right
  std::set<std::pair<std::string, std::string>> hidden;  // object, field
  std::set<std::pair<std::string, std::string>> masked;  // object, field
  Identity identity;
};

class ToyPolicy : public AccessPolicy {
 public:
  std::map<std::int64_t, ToyRights> users;

  bool may(const Actor& actor, const ObjectDefinition& object,
           std::string_view right) const override;
  RowScope scope(const Actor& actor, const ObjectDefinition& object,
                 std::string_view right) const override;
  FieldAccess field_access(const Actor& actor, const ObjectDefinition& object,
                           const FieldDefinition& field) const override;
  bool is_masked(const Actor& actor, const ObjectDefinition& object,
                 const FieldDefinition& field) const override;
  Identity identity(const Actor& actor) const override;
};

class ToyDirectory : public Directory {
 public:
  std::map<std::int64_t, std::int64_t> departments;  // by user
  std::int64_t department_of(db::Reader& reader, std::int64_t user_id) const override;
};

class ToyCompany {
 public:
  explicit ToyCompany(db::Database& database);

  Engine& engine() { return *engine_; }
  ToyPolicy& policy() { return policy_; }
  ToyDirectory& directory() { return directory_; }
  ToyClock& clock() { return clock_; }
  Registry& registry() { return registry_; }
  db::Database& database() { return database_; }

  static Actor system();
  static Actor actor(std::int64_t user);
  ToyRights& rights(std::int64_t user) { return policy_.users[user]; }
  void write(const std::function<void(Tx&)>& fn) { engine_->write(system(), fn); }
  RecordId create(const std::string& object, Draft draft);
  RecordId person(const std::string& name);

 private:
  db::Database& database_;
  ToyClock clock_;
  base::TimeZone zone_{"Asia/Shanghai"};
  Registry registry_;
  ToyPolicy policy_;
  ToyDirectory directory_;
  std::unique_ptr<Engine> engine_;
};

RowScope everything();
RowScope where(std::vector<Branch> branches);
base::JsonObject body(std::string_view json);
// The code of the Error that fn throws, or of its first field error; "" when it throws none.
std::string error_code(const std::function<void()>& fn);

}  // namespace kehai::record
