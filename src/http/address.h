// IP addresses and networks as values: who may be believed as a proxy, where outbound calls may go.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace kehai::http {

// IPv4 is kept as IPv4-mapped IPv6, so one address has one value.
class IpAddress {
 public:
  static std::optional<IpAddress> parse(std::string_view text);
  static std::optional<IpAddress> of(const sockaddr* address);

  bool is_v4() const;
  std::string text() const;
  // Reachable on the open internet: not loopback, private, link-local, shared, multicast,
  // documentation, reserved or an IPv6 form that embeds such an IPv4 address (mapped, compatible,
  // 6to4, NAT64, Teredo).
  bool is_public() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// "10.0.0.0/8", "fd00::/8", or a single address.
class IpNetwork {
 public:
  static std::optional<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& address) const;

 private:
  IpAddress base_;
  int prefix_ = 128;  // of the 128-bit form
};

bool contains(const std::vector<IpNetwork>& networks, const IpAddress& address);
// Throws Error Invalid "http.network" {text} for the first that cannot be read.
std::vector<IpNetwork> parse_networks(const std::vector<std::string>& texts);

}  // namespace kehai::http
