#include "app/demo/name_maker.h"

#include "base/text/uscc.h"

namespace kehai::app {

std::string NameMaker::company() {
  for (;;) {
    const auto& city = pick(random_, kCities);
    city_ = &city;
    trade_ = &pick(random_, kTrades);
    std::string name = std::string(city.name) + pick(random_, kBrands) + trade_->name + "有限公司";
    if (companies_.insert(name).second) return name;
  }
}

std::string NameMaker::person() {
  return std::string(pick(random_, kSurnames)) + pick(random_, kGivenNames);
}

std::string NameMaker::mobile() {
  static constexpr const char* kPrefixes[] = {"138", "139", "136", "159",
                                              "186", "188", "177", "152"};
  std::string number = kPrefixes[random_.below(8)];
  for (int i = 0; i < 8; ++i) number += static_cast<char>('0' + random_.below(10));
  return number;
}

std::string credit_code(int index) {
  constexpr int kFirst = 600'000;
  std::string code = "91330106MA2" + std::to_string(kFirst + index) + "0";
  if (const char check = text::check_uscc(code).expected_check; check != 0) code.back() = check;
  return code;
}

}  // namespace kehai::app
