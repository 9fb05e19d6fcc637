// What a request carries to say who sends it. Parsing only; platform/identity decides what it is
// worth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "http/message.h"

namespace kehai::api {

// Under TLS the name binds the cookie to this host and to secure connections; browsers enforce it.
std::string_view session_cookie_name(bool tls);
std::string session_cookie(bool tls, std::string_view token, std::int64_t seconds);
// Makes the browser forget the cookie.
std::string expired_session_cookie(bool tls);
// "" when there is none; the first when there are several.
std::string cookie_value(std::string_view cookie_header, std::string_view name);

struct Authorization {
  enum class Scheme { None, Bearer, Basic, Unknown };
  Scheme scheme = Scheme::None;
  std::string secret;  // Bearer: the token; Basic: the password
};
Authorization parse_authorization(std::string_view header);

// Nothing unless the whole text is standard base64 with padding.
std::optional<std::string> decode_base64(std::string_view text);

// The best of our languages for an Accept-Language header; nothing when it names none of them.
std::optional<base::Language> accepted_language(std::string_view header);

// Whether the request was made by a page of this installation or by no page at all (see
// pipeline.cc).
bool comes_from_own_page(const http::Request& request,
                         const std::vector<std::string>& allowed_origins);

}  // namespace kehai::api
