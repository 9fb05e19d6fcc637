// The only way out: every outbound HTTP call (webhooks, imports by address, tests of them) goes
// through here.
//
// The address is checked when the connection is made, after name resolution, so neither names that
// resolve to inner addresses nor rebinding nor unusual spellings of an address reach the inner
// network. No redirects are followed, no proxy of the environment is used, time and size are
// capped. Connections to a checked address are kept for the next call. Blocking; any thread; one
// object serves many threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/message.h"

namespace kehai::http {

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds total_timeout{15'000};
  std::uint64_t response_limit = 1U << 20U;  // bytes of the body
  // Networks (CIDR) that may be called although they are not public.
  std::vector<std::string> allowed_networks;
  std::string certificate_authorities;  // PEM file; "" = the system's
  std::string user_agent = "Kehai";
};

struct ClientRequest {
  std::string method = "POST";
  std::string url;  // http or https, no user and password in it
  Headers headers;
  std::string body;
};

struct ClientResponse {
  int status = 0;
  Headers headers;  // names lower case
  std::string body;
  std::chrono::milliseconds duration{0};
};

// Whether a call can go there at all. Throws Error Invalid "outbound.url".
void check_url(const std::string& url);

class Client {
 public:
  // Throws Error Invalid "http.network".
  explicit Client(ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Throws Error Invalid "outbound.url" or "outbound.header", Forbidden "outbound.address" (the
  // same whatever listens there), Unavailable "outbound.failed" (detail only for the log),
  // Unavailable "outbound.timeout", TooLarge "outbound.response_size". `is_cancelled` is asked
  // about once a second; when it says yes, Unavailable "outbound.cancelled".
  ClientResponse send(const ClientRequest& request,
                      const std::function<bool()>& is_cancelled = {}) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace kehai::http
