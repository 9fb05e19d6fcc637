#include "record/reasons.h"

#include "base/text/utf8.h"

namespace kehai::record {

std::string given_reason(const WriteOptions& options, std::string_view reason_field) {
  const auto* given = options.options.if_contains(reason_field);
  if (given == nullptr || !given->is_string()) return "";
  std::string_view text(given->get_string());
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return "";
  text = text.substr(first, text.find_last_not_of(kBlank) - first + 1);
  return text::to_utf8(text::to_utf32(text).substr(0, kLongestReason));
}

base::Error asking_reason(base::Error error, std::string_view reason_field) {
  const std::string said = error.data();
  std::string data = "{\"reason_field\":\"" + std::string(reason_field) + "\"";
  data += said.size() > 2 ? "," + said.substr(1) : "}";
  error.with_data(std::move(data));
  return error;
}

}  // namespace kehai::record
