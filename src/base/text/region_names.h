// Names of regions as they stand at the beginning of company names and addresses. Safe from any
// thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/region.h"

namespace kehai::text {

// Length in code points of the longest region name, official or short, with which `text` (folded)
// begins; 0 when there is none. Names that are ordinary words (东区, 城区) do not count.
std::size_t longest_region_name(std::u32string_view text);

struct RegionName {
  std::u32string_view name;
  const base::Region* region;
};
// All names that begin with these two characters, longest first.
std::span<const RegionName> region_names(char32_t first, char32_t second);

}  // namespace kehai::text
