#include <algorithm>
#include <cstdint>

#include "base/text/company_name.h"
#include "base/text/pinyin.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

constexpr int kFull = 10'000;
constexpr int kPrefixScore = 9'000;
constexpr int kPinyinScore = 8'800;
// Names longer than this are compared by their beginning; the database admits 200 characters.
constexpr std::size_t kMaxCompared = 64;

int rounded_share(std::size_t part, std::size_t whole) {
  return static_cast<int>((part * kFull * 2 + whole) / (2 * whole));
}

std::vector<std::uint64_t> sorted_pairs(std::u32string_view text) {
  std::vector<std::uint64_t> pairs;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    pairs.push_back(static_cast<std::uint64_t>(text[i]) << 32 | text[i + 1]);
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

std::size_t edit_distance(std::u32string_view a, std::u32string_view b) {
  std::size_t row[kMaxCompared + 1];
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row[b.size()];
}

int dice(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  if (a.empty() || b.empty()) return 0;
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j])
      ++common, ++i, ++j;
    else if (a[i] < b[j])
      ++i;
    else
      ++j;
  }
  return rounded_share(2 * common, a.size() + b.size());
}

std::string toneless(std::u32string_view text) {
  std::string out;
  const std::vector<ReadCharacter> characters = read(text, NameKind::Text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (characters[i].reading != kNoReading)
      out += syllable(characters[i].reading);
    else
      append_utf8(out, text[i]);
    out += ' ';
  }
  return out;
}

std::u32string comparable(std::string_view core) {
  std::u32string text = to_utf32(core);
  if (text.size() > kMaxCompared) text.resize(kMaxCompared);
  return text;
}

}  // namespace

NameMatcher::NameMatcher(std::string_view core)
    : core_(comparable(core)), pairs_(sorted_pairs(core_)), pinyin_(toneless(core_)) {}

int NameMatcher::score(std::string_view other_core) const {
  const std::u32string other = comparable(other_core);
  if (core_.empty() || other.empty()) return 0;
  if (core_ == other) return kFull;
  const std::size_t longest = std::max(core_.size(), other.size());
  const std::size_t shortest = std::min(core_.size(), other.size());
  int best = rounded_share(longest - edit_distance(core_, other), longest);
  best = std::max(best, dice(pairs_, sorted_pairs(other)));
  if (shortest >= 2 &&
      std::equal(core_.begin(), core_.begin() + static_cast<std::ptrdiff_t>(shortest),
                 other.begin())) {
    best = std::max(best, kPrefixScore);
  }
  if (best < kPinyinScore && core_.size() == other.size() && pinyin_ == toneless(other))
    best = kPinyinScore;
  return best;
}

int name_similarity(std::string_view core_a, std::string_view core_b) {
  return NameMatcher(core_a).score(core_b);
}

}  // namespace kehai::text
