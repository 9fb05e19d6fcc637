// The gate: turns the bytes of one request head into a Request and its framing, or refuses it.
//
// Stricter than RFC 9112 wherever two readers could understand the same bytes differently: exactly
// one Host, one framing (Content-Length or "chunked", never both), no folded lines, no bare LF, no
// control characters. Whether a head is accepted never depends on how its bytes were split. Pure:
// no sockets, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace kehai::http {

struct HeadLimits {
  std::size_t request_line = 8192;   // bytes without CRLF
  std::size_t field_section = 8192;  // bytes of all field lines
  std::size_t field_count = 100;
};

// status 0 = not refused; the reason is for metrics and logs.
struct Refusal {
  int status = 0;
  const char* reason = "";
  explicit operator bool() const { return status != 0; }
};

// Finds the end of the head in a growing buffer; looks at each byte once.
class HeadScanner {
 public:
  enum class State { NeedMore, Complete, Refused };

  explicit HeadScanner(HeadLimits limits) : limits_(limits) {}
  // `buffer` begins where this head began and only grows between calls.
  State scan(std::string_view buffer);
  std::size_t length() const {
    return position_;
  }  // of the head with its empty line, when Complete
  Refusal refusal() const { return refusal_; }
  void reset();

 private:
  State refuse(int status, const char* reason);
  State line_too_long(std::string_view line);

  HeadLimits limits_;
  std::size_t position_ = 0;  // start of the line that is being scanned
  std::size_t searched_ = 0;  // no line end before this position
  std::size_t section_ = 0;   // bytes of the field lines so far
  std::size_t fields_ = 0;
  bool request_line_seen_ = false;
  bool empty_line_skipped_ = false;
  Refusal refusal_;
};

struct Framing {
  bool chunked = false;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
  bool version_1_0 = false;

  bool has_body() const { return chunked || content_length > 0; }
};

struct HeadRules {
  // Host names (lower case, without port) that are served; empty = any.
  std::vector<std::string> host_names;
};

// `head` is a complete head as HeadScanner found it. Fills everything of `request` except body,
// remote_address, tls and id.
Refusal parse_head(std::string_view head, const HeadRules& rules, Request& request,
                   Framing& framing);

}  // namespace kehai::http
