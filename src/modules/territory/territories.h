// Sales territories (销售区域) as a tree: which one a division belongs to, and who belongs to
// which.
//
// The rules. A division (base/region.h) belongs to the territory that names the smallest division
// around it; of several that name the same one, to the deepest in the tree, then to the oldest. The
// people of a territory are its manager and its members and those of all territories below; so a
// person belongs to the territories that name him and to everything above them.
//
// Functions of values are pure and safe from any thread; a ring of parents, which the guard
// refuses, is walked once.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "db/database.h"

namespace kehai::modules {

struct Territory {
  std::int64_t id = 0;
  std::int64_t parent_id = 0;          // 0 = a root
  std::vector<std::uint32_t> regions;  // codes of divisions
  std::set<std::int64_t> people;       // manager and members of this one alone
};

// All of them, by id.
using Territories = std::map<std::int64_t, Territory>;
Territories read_territories(db::Reader& reader);

// The territory and everything above it, nearest first.
std::vector<std::int64_t> path_up(const Territories& all, std::int64_t territory);
// The territory to which the division belongs; 0 = none.
std::int64_t resolve_region(const Territories& all, std::uint32_t region);
// The people of the territory and of all below it.
std::set<std::int64_t> people_below(const Territories& all, std::int64_t territory);
// The territories to which a person belongs, each with the steps from the nearest one that names
// him (0 = names him).
std::map<std::int64_t, int> territories_of(const Territories& all, std::int64_t user);

}  // namespace kehai::modules
