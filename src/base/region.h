// Regions of China (provinces, cities, areas, with Hong Kong, Macao and Taiwan), compiled in.
//
// Everything is constant and safe from any thread; returned pointers live as long as the program.
// Codes are the six digits of GB/T 2260 as a number (330106); below 710000, 810000 and 820000, for
// which the standard lists nothing, they are Kehai's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kehai::base {

struct Region {
  std::uint32_t code;
  std::uint32_t parent;      // 0 for a province
  std::uint8_t level;        // 1 province, 2 city, 3 area
  std::uint8_t short_bytes;  // bytes of `name` that say it in short (杭州 of 杭州市); 0 = none
  std::string_view name;     // official, simplified

  // The name as people write it, or the official one where no short form exists.
  std::string_view short_name() const { return short_bytes ? name.substr(0, short_bytes) : name; }
  // Rows that group areas but are no place: 市辖区 of a municipality, 省直辖县级行政区划.
  bool is_grouping() const;
};

// All regions, by ascending code.
std::span<const Region> regions();
// Null when no such code exists.
const Region* find_region(std::uint32_t code);
// Regions directly below `parent`, by code (0 = provinces).
std::vector<const Region*> regions_below(std::uint32_t parent);
// All regions with that official or short name, in any script (臺北市, 杭州), by code.
std::vector<const Region*> find_regions(std::string_view name);
// From the province down to the region, without grouping rows.
std::vector<const Region*> region_path(std::uint32_t code);
// "浙江省杭州市西湖区"; "北京市朝阳区".
std::string region_full_name(std::uint32_t code);

struct AddressMatch {
  const Region* region;  // the deepest region that the address names
  std::size_t consumed;  // code points of the folded address that name regions
};
// Reads the regions at the start of an address, in any script and with or without 省/市/区; levels
// may be missing as long as the rest is unambiguous (余杭区文一西路 is found, 朝阳区建国路 alone is
// not).
std::optional<AddressMatch> match_address(std::string_view address);

}  // namespace kehai::base
