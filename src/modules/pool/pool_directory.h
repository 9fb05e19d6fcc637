// The pools as data in memory: who is a member, what a member does not see before claiming, which
// limits hold.
//
// Members are the people named, those of the departments named and of all below, those with a role
// named, and those of the sales territories named and of all below (their managers and members).
// When nothing is named, everybody is.
//
// Loaded outside any transaction and swapped whole; every node reloads every second and after its
// own changes. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "record/access.h"
#include "record/engine.h"

namespace kehai::modules {

// When records go back by themselves; see recycle.h.
struct RecycleRules {
  std::optional<std::int64_t> first_hours;
  std::optional<std::int64_t> follow_days;
  std::optional<std::int64_t> opportunity_days;
  std::optional<std::int64_t> deal_days;
  std::int64_t protect_days = 0;     // after gaining the record
  std::optional<std::int64_t> from;  // day before which nothing goes back
  bool takes_won = false;
  bool after_protection = false;  // what has no deal when the protected days are over
  bool working_days = false;      // only working days count (base/working_days.h)

  bool any_days() const {
    return follow_days || opportunity_days || deal_days || (after_protection && protect_days > 0);
  }
  bool any() const { return first_hours || any_days(); }
};

struct Pool {
  std::int64_t id = 0;
  std::string name;
  std::string kind;  // object name: lead, account
  bool is_enabled = true;
  bool is_default = false;
  std::set<std::int64_t> admins;
  std::set<std::int64_t> members;
  std::set<std::int64_t> member_departments;  // with everything below
  std::set<std::int64_t> member_roles;
  std::set<std::int64_t> member_territories;  // as named
  std::set<std::int64_t> territory_people;    // of these and of all below (modules/territory)
  std::int64_t region_id = 0;
  std::int64_t department_id = 0;
  std::optional<std::int64_t> daily_limit;
  std::int64_t freeze_days = 0;
  std::optional<std::int64_t> cooldown_days;
  std::vector<std::string> hidden_fields;
  RecycleRules recycle;

  bool is_admin(const record::Identity& who) const { return admins.contains(who.user_id); }
  bool is_member(const record::Identity& who) const;
};

class PoolDirectory {
 public:
  // Reads all pools; call outside transactions. Remembers the engine for branches().
  void load(record::Engine& engine);
  // Once more with the engine of the first load.
  void reload();
  std::shared_ptr<const std::vector<Pool>> pools() const;
  std::optional<Pool> find(std::int64_t id) const;
  // Where a record goes that leaves its owner: pool of its region, of the owner's department or the
  // nearest one above it, the default one.
  std::optional<Pool> choose(std::string_view kind, std::int64_t region_id,
                             std::int64_t department_id) const;
  // Access branches for pool members (claimable records without hidden fields) and pool admins.
  // Reads memory only: it is asked inside transactions as well.
  std::vector<record::Branch> branches(const record::Actor& actor, std::string_view object,
                                       std::string_view right) const;

 private:
  std::atomic<record::Engine*> engine_ = nullptr;  // null until the first load()
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Pool>> pools_ = std::make_shared<std::vector<Pool>>();
  // Department → the one above it.
  std::shared_ptr<const std::map<std::int64_t, std::int64_t>> parents_ =
      std::make_shared<std::map<std::int64_t, std::int64_t>>();
};

}  // namespace kehai::modules
