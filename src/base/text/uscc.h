// Registration numbers of organisations: the unified social credit code (统一社会信用代码, GB
// 32100-2015), the older 15-digit number, and Taiwan's 統一編號. Pure functions, safe from any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace kehai::text {

enum class UsccFault { None, Empty, Length, Alphabet, Division, Checksum };

struct Uscc {
  // Upper case, half width, without spaces and without a copy suffix such as (1-1). Kept when
  // faulty, too.
  std::string code;
  UsccFault fault = UsccFault::None;
  bool is_copy = false;        // a copy suffix was cut off
  bool legacy = false;         // an old 15-digit number: stored as text, with a warning
  bool inner_check_ok = true;  // the organisation code inside (GB 11714); a warning only
  char expected_check = 0;     // with fault Checksum: the last character that would fit
  std::string suggestion;      // a valid code with O read as 0 and I as 1; never applied silently

  bool valid() const { return fault == UsccFault::None && !legacy; }
  // "uscc.length", "uscc.alphabet", "uscc.division", "uscc.checksum", "uscc.empty"; "" when fine.
  std::string_view error() const;
};
Uscc check_uscc(std::string_view text);

// Taiwan's 統一編號: 8 digits with a check sum.
bool is_taiwan_company_number(std::string_view text);

}  // namespace kehai::text
