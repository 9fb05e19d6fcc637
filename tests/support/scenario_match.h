// Captured values of a scenario file, their use in texts and JSON, and the comparison of an answer
// with what is expected.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"

namespace kehai::scenario {

class Captures {
 public:
  // Throws std::runtime_error for names of query options and for values that are neither text nor
  // number.
  void set(const std::string& name, base::Json value);
  const base::Json* find(std::string_view name) const;
  // $name → the value as text; unknown names stay.
  std::string in_text(std::string_view text) const;
  // "$name" as a whole string → the value itself; inside a string → its text.
  base::Json in_json(const base::Json& json) const;

 private:
  std::map<std::string, base::Json, std::less<>> values_;
};

// "" when `actual` contains what is expected, else where and how it differs. Captures "$name"
// strings.
std::string difference(const base::Json& expected, const base::Json* actual, Captures& captures,
                       const std::string& place = "");

}  // namespace kehai::scenario
