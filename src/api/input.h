// Reads the members of a small JSON body (session, tokens, users) by name and type and collects
// what is wrong with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

namespace kehai::api {

// Take what is known, then finish(): it throws one 422 that names every missing, mistyped and
// unknown member.
class Input {
 public:
  explicit Input(base::JsonObject body) : body_(std::move(body)) {}

  std::string text(std::string_view name);  // required, not empty
  std::optional<std::string> optional_text(std::string_view name);
  // One of the words.
  std::optional<std::string> choice(std::string_view name,
                                    std::initializer_list<std::string_view> words);
  bool boolean(std::string_view name, bool fallback);
  std::optional<base::Date> optional_date(std::string_view name);
  std::int64_t id(std::string_view name);           // required
  std::int64_t optional_id(std::string_view name);  // 0 when absent or null
  std::vector<std::int64_t> ids(std::string_view name);
  void finish();

 private:
  // The member, taken out of the body; nothing when absent.
  std::optional<base::Json> take(std::string_view name);
  void wrong(std::string_view name, std::string code);

  base::JsonObject body_;
  std::vector<base::FieldError> errors_;
};

}  // namespace kehai::api
