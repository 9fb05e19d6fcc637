#include "http/client.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>

#include "base/error.h"
#include "http/raw_client.h"

namespace {

using namespace kehai::http;
using namespace kehai::http::test;
using kehai::base::Error;

std::string code_of(const Client& client, const ClientRequest& request) {
  try {
    return std::to_string(client.send(request).status);
  } catch (const Error& error) {
    return error.code();
  }
}

ClientOptions loopback() {
  ClientOptions options;
  options.allowed_networks = {"127.0.0.1"};
  return options;
}

}  // namespace

TEST_CASE("a call arrives with method, headers and body, and the answer comes back") {
  RunningServer server(small_options(), [](const Request& request) {
    Response response;
    response.status = 201;
    response.header("X-Seen", std::string(request.header("x-event")));
    response.body = request.method + " " + request.path + " " + request.body;
    return response;
  });
  const std::string base = "http://127.0.0.1:" + std::to_string(server.port());
  const Client client(loopback());
  const auto answer =
      client.send({"POST", base + "/hook?a=b", {{"X-Event", "lead.created"}}, "{}"});
  CHECK(answer.status == 201);
  CHECK(answer.body == "POST /hook {}");
  bool seen = false;
  for (const auto& [name, value] : answer.headers)
    seen = seen || (name == "x-seen" && value == "lead.created");
  CHECK(seen);
  CHECK(client.send({"GET", base + "/", {}, ""}).body == "GET / ");
  CHECK(client.send({"HEAD", base + "/", {}, ""}).body.empty());
  CHECK(client.send({"POST", base + "/", {}, ""}).body == "POST / ");
  CHECK(client.send({"PUT", base + "/", {}, std::string(100'000, 'a')}).body.size() == 100'006);
}

TEST_CASE("inner addresses are refused however they are written, open port or not") {
  std::atomic<int> requests{0};
  RunningServer server(small_options(), [&](const Request&) {
    ++requests;
    return Response();
  });
  const std::string port = ":" + std::to_string(server.port());
  // A proxy of the environment must not become the way around the check.
  ::setenv("http_proxy", ("http://127.0.0.1" + port).c_str(), 1);
  const Client client(ClientOptions{});
  for (const std::string& host :
       {std::string("127.0.0.1"), std::string("localhost"), std::string("127.1"),
        std::string("2130706433"), std::string("0x7f.1"), std::string("0177.0.0.1"),
        std::string("0.0.0.0"), std::string("[::1]"), std::string("[::ffff:127.0.0.1]"),
        std::string("[::ffff:7f00:1]"), std::string("169.254.169.254"), std::string("10.0.0.1"),
        std::string("192.168.0.1")}) {
    CAPTURE(host);
    CHECK(code_of(client, {"GET", "http://" + host + port + "/", {}, ""}) == "outbound.address");
    CHECK(code_of(client, {"GET", "http://" + host + ":1/", {}, ""}) == "outbound.address");
  }
  ::unsetenv("http_proxy");
  CHECK(requests == 0);
  CHECK(server.server.connections() == 0);
  // The list allows one address, not its neighbours.
  const Client allowed(loopback());
  CHECK(code_of(allowed, {"GET", "http://127.0.0.1" + port + "/", {}, ""}) == "200");
  CHECK(code_of(allowed, {"GET", "http://127.0.0.2" + port + "/", {}, ""}) == "outbound.address");
}

TEST_CASE("redirects are handed back, not followed") {
  std::atomic<int> requests{0};
  RunningServer server(small_options(), [&](const Request&) {
    ++requests;
    Response response;
    response.status = 302;
    response.header("Location", "http://169.254.169.254/");
    return response;
  });
  const Client client(loopback());
  CHECK(
      code_of(client, {"GET", "http://127.0.0.1:" + std::to_string(server.port()) + "/", {}, ""}) ==
      "302");
  CHECK(requests == 1);
}

TEST_CASE("time and size are capped") {
  RunningServer server(small_options(), [](const Request& request) {
    Response response;
    if (request.path == "/large") response.body.assign(2'000'000, 'x');
    // Never ends.
    if (request.path == "/slow") response.stream = [](const std::shared_ptr<EventStream>&) {};
    return response;
  });
  const std::string base = "http://127.0.0.1:" + std::to_string(server.port());
  const Client client(loopback());
  CHECK(code_of(client, {"GET", base + "/large", {}, ""}) == "outbound.response_size");
  auto hasty = loopback();
  hasty.total_timeout = std::chrono::milliseconds(200);
  CHECK(code_of(Client(hasty), {"GET", base + "/slow", {}, ""}) == "outbound.timeout");
  CHECK(code_of(client, {"GET", base + "/", {}, ""}) == "200");
  CHECK(code_of(client, {"GET", "http://127.0.0.1:1/", {}, ""}) == "outbound.failed");
}

TEST_CASE("only http and https, no credentials, no header injection") {
  const Client client(loopback());
  for (const char* url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://", "127.0.0.1",
        "http://user:pass@127.0.0.1/", "http://a@127.0.0.1/", "http://127.0.0.1/\r\nX: 1",
        "http://127.0.0.1\\@example.com/", "//127.0.0.1/", "http:///x", ""}) {
    CAPTURE(url);
    CHECK(code_of(client, {"GET", url, {}, ""}) == "outbound.url");
  }
  CHECK(code_of(client, {"GET", "http://127.0.0.1:1/", {{"X-A", "b\r\nX-C: d"}}, ""}) ==
        "outbound.header");
  CHECK(code_of(client, {"GET", "http://127.0.0.1:1/", {{"X A", "b"}}, ""}) == "outbound.header");
  CHECK(code_of(client, {"GET / HTTP/1.1\r\nX:", "http://127.0.0.1:1/", {}, ""}) ==
        "outbound.header");
  ClientOptions broken;
  broken.allowed_networks = {"nonsense"};
  CHECK_THROWS_AS(Client{broken}, Error);
}
