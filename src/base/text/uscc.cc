#include "base/text/uscc.h"

#include <algorithm>

#include "base/text/fold.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr int kWeights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
constexpr int kInnerWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
constexpr std::size_t kLength = 18;
constexpr std::size_t kLegacyLength = 15;

char check_character(std::string_view code) {
  int sum = 0;
  for (std::size_t i = 0; i < kLength - 1; ++i) {
    sum += static_cast<int>(kAlphabet.find(code[i])) * kWeights[i];
  }
  return kAlphabet[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

bool inner_check(std::string_view organisation) {
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const char c = organisation[i];
    sum += (c <= '9' ? c - '0' : c - 'A' + 10) * kInnerWeights[i];
  }
  const int check = 11 - sum % 11;
  const char expected = check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
  return organisation[8] == expected;
}

bool is_code_digit(char c) {
  return c >= '0' && c <= '9';
}

UsccFault fault_of(std::string_view code) {
  if (code.empty()) return UsccFault::Empty;
  if (count_code_points(code) != kLength) return UsccFault::Length;
  const auto known = [](char c) { return kAlphabet.find(c) != std::string_view::npos; };
  if (!std::all_of(code.begin(), code.end(), known)) return UsccFault::Alphabet;
  if (!std::all_of(code.begin() + 2, code.begin() + 8, is_code_digit)) return UsccFault::Division;
  return check_character(code) == code.back() ? UsccFault::None : UsccFault::Checksum;
}

// "(1-1)", "(2-1)" or "1-1" behind the code says which copy of the licence it was read from.
bool trim_copy_suffix(std::string& code) {
  const auto is_suffix = [](std::string_view text) {
    if (text.size() >= 2 && text.front() == '(' && text.back() == ')')
      text = text.substr(1, text.size() - 2);
    const std::size_t dash = text.find('-');
    return dash != std::string_view::npos && dash > 0 && dash < text.size() - 1 &&
           text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) {
             return is_code_digit(c) || c == '-';
           });
  };
  for (const std::size_t length : {kLength, kLegacyLength}) {
    if (code.size() > length && is_suffix(std::string_view(code).substr(length))) {
      code.resize(length);
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view Uscc::error() const {
  switch (fault) {
    case UsccFault::Empty:
      return "uscc.empty";
    case UsccFault::Length:
      return "uscc.length";
    case UsccFault::Alphabet:
      return "uscc.alphabet";
    case UsccFault::Division:
      return "uscc.division";
    case UsccFault::Checksum:
      return "uscc.checksum";
    case UsccFault::None:
      break;
  }
  return {};
}

Uscc check_uscc(std::string_view text) {
  Uscc result;
  for (const char32_t c : normalize_code_points(text)) {
    if (c == ' ' || c == '\t') continue;
    append_utf8(result.code, c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  result.is_copy = trim_copy_suffix(result.code);
  if (result.code.size() == kLegacyLength &&
      std::all_of(result.code.begin(), result.code.end(), is_code_digit)) {
    result.legacy = true;
    return result;
  }
  result.fault = fault_of(result.code);
  if (result.fault == UsccFault::None) {
    result.inner_check_ok = inner_check(std::string_view(result.code).substr(8, 9));
  } else if (result.fault == UsccFault::Checksum) {
    result.expected_check = check_character(result.code);
  } else if (result.fault == UsccFault::Alphabet) {
    std::string guess = result.code;
    std::replace(guess.begin(), guess.end(), 'O', '0');
    std::replace(guess.begin(), guess.end(), 'I', '1');
    if (fault_of(guess) == UsccFault::None) result.suggestion = guess;
  }
  return result;
}

bool is_taiwan_company_number(std::string_view text) {
  const std::string code = to_utf8(normalize_code_points(text));
  if (code.size() != 8 || !std::all_of(code.begin(), code.end(), is_code_digit)) return false;
  constexpr int kTaiwanWeights[] = {1, 2, 1, 2, 1, 2, 4, 1};
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const int product = (code[i] - '0') * kTaiwanWeights[i];
    sum += product / 10 + product % 10;
  }
  return sum % 5 == 0 || (code[6] == '7' && (sum + 1) % 5 == 0);
}

}  // namespace kehai::text
