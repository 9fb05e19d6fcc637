#include "modules/team/merging.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "modules/team/team.h"
#include "platform/merge/merge_rules.h"

namespace kehai::modules {

namespace {

using platform::Member;

// The owner may edit; members keep what they have.
std::vector<Member> people_of(db::Reader& reader, const record::Record& record) {
  auto people = platform::members_of(reader, record.id());
  if (!record.is_null("owner_id")) {
    Member owner;
    owner.user_id = record.integer("owner_id");
    owner.access = platform::MemberAccess::Edit;
    people.insert(people.begin(), owner);
  }
  return people;
}

void join_teams(platform::MergeSteps& steps, const platform::MergeSet& set) {
  auto& tx = steps.tx();
  const auto& master = set.master();
  if (master.is_null("owner_id")) return;  // what lies in a pool has no team
  std::set<std::int64_t> there = {master.integer("owner_id")};
  for (const auto& member : platform::members_of(tx.writer(), master.id()))
    there.insert(member.user_id);
  for (const auto* loser : set.losers()) {
    for (const auto& member : people_of(tx.writer(), *loser)) {
      if (!member.is_current(tx.now()) || !there.insert(member.user_id).second) continue;
      try {
        put_member(tx, master, member, "user_ids", true);
      } catch (const base::Error& error) {
        // Has left, may not see such records, is in too many teams: no reason against merging.
        if (error.kind() != base::ErrorKind::Invalid && !error.code().starts_with("member.")) throw;
        continue;
      }
      steps.added("record_member", {{"record_id", master.id()}, {"user_id", member.user_id}});
    }
  }
}

}  // namespace

void add_team_merge_rules(platform::Registrar& registrar, const std::string& object) {
  auto& rules = *registrar.merge_rules;
  platform::MergeHooks hooks;
  hooks.object = object;
  hooks.prepare = join_teams;
  hooks.restored = announce_team;
  rules.add(std::move(hooks));
  for (const auto* table : {"record_member", "join_request"})
    rules.add(platform::RecordLink{table, "record_id", object, "", "", false});
}

}  // namespace kehai::modules
