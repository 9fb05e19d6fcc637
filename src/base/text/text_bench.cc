// Time per call of the text functions over realistic names: `text_bench [FILE WITH ONE NAME A
// LINE]`.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/region.h"
#include "base/text/company_name.h"
#include "base/text/fold.h"
#include "base/text/phone.h"
#include "base/text/pinyin.h"
#include "base/text/tokens.h"
#include "base/text/uscc.h"

using namespace kehai::text;

namespace {

template <typename Function>
void measure(const char* what, const std::vector<std::string>& inputs, Function function) {
  std::size_t sink = 0;
  double best = 1e18;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& input : inputs) sink += function(input);
    const std::chrono::duration<double, std::nano> elapsed =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count() / static_cast<double>(inputs.size()));
  }
  std::printf("%-28s %8.0f ns/op  (%zu)\n", what, best, sink % 1000);
}

std::vector<std::string> company_names(const char* file) {
  std::vector<std::string> names;
  const char* places[] = {"杭州", "浙江省", "上海", "深圳市", "北京"};
  const char* trades[] = {"网络科技", "电子商务", "贸易", "機械設備", "（中国）软件"};
  const char* forms[] = {"有限公司", "股份有限公司", "有限责任公司", "集团有限公司", " Co., Ltd."};
  if (file) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line) && names.size() < 20000;) {
      const std::size_t i = names.size();
      names.push_back(std::string(places[i % 5]) + line + trades[i / 5 % 5] + forms[i / 25 % 5]);
    }
  }
  for (std::size_t i = 0; names.size() < 2000; ++i) {
    names.push_back(std::string(places[i % 5]) + "尚祈离火" + trades[i / 5 % 5] +
                    forms[i / 25 % 5]);
  }
  return names;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> names = company_names(argc > 1 ? argv[1] : nullptr);
  std::vector<std::string> phones;
  for (int i = 0; i < 1000; ++i) phones.push_back("+86 138-" + std::to_string(10000000 + i * 7919));
  const std::vector<std::string> codes(1000, "91340104MA8NE3M66N");
  const std::vector<std::string> addresses(1000, "浙江省杭州市余杭区文一西路969号");
  (void)kehai::base::match_address(addresses[0]);  // builds the index of names

  measure("fold", names, [](const std::string& x) { return fold(x).size(); });
  measure("sort_key", names, [](const std::string& x) { return sort_key(x).size(); });
  measure("pinyin", names, [](const std::string& x) { return pinyin(x).size(); });
  measure("company_keys", names,
          [](const std::string& x) { return company_keys(x).key_core.size(); });
  measure("index_tokens name", names,
          [](const std::string& x) { return index_tokens(x, 'n').size(); });
  measure("index_tokens text", names,
          [](const std::string& x) { return index_tokens(x, 't').size(); });
  measure("query_tokens", names, [](const std::string& x) { return query_tokens(x).all.size(); });
  const NameMatcher matcher("尚祈离火网络科技");
  measure("NameMatcher::score", names,
          [&](const std::string& x) { return static_cast<std::size_t>(matcher.score(x)); });
  measure("normalize_phone", phones,
          [](const std::string& x) { return normalize_phone(x).number.size(); });
  measure("check_uscc", codes, [](const std::string& x) { return check_uscc(x).code.size(); });
  measure("match_address", addresses,
          [](const std::string& x) { return kehai::base::match_address(x)->consumed; });
}
