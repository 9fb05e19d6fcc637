#include "http/request_head.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "http/encoding.h"

namespace kehai::http {
namespace {

constexpr std::size_t kMaxMethodLength = 32;
constexpr std::size_t kMaxLengthDigits = 15;  // below 2^53, so no overflow anywhere

constexpr std::array<std::string_view, 7> kServedMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                            "PATCH", "DELETE", "OPTIONS"};
// Two of one of these would let two readers pick different ones.
constexpr std::array<std::string_view, 9> kSingleFields = {
    "authorization", "content-type", "origin",         "x-csrf-token",   "if-match",
    "expect",        "referer",      "sec-fetch-site", "idempotency-key"};

// Everything that may stand in a line: visible ASCII, blank, tab, bytes above 127.
bool has_control_characters(std::string_view line) {
  for (char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return true;
  }
  return false;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  int port = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    port = port * 10 + (c - '0');
  }
  return port <= 65535;
}

// host[:port]; returns the host part, or an empty view when the syntax is wrong.
std::string_view host_of_authority(std::string_view authority) {
  if (authority.empty() || authority.size() > 255) return {};
  std::size_t end = 0;
  if (authority.front() == '[') {
    end = authority.find(']');
    if (end == std::string_view::npos || end < 3) return {};
    for (char c : authority.substr(1, end - 1)) {
      if (hex_digit(c) < 0 && c != ':' && c != '.') return {};
    }
    ++end;
  } else {
    while (end < authority.size() && authority[end] != ':') {
      const char c = to_lower_ascii(authority[end]);
      const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!letter_or_digit && c != '-' && c != '.' && c != '_') return {};
      ++end;
    }
  }
  if (end == 0) return {};
  if (end < authority.size() && (authority[end] != ':' || !is_port(authority.substr(end + 1)))) {
    return {};
  }
  return authority.substr(0, end);
}

// Whether a page of this origin came from the host that the request names.
bool is_own_origin(std::string_view origin, std::string_view host) {
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return false;  // "null" among them
  const std::string_view usual_port =
      equal_ignoring_case(origin.substr(0, scheme_end), "https") ? ":443" : ":80";
  const auto without_usual_port = [&](std::string_view authority) {
    if (authority.ends_with(usual_port)) authority.remove_suffix(usual_port.size());
    return authority;
  };
  return equal_ignoring_case(without_usual_port(origin.substr(scheme_end + 3)),
                             without_usual_port(host));
}

class HeadParser {
 public:
  HeadParser(const HeadRules& rules, Request& request, Framing& framing)
      : rules_(rules), request_(request), framing_(framing) {}

  Refusal parse(std::string_view head) {
    if (head.substr(0, 2) == "\r\n") head.remove_prefix(2);
    if (Refusal refusal = parse_request_line(next_line(head))) return refusal;
    while (true) {
      const std::string_view line = next_line(head);
      if (line.empty()) break;
      if (Refusal refusal = parse_field(line)) return refusal;
    }
    if (Refusal refusal = check_host()) return refusal;
    if (Refusal refusal = check_framing()) return refusal;
    if (Refusal refusal = check_single_fields()) return refusal;
    if (Refusal refusal = check_connection()) return refusal;
    return parse_target();
  }

 private:
  static std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    const std::string_view line = rest.substr(0, end - 1);
    rest.remove_prefix(end + 1);
    return line;
  }

  Refusal parse_request_line(std::string_view line) {
    if (has_control_characters(line) || line.find('\t') != std::string_view::npos) {
      return {400, "control_character"};
    }
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last) {
      return {400, "request_line"};
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(method) || method.size() > kMaxMethodLength) return {400, "method"};
    if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || version[6] != '.' ||
        version[5] < '0' || version[5] > '9' || version[7] < '0' || version[7] > '9') {
      return {400, "version"};
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return {505, "version"};
    framing_.version_1_0 = version == "HTTP/1.0";
    if (method == "TRACE" || method == "CONNECT") return {405, "method"};
    if (std::find(kServedMethods.begin(), kServedMethods.end(), method) == kServedMethods.end()) {
      return {501, "method"};
    }
    request_.method = method;
    request_.target = line.substr(first + 1, last - first - 1);
    if (request_.target.empty()) return {400, "target"};
    return {};
  }

  Refusal parse_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return {400, "folded_line"};
    if (has_control_characters(line)) return {400, "control_character"};
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return {400, "field_name"};
    }
    request_.headers.emplace_back(to_lower_ascii(line.substr(0, colon)),
                                  std::string(trim_blanks(line.substr(colon + 1))));
    return {};
  }

  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(request_.headers.begin(), request_.headers.end(),
                      [&](const auto& field) { return field.first == name; }));
  }

  Refusal check_host() {
    const std::size_t hosts = count("host");
    // Load balancers probe with HTTP/1.0 and no Host; with a list of names that is refused too.
    if (hosts == 0 && framing_.version_1_0 && rules_.host_names.empty()) return {};
    if (hosts != 1) return {400, "host"};
    const std::string_view host = host_of_authority(request_.header("host"));
    if (host.empty()) return {400, "host"};
    if (rules_.host_names.empty()) return {};
    const std::string lower = to_lower_ascii(host);
    if (std::find(rules_.host_names.begin(), rules_.host_names.end(), lower) ==
        rules_.host_names.end()) {
      return {421, "host_unknown"};
    }
    return {};
  }

  Refusal check_framing() {
    const std::size_t codings = count("transfer-encoding");
    const std::size_t lengths = count("content-length");
    if (codings > 0) {
      if (codings > 1 || lengths > 0 || framing_.version_1_0) return {400, "framing"};
      if (!equal_ignoring_case(request_.header("transfer-encoding"), "chunked")) {
        return {400, "transfer_encoding"};
      }
      framing_.chunked = true;
      return {};
    }
    if (lengths > 1) return {400, "framing"};
    if (lengths == 0) return {};
    const std::string_view text = request_.header("content-length");
    if (text.empty()) return {400, "content_length"};
    for (char c : text) {
      if (c < '0' || c > '9') return {400, "content_length"};
      framing_.content_length = framing_.content_length * 10 + static_cast<std::uint64_t>(c - '0');
      // A number this long is no attack on the grammar, only far too large.
      if (text.size() > kMaxLengthDigits) return {413, "body_size"};
    }
    return {};
  }

  Refusal check_single_fields() const {
    for (std::string_view name : kSingleFields) {
      if (count(name) > 1) return {400, "repeated_field"};
    }
    return {};
  }

  Refusal check_connection() {
    framing_.keep_alive = !framing_.version_1_0;
    for (const auto& [name, value] : request_.headers) {
      if (name != "connection") continue;
      for (std::string_view rest = value; !rest.empty();) {
        const std::size_t comma = rest.find(',');
        if (equal_ignoring_case(trim_blanks(rest.substr(0, comma)), "close")) {
          framing_.keep_alive = false;
        }
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      }
    }
    if (Refusal refusal = check_upgrade()) return refusal;
    if (count("expect") > 0 && !framing_.version_1_0) {
      if (!equal_ignoring_case(request_.header("expect"), "100-continue")) return {417, "expect"};
      framing_.expects_continue = true;
    }
    return {};
  }

  // There are no web sockets here: even the right request for one is refused, each wrong one for
  // what is wrong with it. Other offers (h2c) may be ignored.
  Refusal check_upgrade() const {
    if (!equal_ignoring_case(request_.header("upgrade"), "websocket")) return {};
    if (count("origin") > 0 && !is_own_origin(request_.header("origin"), request_.header("host")))
      return {403, "upgrade_origin"};
    if (count("sec-websocket-version") > 0 && request_.header("sec-websocket-version") != "13")
      return {426, "upgrade_version"};
    return {400, "upgrade"};
  }

  Refusal parse_target() {
    std::string_view target = request_.target;
    if (target == "*") {
      if (request_.method != "OPTIONS") return {400, "target"};
      request_.path = "*";
      return {};
    }
    if (target.front() != '/') {
      // absolute-form: only when it names the same host as the Host field, so that both mean the
      // same.
      const std::size_t scheme = target.find("://");
      if (scheme == std::string_view::npos) return {400, "target"};
      const std::string_view name = target.substr(0, scheme);
      if (!equal_ignoring_case(name, "http") && !equal_ignoring_case(name, "https")) {
        return {400, "target"};
      }
      target.remove_prefix(scheme + 3);
      const std::size_t path = target.find_first_of("/?#");
      if (!equal_ignoring_case(target.substr(0, path), request_.header("host"))) {
        return {400, "target"};
      }
      target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    if (target.find('#') != std::string_view::npos) return {400, "target"};
    const std::size_t mark = target.find('?');
    // Only absolute-form can leave the path out.
    auto path = canonical_path(mark == 0 ? "/" : target.substr(0, mark));
    if (!path) return {400, "target"};
    request_.path = std::move(*path);
    if (mark == std::string_view::npos) return {};
    auto query = parse_query(target.substr(mark + 1));
    if (!query) return {400, "query"};
    request_.query = std::move(*query);
    return {};
  }

  const HeadRules& rules_;
  Request& request_;
  Framing& framing_;
};

}  // namespace

HeadScanner::State HeadScanner::refuse(int status, const char* reason) {
  refusal_ = {status, reason};
  return State::Refused;
}

HeadScanner::State HeadScanner::line_too_long(std::string_view line) {
  if (request_line_seen_) return refuse(431, "field_section_size");
  const bool has_method = line.substr(0, kMaxMethodLength + 1).find(' ') != std::string_view::npos;
  return has_method ? refuse(414, "target_size") : refuse(400, "method");
}

// A limit always counts before the bytes of the same line are judged: only so is the verdict the
// same for every split of the input.
HeadScanner::State HeadScanner::scan(std::string_view buffer) {
  if (refusal_) return State::Refused;
  while (true) {
    const std::size_t limit =
        request_line_seen_ ? limits_.field_section - section_ : limits_.request_line;
    const std::size_t found = buffer.find('\n', searched_);
    const bool complete = found != std::string_view::npos;
    const std::string_view line =
        buffer.substr(position_, (complete ? found : buffer.size()) - position_);
    // One byte more than the limit may be the CR.
    if (line.size() > limit + 1) return line_too_long(line);
    if (!complete) {
      searched_ = buffer.size();
      return State::NeedMore;
    }
    if (line.empty() || line.back() != '\r') return refuse(400, "bare_line_feed");
    const bool empty = line.size() == 1;
    position_ = searched_ = found + 1;
    if (!request_line_seen_) {
      if (empty) {
        if (empty_line_skipped_) return refuse(400, "request_line");
        empty_line_skipped_ = true;
        continue;
      }
      request_line_seen_ = true;
      continue;
    }
    if (empty) return State::Complete;
    if (++fields_ > limits_.field_count) return refuse(431, "field_count");
    section_ += std::min(line.size() - 1, limits_.field_section - section_);
  }
}

Refusal parse_head(std::string_view head, const HeadRules& rules, Request& request,
                   Framing& framing) {
  return HeadParser(rules, request, framing).parse(head);
}

void HeadScanner::reset() {
  *this = HeadScanner(limits_);
}

}  // namespace kehai::http
