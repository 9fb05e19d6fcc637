#include "modules/lead/bant.h"

namespace kehai::modules {

namespace {

// Twice the share, so that a half stays whole.
int doubled(std::string_view answer) {
  return answer == "yes" ? 2 : answer == "partly" ? 1 : 0;
}
bool is_answered(std::string_view answer) {
  return !answer.empty() && answer != "unknown";
}

}  // namespace

Bant evaluate_bant(std::string_view budget, std::string_view authority, std::string_view need,
                   std::string_view timeline) {
  Bant out;
  const int twice =
      25 * doubled(budget) + 25 * doubled(authority) + 30 * doubled(need) + 20 * doubled(timeline);
  out.score = (twice + 1) / 2;
  out.answered = static_cast<int>(is_answered(budget)) + static_cast<int>(is_answered(authority)) +
                 static_cast<int>(is_answered(need)) + static_cast<int>(is_answered(timeline));
  out.qualified = twice >= 120 && doubled(need) > 0 && out.answered >= 3;
  out.grade = twice >= 150 ? 'A' : twice >= 100 ? 'B' : 'C';
  return out;
}

}  // namespace kehai::modules
