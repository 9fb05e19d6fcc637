#include "modules/territory/territories.h"

#include "base/region.h"
#include "db/table.h"

namespace kehai::modules {

namespace {

const db::Table kTerritory("territory");
const db::Table kRegions("territory__region_ids");
const db::Table kMembers("territory__member_user_ids");

}  // namespace

Territories read_territories(db::Reader& reader) {
  Territories all;
  kTerritory.select_each(reader, {{"id", "parent_id", "manager_id"}, {}, {}, 0, false},
                         [&](const db::Row& row) {
                           Territory& one = all[row.get_int(0)];
                           one.id = row.get_int(0);
                           one.parent_id = row.get_int(1);
                           if (!row.is_null(2)) one.people.insert(row.get_int(2));
                         });
  const auto each = [&](const db::Table& table, auto&& put) {
    table.select_each(reader, {{"record_id", "value"}, {}, {}, 0, false}, [&](const db::Row& row) {
      if (const auto at = all.find(row.get_int(0)); at != all.end())
        put(at->second, row.get_int(1));
    });
  };
  each(kRegions, [](Territory& one, std::int64_t code) {
    one.regions.push_back(static_cast<std::uint32_t>(code));
  });
  each(kMembers, [](Territory& one, std::int64_t user) { one.people.insert(user); });
  return all;
}

std::vector<std::int64_t> path_up(const Territories& all, std::int64_t territory) {
  std::vector<std::int64_t> path;
  std::set<std::int64_t> seen;
  for (auto at = all.find(territory); at != all.end() && seen.insert(at->first).second;
       at = all.find(at->second.parent_id)) {
    path.push_back(at->first);
  }
  return path;
}

std::int64_t resolve_region(const Territories& all, std::uint32_t region) {
  std::map<std::uint32_t, std::vector<std::int64_t>> by_region;
  for (const auto& [id, one] : all) {
    for (const std::uint32_t code : one.regions) by_region[code].push_back(id);
  }
  // From the division itself outwards: the first that anybody names is the smallest.
  for (const auto* at = base::find_region(region); at != nullptr;
       at = base::find_region(at->parent)) {
    const auto named = by_region.find(at->code);
    if (named == by_region.end()) continue;
    std::int64_t found = 0;
    std::size_t depth = 0;
    for (const std::int64_t id : named->second) {
      const std::size_t here = path_up(all, id).size();
      if (here <= depth) continue;
      found = id;
      depth = here;
    }
    return found;
  }
  return 0;
}

std::set<std::int64_t> people_below(const Territories& all, std::int64_t territory) {
  std::set<std::int64_t> people;
  for (const auto& [id, one] : all) {
    for (const std::int64_t above : path_up(all, id)) {
      if (above == territory) people.insert(one.people.begin(), one.people.end());
    }
  }
  return people;
}

std::map<std::int64_t, int> territories_of(const Territories& all, std::int64_t user) {
  std::map<std::int64_t, int> out;
  for (const auto& [id, one] : all) {
    if (!one.people.contains(user)) continue;
    int steps = 0;
    for (const std::int64_t above : path_up(all, id)) {
      const auto [known, added] = out.emplace(above, steps);
      if (!added && steps < known->second) known->second = steps;
      ++steps;
    }
  }
  return out;
}

}  // namespace kehai::modules
