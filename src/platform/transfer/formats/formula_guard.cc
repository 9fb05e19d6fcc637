#include "platform/transfer/formats/formula_guard.h"

#include <algorithm>
#include <array>

namespace kehai::platform {

namespace {

// = + - @ and their full-width twins, which East Asian versions of spreadsheet programs accept as
// well.
constexpr std::array<std::string_view, 11> kStarts = {
    "=",           "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
    "\xEF\xBC\xA0"};

bool is_dangerous(std::string_view text) {
  // Programs that trim see the formula behind the blanks.
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return text.substr(0, start.size()) == start; });
}

// One sign, then digits with blanks, commas and points: nothing to compute.
bool is_plain_number(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-') || text[1] < '0' || text[1] > '9')
    return false;
  if (text.back() == '%') text.remove_suffix(1);
  return text.find_first_not_of("0123456789 .,", 1) == std::string_view::npos;
}

std::string_view behind_apostrophes(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
  return text;
}

}  // namespace

bool needs_formula_guard(std::string_view text) {
  if (text.empty()) return false;
  // An apostrophe of its own before a formula also gets one, or it would be taken for the guard.
  if (text[0] == '\'') return is_dangerous(behind_apostrophes(text));
  return is_dangerous(text) && !is_plain_number(text);
}

std::string guard_formula(std::string_view text) {
  std::string guarded;
  if (needs_formula_guard(text)) guarded = "'";
  guarded += text;
  return guarded;
}

std::string_view unguard_formula(std::string_view text) {
  if (!text.empty() && text[0] == '\'' && is_dangerous(behind_apostrophes(text)))
    text.remove_prefix(1);
  return text;
}

}  // namespace kehai::platform
