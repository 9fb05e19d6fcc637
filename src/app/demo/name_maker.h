// Names and numbers of fictional companies and people (names.h), drawn one after the other. Each
// company's name comes once. Used by one thread.
#pragma once

#include <set>
#include <string>

#include "app/demo/names.h"
#include "base/random.h"

namespace kehai::app {

class NameMaker {
 public:
  explicit NameMaker(base::Random& random) : random_(random) {}

  std::string company();
  // Of the company that was named last.
  const DemoCity& city() const { return *city_; }
  const DemoTrade& trade() const { return *trade_; }
  std::string person();
  std::string mobile();

 private:
  base::Random& random_;
  std::set<std::string> companies_;
  const DemoCity* city_ = nullptr;
  const DemoTrade* trade_ = nullptr;
};

// A valid credit code that nobody has, another one for each index below 1,000.
std::string credit_code(int index);

}  // namespace kehai::app
