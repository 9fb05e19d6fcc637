// Reading and writing single header fields: cookies, credentials, languages, entity tags, media
// types, file names. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace kehai::base {
enum class Language;
}

namespace kehai::http {

// Value of the cookie; nothing when it is missing or when two cookies of that name differ (one of
// them was planted).
std::optional<std::string_view> cookie(const Request& request, std::string_view name);

struct CookieOptions {
  std::optional<std::int64_t> max_age;  // seconds; 0 deletes; none = until the browser closes
  bool secure = false;
  bool http_only = true;
  std::string_view same_site = "Lax";
  std::string_view path = "/";
};
// Value of Set-Cookie. The caller's value must be of token characters (a token of base/random.h
// is).
std::string set_cookie(std::string_view name, std::string_view value, const CookieOptions& options);

// "Authorization: Bearer x" → x; "" when it is something else.
std::string_view bearer_token(const Request& request);
struct BasicCredentials {
  std::string user;
  std::string password;
};
std::optional<BasicCredentials> basic_credentials(const Request& request);

// Media type of a body without parameters, in lower case: "application/json".
std::string media_type(std::string_view content_type);
// Value of a parameter, unquoted: charset, boundary. "" when missing.
std::string media_parameter(std::string_view content_type, std::string_view name);

// Items of a list like Accept-Language or Accept-Encoding with their weight in thousandths,
// heaviest first; items of weight 0 are kept (they refuse). At most 32 items; broken ones are
// skipped.
struct Weighted {
  std::string value;  // lower case
  int weight = 1000;
};
std::vector<Weighted> weighted_list(std::string_view field);

// The language that the reader prefers among ours; `fallback` when none of them is ours.
base::Language choose_language(std::string_view accept_language, base::Language fallback);
// True when the Accept field of a browser's page load names the type itself (not by */*).
bool accepts(std::string_view accept, std::string_view type);

struct EntityTag {
  bool weak = false;
  std::string value;  // without quotes
  friend bool operator==(const EntityTag&, const EntityTag&) = default;
};
struct EntityTags {
  bool any = false;  // "*"
  std::vector<EntityTag> tags;
  // Weak comparison: by value.
  bool match(std::string_view value) const;
};
// If-Match, If-None-Match. Nothing when the field is broken or longer than 64 tags.
std::optional<EntityTags> parse_entity_tags(std::string_view field);

// Content-Disposition by RFC 6266: an ASCII fallback and the UTF-8 name. Path separators, control
// characters and direction marks leave the name.
std::string content_disposition(std::string_view file_name, bool attachment = true);

std::optional<std::string> base64_decode(std::string_view text);

}  // namespace kehai::http
