#include "modules/territory/territories.h"

#include <doctest/doctest.h>

using kehai::modules::people_below;
using kehai::modules::resolve_region;
using kehai::modules::Territories;
using kehai::modules::territories_of;

namespace {

constexpr std::uint32_t kZhejiang = 330000;
constexpr std::uint32_t kHangzhou = 330100;
constexpr std::uint32_t kXihu = 330106;
constexpr std::uint32_t kNingbo = 330200;
constexpr std::uint32_t kShanghai = 310000;
constexpr std::uint32_t kHuangpu = 310101;

// East (Zhejiang and Shanghai) > Zhejiang > Hangzhou; West apart.
Territories company() {
  Territories all;
  const auto add = [&](std::int64_t id, std::int64_t parent, std::vector<std::uint32_t> regions,
                       std::set<std::int64_t> people) {
    all[id] = {id, parent, std::move(regions), std::move(people)};
  };
  add(1, 0, {kZhejiang, kShanghai}, {100});
  add(2, 1, {kZhejiang}, {200, 201});
  add(3, 2, {kHangzhou}, {300, 200});
  add(4, 0, {}, {400});
  return all;
}

}  // namespace

TEST_CASE("a division belongs to the territory that names the smallest one around it") {
  const auto all = company();
  CHECK(resolve_region(all, kXihu) == 3);
  CHECK(resolve_region(all, kHangzhou) == 3);
  CHECK(resolve_region(all, kNingbo) == 2);
  CHECK(resolve_region(all, kHuangpu) == 1);
  CHECK(resolve_region(all, 510000) == 0);
  CHECK(resolve_region(all, 0) == 0);
  CHECK(resolve_region(all, 999999) == 0);
  CHECK(resolve_region({}, kXihu) == 0);
}

TEST_CASE("a smaller division wins over a deeper territory, the deeper over the shallower") {
  auto all = company();
  // A key-account territory at the top of the tree that has one district of its own.
  all[9] = {9, 0, {kXihu}, {}};
  CHECK(resolve_region(all, kXihu) == 9);
  // Both name the province; the deeper one has it.
  CHECK(resolve_region(all, kZhejiang) == 2);
  // Two of one depth: the older one.
  all[10] = {10, 1, {kZhejiang}, {}};
  CHECK(resolve_region(all, kNingbo) == 2);
}

TEST_CASE("people of a territory are its own and those of all below") {
  const auto all = company();
  CHECK(people_below(all, 1) == std::set<std::int64_t>{100, 200, 201, 300});
  CHECK(people_below(all, 3) == std::set<std::int64_t>{200, 300});
  CHECK(people_below(all, 4) == std::set<std::int64_t>{400});
  CHECK(people_below(all, 77).empty());
}

TEST_CASE("a person belongs to what names him and to everything above, by the shortest way") {
  const auto all = company();
  CHECK(territories_of(all, 300) == std::map<std::int64_t, int>{{3, 0}, {2, 1}, {1, 2}});
  CHECK(territories_of(all, 200) == std::map<std::int64_t, int>{{3, 0}, {2, 0}, {1, 1}});
  CHECK(territories_of(all, 999).empty());
}

TEST_CASE("a ring of parents ends") {
  auto all = company();
  all[1].parent_id = 3;
  CHECK(people_below(all, 2).size() == 4);
  CHECK(territories_of(all, 100).size() == 3);
  CHECK(resolve_region(all, kXihu) == 3);
}
