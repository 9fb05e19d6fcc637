// Writes the head of an answer into one buffer. Internal to the server. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace kehai::http {

std::string_view status_text(int status);  // "Not Found"

struct ResponseHead {
  std::optional<std::uint64_t> content_length;  // none: no such field (event streams, 204, 304)
  bool keep_alive = true;
  std::string_view date;              // IMF-fixdate
  std::string_view request_id;        // "" = none
  const Headers* defaults = nullptr;  // added unless the response has the name
};

// False when a header of the response is not fit to be sent (control characters, a framing field);
// `out` is then unchanged.
bool append_response_head(std::string& out, const Response& response, const ResponseHead& head);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::int64_t seconds_since_1970);

}  // namespace kehai::http
