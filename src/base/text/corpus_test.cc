// Runs over the data sets of ../shared/data; skipped, loudly, where the folder is missing.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/region.h"
#include "base/text/company_name.h"
#include "base/text/email.h"
#include "base/text/fold.h"
#include "base/text/phone.h"
#include "base/text/pinyin.h"
#include "base/text/tokens.h"
#include "base/text/uscc.h"
#include "base/text/utf8.h"

using namespace kehai;
using namespace kehai::text;

namespace {

std::string shared_file(const std::string& name) {
  for (const char* folder : {"../shared/data/", "../../shared/data/"}) {
    if (std::filesystem::exists(folder + name)) return folder + name;
  }
  std::cout << "SKIPPED: " << name << " is not there\n";
  return {};
}

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// `"东城区"` → 东城区
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ',')
      out.emplace_back();
    else if (c != '"' && c != '\r')
      out.back() += c;
  }
  return out;
}

}  // namespace

TEST_CASE("66,546 short company names: keys, tokens and sort keys hold what they promise") {
  const std::string file = shared_file("china/names/company_short_names_dev.txt");
  if (file.empty()) return;
  const std::vector<std::string> names = lines_of(file);
  std::unordered_map<std::string, int> exact;
  std::unordered_map<std::string, int> norm;
  std::unordered_map<std::string, int> core;
  std::size_t tokens = 0;
  std::size_t token_bytes = 0;
  std::size_t unstable = 0;
  std::size_t not_found = 0;
  const FieldClass classes[] = {{'n', TokenKind::Name}};
  for (const std::string& name : names) {
    const CompanyKeys keys = company_keys(name);
    if (keys.key_exact.empty() || keys.key_norm.empty() || keys.key_core.empty()) ++unstable;
    if (company_keys(keys.key_exact).key_exact != keys.key_exact) ++unstable;
    if (company_keys(keys.key_norm).key_norm != keys.key_norm) ++unstable;
    if (company_keys(keys.key_core).key_core != keys.key_core) ++unstable;
    if (!is_valid_utf8(keys.key_norm) || !is_valid_utf8(sort_key(name))) ++unstable;
    ++exact[keys.key_exact];
    ++norm[keys.key_norm];
    ++core[keys.key_core];
    const std::vector<std::string> found = index_tokens(name, 'n');
    tokens += found.size();
    for (const std::string& token : found) token_bytes += token.size() + 1;
    const QueryTokens query = query_tokens(name);
    if (!query.empty() && !matches(query, classes, found)) ++not_found;
  }
  std::cout << "names " << names.size() << ", distinct exact " << exact.size() << ", norm "
            << norm.size() << ", core " << core.size() << ", tokens per name "
            << tokens / names.size() << ", bytes " << token_bytes / names.size() << "\n";
  CHECK(unstable == 0);
  CHECK(not_found == 0);
  CHECK(exact.size() > names.size() * 9 / 10);
}

TEST_CASE("names are found by their pinyin and initials") {
  const std::string file = shared_file("china/names/company_short_names_dev.txt");
  if (file.empty()) return;
  const std::vector<std::string> names = lines_of(file);
  const FieldClass classes[] = {{'n', TokenKind::Name}};
  std::size_t tried = 0;
  std::size_t missed = 0;
  for (std::size_t i = 0; i < names.size(); i += 7) {
    const std::u32string points = fold_code_points(names[i]);
    const bool han =
        points.size() >= 2 && points.size() <= 8 &&
        std::all_of(points.begin(), points.end(), [](char32_t c) { return is_han(c); });
    if (!han || company_keys(names[i]).key_norm != company_keys(names[i]).key_exact) continue;
    const std::vector<std::string> tokens = index_tokens(names[i], 'n');
    ++tried;
    if (!matches(query_tokens(initials(names[i])), classes, tokens)) ++missed;
    std::string spelled = pinyin(names[i]);
    std::erase(spelled, ' ');
    if (!matches(query_tokens(spelled), classes, tokens)) {
      ++missed;
      if (missed < 20) std::cout << "missed: " << names[i] << " " << spelled << "\n";
    }
  }
  std::cout << "tried " << tried << " names, missed " << missed << "\n";
  CHECK(tried > 5000);
  CHECK(missed * 500 < tried);
}

TEST_CASE("naughty strings pass through everything") {
  const std::string file = shared_file("hostile/blns.json");
  if (file.empty()) return;
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const base::Json list = base::parse_json(text);
  std::size_t count = 0;
  for (const base::Json& item : list.as_array()) {
    const std::string value(item.as_string());
    CAPTURE(value);
    ++count;
    CHECK(is_valid_utf8(value));
    CHECK(to_utf8(to_utf32(value)) == value);
    const std::string once = fold(value);
    CHECK(is_valid_utf8(once));
    CHECK(fold(once) == once);
    CHECK(sort_key(once) == sort_key(value));
    const CompanyKeys keys = company_keys(value);
    CHECK(keys.key_exact.empty() == once.empty());
    CHECK(company_keys(keys.key_exact).key_exact == keys.key_exact);
    CHECK(company_keys(keys.key_core).key_core == keys.key_core);
    CHECK(is_valid_utf8(masked_name(value)));
    const Phone phone = normalize_phone(value);
    CHECK(phone.valid() == phone.error.empty());
    CHECK(phone.valid() == !phone.number.empty());
    const Email email = normalize_email(value);
    CHECK(email.valid() == !email.domain.empty());
    CHECK(!check_uscc(value).valid());
    CHECK(is_valid_utf8(mask_phone(value) + mask_email(value)));
    for (const char field_class : {'n', 't', 'p', 'e', 'c'}) {
      const std::vector<std::string> tokens = index_tokens(value, field_class);
      const FieldClass classes[] = {{field_class, token_kind(field_class)}};
      (void)fts5_match(query_tokens(value), classes);
      CHECK(std::is_sorted(tokens.begin(), tokens.end()));
    }
  }
  CHECK(count > 400);
}

TEST_CASE("the region table is the official list") {
  const std::string folder = shared_file("china/divisions/provinces.csv");
  if (folder.empty()) return;
  std::size_t rows = 0;
  const auto compare = [&](const std::string& name, std::uint32_t factor) {
    const std::vector<std::string> lines = lines_of(shared_file("china/divisions/" + name));
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const std::vector<std::string> row = cells(lines[i]);
      const base::Region* region =
          base::find_region(static_cast<std::uint32_t>(std::stoul(row[0])) * factor);
      REQUIRE_MESSAGE(region != nullptr, lines[i]);
      CHECK_MESSAGE(region->name == row[1], lines[i]);
      ++rows;
    }
  };
  compare("provinces.csv", 10'000);
  compare("cities.csv", 100);
  compare("areas.csv", 1);
  CHECK(rows == 31 + 342 + 2978);
}

TEST_CASE("the full name of every area leads back to it") {
  std::size_t wrong = 0;
  for (const base::Region& region : base::regions()) {
    if (region.is_grouping()) continue;
    const auto match = base::match_address(base::region_full_name(region.code) + "文一西路1号");
    if (!match || match->region->code != region.code) {
      ++wrong;
      if (wrong < 10) std::cout << "not found: " << base::region_full_name(region.code) << "\n";
    }
  }
  CHECK(wrong == 0);
}
