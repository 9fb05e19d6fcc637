#include "base/text/pattern.h"

#include <unicode/regex.h>

namespace kehai::text {

namespace {

// In steps of ICU's matching engine, about a millisecond each.
constexpr std::int32_t kTimeLimit = 20;

icu::UnicodeString utf16(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

class IcuPattern : public Pattern {
 public:
  explicit IcuPattern(std::unique_ptr<icu::RegexPattern> pattern) : pattern_(std::move(pattern)) {}

  bool matches(std::string_view text) const override {
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString input = utf16(text);
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(input, status));
    if (U_FAILURE(status) || !matcher) return false;
    matcher->setTimeLimit(kTimeLimit, status);
    return matcher->matches(status) && U_SUCCESS(status);
  }

 private:
  std::unique_ptr<icu::RegexPattern> pattern_;
};

}  // namespace

std::shared_ptr<const Pattern> Pattern::make(std::string_view expression) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError position;
  std::unique_ptr<icu::RegexPattern> pattern(
      icu::RegexPattern::compile(utf16(expression), 0, position, status));
  if (U_FAILURE(status) || !pattern) return nullptr;
  return std::make_shared<IcuPattern>(std::move(pattern));
}

}  // namespace kehai::text
