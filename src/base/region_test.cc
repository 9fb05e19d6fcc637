#include "base/region.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>

using namespace kehai::base;

namespace {
std::uint32_t matched(std::string_view address) {
  const auto match = match_address(address);
  return match ? match->region->code : 0;
}
}  // namespace

TEST_CASE("regions: a tree without holes") {
  CHECK(regions().size() > 3700);
  std::uint32_t previous = 0;
  for (const Region& region : regions()) {
    CHECK(region.code > previous);
    previous = region.code;
    CHECK(region.name.starts_with(region.short_name()));
    if (region.level == 1) {
      CHECK(region.parent == 0);
    } else {
      const Region* parent = find_region(region.parent);
      REQUIRE(parent != nullptr);
      CHECK(parent->level == region.level - 1);
    }
  }
  CHECK(regions_below(0).size() == 34);
  CHECK(find_region(330106)->name == "西湖区");
  CHECK(find_region(999999) == nullptr);
  CHECK(region_full_name(330106) == "浙江省杭州市西湖区");
  CHECK(region_full_name(110105) == "北京市朝阳区");
  CHECK(region_full_name(710000) == "台湾省");
}

TEST_CASE("regions: short names") {
  CHECK(find_region(330100)->short_name() == "杭州");
  CHECK(find_region(450000)->short_name() == "广西");
  CHECK(find_region(522300)->short_name() == "黔西南");
  CHECK(find_region(150000)->short_name() == "内蒙古");
  CHECK(find_region(810000)->short_name() == "香港");
  CHECK(find_region(310115)->short_name() == "浦东");
  CHECK(find_region(371122)->short_name() == "莒县");
  CHECK(find_regions("杭州").size() == 1);
  CHECK(find_regions("臺北市").front()->name == "台北市");
  CHECK(find_regions("朝阳区").size() == 2);
  CHECK(find_regions("不存在").empty());
}

TEST_CASE("addresses lead to the deepest region that they name") {
  CHECK(matched("浙江省杭州市余杭区文一西路969号") == 330110);
  CHECK(matched("浙江杭州余杭文一西路") == 330110);
  CHECK(matched("杭州市余杭区") == 330110);
  CHECK(matched("余杭区文一西路") == 330110);
  CHECK(matched("中国浙江省 杭州市 西湖区") == 330106);
  CHECK(matched("北京市朝阳区建国路") == 110105);
  CHECK(matched("北京市北京市朝阳区建国路") == 110105);
  CHECK(matched("长春市朝阳区") == 220104);
  CHECK(matched("朝阳区建国路") == 0);
  CHECK(matched("上海浦东新区世纪大道") == 310115);
  CHECK(matched("臺灣臺北市信義區") / 100 == 7101);
  CHECK(matched("香港九龍觀塘區") / 10000 == 81);
  CHECK(matched("东莞市松山湖") == 441900);
  CHECK(matched("湖北省仙桃市") == 429004);
  CHECK(matched("海南省海口市") == 460100);
  CHECK(matched("吉林省吉林市船营区") == 220204);
  CHECK(matched("somewhere") == 0);
  CHECK(matched("") == 0);
}
