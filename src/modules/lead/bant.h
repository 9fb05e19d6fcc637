// BANT qualification (domain 4.6): Budget 25, Authority 25, Need 30, Timeline 20 points × {yes 1,
// partly ½, no 0, unknown 0}. Pure; safe from any thread.
#pragma once

#include <string_view>

namespace kehai::modules {

struct Bant {
  int score = 0;           // rounded half-up
  int answered = 0;        // not unknown and not empty
  bool qualified = false;  // score >= 60, need yes or partly, at least three answered
  char grade = 'C';        // A >= 75, B >= 50
};

Bant evaluate_bant(std::string_view budget, std::string_view authority, std::string_view need,
                   std::string_view timeline);

}  // namespace kehai::modules
