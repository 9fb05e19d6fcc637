#include "http/address.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace kehai::http;

namespace {
bool is_public(const char* text) {
  const auto address = IpAddress::parse(text);
  REQUIRE(address);
  return address->is_public();
}
}  // namespace

TEST_CASE("what is not the open internet") {
  for (const char* text : {"127.0.0.1",
                           "127.0.0.2",
                           "0.0.0.0",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "100.100.100.200",
                           "224.0.0.1",
                           "255.255.255.255",
                           "198.18.0.1",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2001::1",
                           "2001:db8::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public(text));
  }
  for (const char* text : {"1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.255.255",
                           "100.128.0.1", "2606:4700::1111", "240e::1", "::ffff:8.8.8.8"}) {
    CAPTURE(text);
    CHECK(is_public(text));
  }
}

TEST_CASE("networks contain by prefix") {
  const auto inside = [](const char* network, const char* address) {
    return IpNetwork::parse(network)->contains(*IpAddress::parse(address));
  };
  CHECK(inside("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(inside("10.0.0.0/8", "11.0.0.1"));
  CHECK(inside("192.168.4.0/22", "192.168.7.255"));
  CHECK_FALSE(inside("192.168.4.0/22", "192.168.8.0"));
  CHECK(inside("127.0.0.1", "::ffff:127.0.0.1"));
  CHECK_FALSE(inside("127.0.0.1", "127.0.0.2"));
  CHECK(inside("fd00::/8", "fd12:3456::1"));
  CHECK(inside("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(inside("0.0.0.0/0", "2001:db8::1"));
  for (const char* broken :
       {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0", "host", "::/129"}) {
    CAPTURE(broken);
    CHECK_FALSE(IpNetwork::parse(broken));
  }
  CHECK_THROWS_AS(parse_networks({"10.0.0.0/8", "nonsense"}), kehai::base::Error);
  CHECK(IpAddress::parse("::ffff:10.0.0.1")->text() == "10.0.0.1");
}
