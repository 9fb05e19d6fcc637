// A regular expression that a whole value must match, for the rule "pattern" of text fields.
//
// ICU's syntax; ^ and $ need not be written. Immutable; safe from any thread.
#pragma once

#include <memory>
#include <string_view>

namespace kehai::text {

class Pattern {
 public:
  // Null when the expression is wrong.
  static std::shared_ptr<const Pattern> make(std::string_view expression);
  virtual ~Pattern() = default;
  // False also for a text on which the expression takes too long: a definition's author must not be
  // able to stop the server.
  virtual bool matches(std::string_view text) const = 0;
};

}  // namespace kehai::text
