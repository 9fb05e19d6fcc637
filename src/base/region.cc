#include "base/region.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "base/text/fold.h"
#include "base/text/region_names.h"
#include "base/text/utf8.h"

namespace kehai::base {

extern const Region kRegions[];
extern const std::size_t kRegionsCount;

bool Region::is_grouping() const {
  return name == "市辖区" || name == "县" || name.ends_with("直辖县级行政区划");
}

std::span<const Region> regions() {
  return {kRegions, kRegionsCount};
}

const Region* find_region(std::uint32_t code) {
  const auto all = regions();
  const auto found =
      std::lower_bound(all.begin(), all.end(), code,
                       [](const Region& region, std::uint32_t c) { return region.code < c; });
  return found != all.end() && found->code == code ? &*found : nullptr;
}

std::vector<const Region*> regions_below(std::uint32_t parent) {
  std::vector<const Region*> out;
  for (const Region& region : regions()) {
    if (region.parent == parent) out.push_back(&region);
  }
  return out;
}

std::vector<const Region*> find_regions(std::string_view name) {
  const std::u32string folded = text::fold_code_points(name);
  std::vector<const Region*> out;
  if (folded.size() < 2) return out;
  for (const text::RegionName& entry : text::region_names(folded[0], folded[1])) {
    if (entry.name == folded) out.push_back(entry.region);
  }
  std::sort(out.begin(), out.end(),
            [](const Region* a, const Region* b) { return a->code < b->code; });
  return out;
}

std::vector<const Region*> region_path(std::uint32_t code) {
  std::vector<const Region*> path;
  for (const Region* region = find_region(code); region; region = find_region(region->parent)) {
    if (!region->is_grouping()) path.insert(path.begin(), region);
  }
  return path;
}

std::string region_full_name(std::uint32_t code) {
  std::string out;
  for (const Region* region : region_path(code)) out += region->name;
  return out;
}

namespace {

bool is_below(const Region& region, const Region& ancestor) {
  if (ancestor.level == 1)
    return region.code / 10'000 == ancestor.code / 10'000 && region.level > 1;
  return region.parent == ancestor.code;
}

// The region that `rest` begins with, below `ancestor` (null = anywhere): the longest name, of
// equal ones the higher level; null when two regions remain.
const Region* next_region(std::u32string_view rest, const Region* ancestor, std::size_t& length) {
  if (rest.size() < 2) return nullptr;
  const auto names = text::region_names(rest[0], rest[1]);
  for (std::size_t i = 0; i < names.size();) {
    std::size_t end = i;
    while (end < names.size() && names[end].name == names[i].name) ++end;
    if (rest.starts_with(names[i].name)) {
      const Region* best = nullptr;
      std::size_t rivals = 0;
      for (std::size_t j = i; j < end; ++j) {
        const Region* region = names[j].region;
        if (ancestor && !is_below(*region, *ancestor)) continue;
        if (!best || region->level < best->level) {
          best = region;
          rivals = 1;
        } else if (region->level == best->level) {
          ++rivals;
        }
      }
      // 朝阳区 without its city could be either of two; that it also begins with 朝阳 does not
      // help.
      if (rivals > 1) return nullptr;
      if (rivals == 1) {
        length = names[i].name.size();
        return best;
      }
    }
    i = end;
  }
  return nullptr;
}

}  // namespace

std::optional<AddressMatch> match_address(std::string_view address) {
  std::u32string text = text::normalize_code_points(address);
  text::simplify(text, text::KeptWords::Keep);
  AddressMatch match{nullptr, 0};
  const auto skip_blanks = [&] {
    while (match.consumed < text.size() &&
           (text[match.consumed] == ' ' || text[match.consumed] == ',' ||
            text[match.consumed] == '-')) {
      ++match.consumed;
    }
  };
  if (text.starts_with(U"中国")) match.consumed = 2;
  while (true) {
    const std::size_t before = match.consumed;
    skip_blanks();
    std::size_t length = 0;
    const std::u32string_view rest = std::u32string_view(text).substr(match.consumed);
    // A municipality is written twice at times: 北京市北京市朝阳区.
    if (match.region && match.region->level == 1 &&
        rest.starts_with(text::to_utf32(match.region->name))) {
      match.consumed += text::to_utf32(match.region->name).size();
      continue;
    }
    const Region* region = next_region(rest, match.region, length);
    if (!region) {
      match.consumed = before;
      break;
    }
    match.region = region;
    match.consumed += length;
  }
  if (!match.region) return std::nullopt;
  return match;
}

}  // namespace kehai::base

namespace kehai::text {
namespace {

// Built once at the first use, constant afterwards.
class RegionIndex {
 public:
  RegionIndex() {
    std::unordered_map<std::uint64_t, std::vector<RegionName>> groups;
    for (const base::Region& region : base::regions()) {
      if (region.is_grouping()) continue;
      add(groups, region, region.name);
      if (region.short_bytes) add(groups, region, region.short_name());
    }
    for (auto& [key, names] : groups) {
      std::stable_sort(names.begin(), names.end(), [](const RegionName& a, const RegionName& b) {
        return a.name.size() != b.name.size() ? a.name.size() > b.name.size() : a.name < b.name;
      });
      groups_.emplace(key, std::move(names));
    }
  }
  std::span<const RegionName> find(char32_t first, char32_t second) const {
    const auto found = groups_.find(key_of(first, second));
    if (found == groups_.end()) return {};
    return found->second;
  }

 private:
  static std::uint64_t key_of(char32_t first, char32_t second) {
    return static_cast<std::uint64_t>(first) << 32 | second;
  }
  void add(std::unordered_map<std::uint64_t, std::vector<RegionName>>& groups,
           const base::Region& region, std::string_view name) {
    texts_.push_back(to_utf32(name));
    const std::u32string& text = texts_.back();
    groups[key_of(text[0], text[1])].push_back({text, &region});
  }

  std::deque<std::u32string> texts_;  // owns what the views point to
  std::unordered_map<std::uint64_t, std::vector<RegionName>> groups_;
};

}  // namespace

std::span<const RegionName> region_names(char32_t first, char32_t second) {
  static const RegionIndex index;
  return index.find(first, second);
}

std::size_t longest_region_name(std::u32string_view text) {
  if (text.size() < 2) return 0;
  for (const RegionName& entry : region_names(text[0], text[1])) {
    const bool ordinary_word = entry.name.size() == 2 && entry.name[1] == U'区';
    if (!ordinary_word && text.starts_with(entry.name)) return entry.name.size();
  }
  return 0;
}

}  // namespace kehai::text
