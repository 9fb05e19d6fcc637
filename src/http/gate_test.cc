// The raw requests of the threat model, each on its own connection and followed by a valid request:
// whatever is not understood in exactly one way gets exactly one answer, then the connection
// closes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "http/raw_client.h"

namespace {

using kehai::http::Request;
using kehai::http::Response;
using namespace kehai::http::test;

const std::string kHealth = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string kLastHealth =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

std::string get(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
  return line + "\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields, const std::string& body = "hello") {
  return "POST /x HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body;
}

struct Row {
  std::string name;
  std::string bytes;
  std::vector<int> statuses;
};

std::size_t resident_kib() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * 4;
}

std::string small_fields(int count) {
  std::string fields = "Host: localhost\r\n";
  for (int i = 0; i < count; ++i) fields += "a" + std::to_string(i) + ": b\r\n";
  return fields;
}

std::vector<Row> refused_rows() {
  const std::string host = "Host: localhost\r\n";
  return {
      {"TE gzip then CL", post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"), {400}},
      {"CL then TE gzip", post("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"), {400}},
      {"TE chunked then CL",
       post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
       {400}},
      {"CL then TE chunked",
       post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       {400}},
      {"TE xchunked", post("Transfer-Encoding: xchunked\r\n"), {400}},
      {"TE chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n"), {400}},
      {"TE with vertical tab",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            "0\r\n\r\n"),
       {400}},
      {"TE empty", post("Transfer-Encoding:\r\n"), {400}},
      {"TE gzip and TE chunked",
       post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       {400}},
      {"HTTP/1.0 with TE",
       "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400}},
      {"CL twice equal", post("Content-Length: 5\r\nContent-Length: 5\r\n"), {400}},
      {"CL list", post("Content-Length: 5, 5\r\n"), {400}},
      {"CL twice different", post("Content-Length: 5\r\nContent-Length: 6\r\n"), {400}},
      {"CL plus", post("Content-Length: +5\r\n"), {400}},
      {"CL minus", post("Content-Length: -5\r\n"), {400}},
      {"CL hexadecimal", post("Content-Length: 0x5\r\n"), {400}},
      {"CL empty", post("Content-Length: \r\n"), {400}},
      {"CL blank before colon", post("Content-Length : 5\r\n"), {400}},
      {"CL beyond 64 bits", post("Content-Length: 18446744073709551621\r\n"), {413}},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", {400}},
      {"two Hosts", get("Host: a\r\nHost: b\r\n"), {400}},
      {"two equal Hosts", get("Host: a\r\nHost: a\r\n"), {400}},
      {"Host empty", get("Host:\r\n"), {400}},
      {"Host with @", get("Host: user@localhost\r\n"), {400}},
      {"Host with /", get("Host: localhost/x\r\n"), {400}},
      {"Host with blank", get("Host: local host\r\n"), {400}},
      {"Host with comma", get("Host: a,b\r\n"), {400}},
      {"Host with bad port", get("Host: localhost:99999\r\n"), {400}},
      {"folded line", get(host + "X-A: 1\r\n 2\r\n"), {400}},
      {"folded first line", get(" X-A: 1\r\n" + host), {400}},
      {"field without colon", get(host + "nonsense\r\n"), {400}},
      {"field without name", get(host + ": 1\r\n"), {400}},
      {"bare LF after request line", "GET / HTTP/1.1\nHost: localhost\r\n\r\n", {400}},
      {"bare LF everywhere", "GET / HTTP/1.1\nHost: localhost\n\n", {400}},
      {"bare LF in fields", "GET / HTTP/1.1\r\nHost: localhost\nX: 1\r\n\r\n", {400}},
      {"bare CR in a value", get(host + "X-A: a\rb\r\n"), {400}},
      {"NUL in a value", get(host + std::string("X-A: a\0b\r\n", 10)), {400}},
      {"DEL in a value", get(host + "X-A: a\x7f\r\n"), {400}},
      {"control in a name", get(host + "X\x01: a\r\n"), {400}},
      {"NUL in the target", get(host, std::string("GET /a\0b HTTP/1.1", 17)), {400}},
      {"tab in the request line", get(host, "GET\t/\tHTTP/1.1"), {400}},
      {"two blanks in the request line", get(host, "GET  / HTTP/1.1"), {400}},
      {"blank at the end of the request line", get(host, "GET / HTTP/1.1 "), {400}},
      {"HTTP/0.9", "GET /\r\n\r\n", {400}},
      {"lower case version", get(host, "GET / http/1.1"), {400}},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}},
      {"HTTP/1.2", get(host, "GET / HTTP/1.2"), {505}},
      {"chunk size too long",
       post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
       {400}},
      {"chunk size wraps",
       post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
       {413}},
      {"chunk size with blank",
       post("Transfer-Encoding: chunked\r\n", "5 \r\nhello\r\n0\r\n\r\n"),
       {400}},
      {"chunk size with 0x",
       post("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
       {400}},
      {"chunk size negative",
       post("Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n"),
       {400}},
      {"chunk size line with LF only",
       post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
       {400}},
      {"chunk data longer than its size",
       post("Transfer-Encoding: chunked\r\n", "4\r\nhello\r\n0\r\n\r\n"),
       {400}},
      {"chunk data end with LF only",
       post("Transfer-Encoding: chunked\r\n", "5\r\nhello\n0\r\n\r\n"),
       {400}},
      {"chunk extension with a bare LF",
       post("Transfer-Encoding: chunked\r\n", "5;a=\n\r\nhello\r\n0\r\n\r\n"),
       {400}},
      {"chunk extension too long",
       post("Transfer-Encoding: chunked\r\n",
            "5;x=" + std::string(100'000, 'a') + "\r\nhello\r\n0\r\n\r\n"),
       {400}},
      {"trailer of 100 kB",
       post("Transfer-Encoding: chunked\r\n", "0\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n"),
       {400}},
      {"trailer Cookie",
       post("Transfer-Encoding: chunked\r\n", "0\r\nCookie: session=1\r\n\r\n"),
       {400}},
      {"trailer X-Forwarded-For",
       post("Transfer-Encoding: chunked\r\n", "0\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n"),
       {400}},
      {"trailer Authorization",
       post("Transfer-Encoding: chunked\r\n", "0\r\nAuthorization: Bearer x\r\n\r\n"),
       {400}},
      {"trailer Host", post("Transfer-Encoding: chunked\r\n", "0\r\nHost: evil\r\n\r\n"), {400}},
      {"one header of 9 kB", get(host + "X-A: " + std::string(9000, 'a') + "\r\n"), {431}},
      {"headers of 9 kB together",
       get(host + "X-A: " + std::string(4500, 'a') + "\r\nX-B: " + std::string(4500, 'a') + "\r\n"),
       {431}},
      {"600 small headers", get(small_fields(600)), {431}},
      {"101 headers", get(small_fields(100)), {431}},
      {"body over the limit by CL", post("Content-Length: 2000000\r\n"), {413}},
      {"body over the limit by chunks",
       post("Transfer-Encoding: chunked\r\n", "200000\r\nhello"),
       {413}},
      {"unknown Expect", post("Expect: tea\r\nContent-Length: 5\r\n"), {417}},
      {"two Expects",
       post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"),
       {400}},
      {"absolute-form, other host", get(host, "GET http://evil/ HTTP/1.1"), {400}},
      {"absolute-form, other scheme", get(host, "GET ftp://localhost/ HTTP/1.1"), {400}},
      {"absolute-form with user", get(host, "GET http://u@localhost/ HTTP/1.1"), {400}},
      {"authority-form", get(host, "GET localhost:80 HTTP/1.1"), {400}},
      {"asterisk for GET", get(host, "GET * HTTP/1.1"), {400}},
      {"//host/path", get(host, "GET //evil/path HTTP/1.1"), {400}},
      {"empty segment", get(host, "GET /a//b HTTP/1.1"), {400}},
      {"dot segments", get(host, "GET /a/../b HTTP/1.1"), {400}},
      {"escaped dot segments", get(host, "GET /a/%2e%2e/b HTTP/1.1"), {400}},
      {"half escaped dot segments", get(host, "GET /a/.%2E/b HTTP/1.1"), {400}},
      {"escaped slash", get(host, "GET /a%2Fb HTTP/1.1"), {400}},
      {"escaped backslash", get(host, "GET /a%5cb HTTP/1.1"), {400}},
      {"backslash", get(host, "GET /a\\b HTTP/1.1"), {400}},
      {"escaped NUL", get(host, "GET /a%00b HTTP/1.1"), {400}},
      {"escaped line feed", get(host, "GET /a%0ab HTTP/1.1"), {400}},
      {"overlong slash", get(host, "GET /a%c0%afb HTTP/1.1"), {400}},
      {"overlong dot", get(host, "GET /%e0%80%ae/ HTTP/1.1"), {400}},
      {"surrogate", get(host, "GET /%ed%a0%80 HTTP/1.1"), {400}},
      {"broken escape", get(host, "GET /a%2 HTTP/1.1"), {400}},
      {"broken escape in the query", get(host, "GET /a?b=%zz HTTP/1.1"), {400}},
      {"broken UTF-8 in the query", get(host, "GET /a?b=%ff HTTP/1.1"), {400}},
      {"fragment", get(host, "GET /a#b HTTP/1.1"), {400}},
      {"target of 9 kB", get(host, "GET /" + std::string(9000, 'a') + " HTTP/1.1"), {414}},
      {"TRACE", get(host, "TRACE / HTTP/1.1"), {405}},
      {"CONNECT", get(host, "CONNECT localhost:80 HTTP/1.1"), {405}},
      {"unknown method", get(host, "BREW / HTTP/1.1"), {501}},
      {"lower case method", get(host, "get / HTTP/1.1"), {501}},
      {"method with a colon", get(host, "GE:T / HTTP/1.1"), {400}},
      {"method of 64 kB", std::string(65'536, 'A'), {400}},
      {"two Authorizations", get(host + "Authorization: a\r\nAuthorization: b\r\n"), {400}},
      {"two empty lines first", "\r\n\r\n" + kHealth, {400}},
      {"websocket, no key", get(host + "Connection: Upgrade\r\nUpgrade: websocket\r\n"), {400}},
      {"websocket, wrong version",
       get(host + "Connection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: "
                  "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n"),
       {426}},
      {"websocket, foreign origin",
       get(host + "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://evil\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"),
       {403}},
      {"websocket, origin null",
       get(host + "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: null\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"),
       {403}},
      {"websocket, own origin",
       get(host + "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://localhost:80\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"),
       {400}},
      {"websocket as it should be",
       get(host + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"),
       {400}},
  };
}

}  // namespace

TEST_CASE("an ambiguous request is answered once and the connection closes") {
  RunningServer server(small_options(), echo);
  for (const Row& row : refused_rows()) {
    CAPTURE(row.name);
    RawClient client(server.port());
    client.send(row.bytes + kHealth);
    const auto replies = client.read_until_close();
    CHECK(client.closed());
    REQUIRE(replies.size() == 1);
    CHECK(std::count(row.statuses.begin(), row.statuses.end(), replies[0].status) == 1);
    CHECK(replies[0].header("connection") == "close");
    CHECK(client.bytes().empty());
  }
  RawClient client(server.port());
  CHECK(client.get("/healthz").status == 200);
}

TEST_CASE("a websocket of a wrong version is told the right one") {
  RunningServer server(small_options(), echo);
  RawClient client(server.port());
  client.send(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 8\r\n\r\n");
  const auto replies = client.read_until_close();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].status == 426);
  CHECK(replies[0].header("sec-websocket-version") == "13");
  CHECK(replies[0].header("upgrade") == "websocket");
}

TEST_CASE("a request that is only unusual is served and the connection lives") {
  RunningServer server(small_options(), echo);
  const std::string host = "Host: localhost\r\n";
  struct Served {
    std::string name;
    std::string bytes;
    std::string body;
  };
  const std::vector<Served> rows = {
      {"GET with a body", "GET /x HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello",
       "GET /x|hello"},
      {"chunked", post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
       "POST /x|hello"},
      {"Chunked, other case", post("Transfer-Encoding: Chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
       "POST /x|hello"},
      {"chunk with extension",
       post("Transfer-Encoding: chunked\r\n", "2;a=b\r\nhe\r\n3;c\r\nllo\r\n000\r\n\r\n"),
       "POST /x|hello"},
      {"CL with leading zero", post("Content-Length: 005\r\n"), "POST /x|hello"},
      {"one empty line first", "\r\n" + get(host), "GET /|"},
      {"absolute-form", get(host, "GET http://LOCALHOST/a?b=c HTTP/1.1"), "GET /a b=c|"},
      {"absolute-form without path", get(host, "GET http://localhost?b=c HTTP/1.1"), "GET / b=c|"},
      {"OPTIONS *", get(host, "OPTIONS * HTTP/1.1"), "OPTIONS *|"},
      {"escaped text", get(host, "GET /%e5%8d%8e%E4%B8%BA?q=%E7%A7%91+%2b HTTP/1.1"),
       "GET /华为 q=科 +|"},
      {"text as it is", get(host, "GET /华为?q=科技 HTTP/1.1"), "GET /华为 q=科技|"},
      {"OData", get(host, "GET /leads(1)?$filter=a%20eq%20'b'&$top=5 HTTP/1.1"),
       "GET /leads(1) $filter=a eq 'b' $top=5|"},
      {"escape is decoded once", get(host, "GET /a%2541 HTTP/1.1"), "GET /a%41|"},
      {"trailing slash", get(host, "GET /a/ HTTP/1.1"), "GET /a/|"},
      {"h2c offer",
       get(host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
       "GET /|"},
      {"Expect without a body", get(host + "Expect: 100-continue\r\n"), "GET /|"},
      {"IPv6 host", get("Host: [::1]:8080\r\n"), "GET /|"},
      {"100 headers", get(small_fields(99)), "GET /|"},
      {"value with tab and bytes above 127", get(host + "X-A: a\tb\xe5\x8d\x8e\r\n"), "GET /|"},
  };
  for (const Served& row : rows) {
    CAPTURE(row.name);
    RawClient client(server.port());
    client.send(row.bytes + kLastHealth);
    const auto replies = client.read_until_close();
    REQUIRE(replies.size() == 2);
    CHECK(replies[0].status == 200);
    CHECK(replies[0].body == row.body);
    CHECK(replies[1].body == "GET /healthz|");
  }
}

TEST_CASE("HTTP/1.0 is served without Host and closes") {
  RunningServer server(small_options(), echo);
  RawClient client(server.port());
  client.send("GET /a HTTP/1.0\r\n\r\n" + kHealth);
  const auto replies = client.read_until_close();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].status == 200);
  CHECK(replies[0].header("connection") == "close");
}

TEST_CASE("only configured host names are served") {
  auto options = small_options();
  options.host_names = {"crm.example.com", "LOCALHOST"};
  RunningServer server(std::move(options), echo);
  const auto status = [&](const std::string& host) {
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return client.read().status;
  };
  CHECK(status("crm.example.com") == 200);
  CHECK(status("CRM.example.com:8080") == 200);
  CHECK(status("localhost") == 200);
  CHECK(status("evil.example.com") == 421);
  CHECK(status("crm.example.com.evil") == 421);
  RawClient old(server.port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  CHECK(old.read().status == 400);
}

TEST_CASE("100 Continue comes only after the request was admitted") {
  auto options = small_options();
  options.admit = [](const Request& request) -> std::optional<Response> {
    if (request.header("authorization") == "yes") return std::nullopt;
    Response refused;
    refused.status = 401;
    return refused;
  };
  RunningServer server(std::move(options), echo);
  const std::string head =
      "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n";
  {
    RawClient client(server.port());
    client.send(head + "Authorization: yes\r\n\r\n");
    CHECK(client.read().status == 100);
    client.send("hello");
    CHECK(client.read().body == "POST /x|hello");
  }
  {
    RawClient client(server.port());
    client.send(head + "\r\n");
    const auto replies = client.read_until_close();
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].status == 401);
  }
  {
    RawClient client(server.port());
    client.send(
        "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
        "50000000\r\nAuthorization: yes\r\n\r\n");
    const auto replies = client.read_until_close();
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].status == 413);
  }
  {
    // Refused without a body: the connection lives.
    RawClient client(server.port());
    CHECK(client.get("/a").status == 401);
    CHECK(client.get("/b").status == 401);
  }
}

TEST_CASE("a chunk extension of 200 MiB is cut early and costs no memory") {
  RunningServer server(small_options(), echo);
  const std::size_t before = resident_kib();
  RawClient client(server.port());
  client.send(post("Transfer-Encoding: chunked\r\n", "5;x="));
  const std::string block(1U << 20U, 'a');
  int sent = 0;
  while (sent < 200 && client.send(block)) ++sent;
  CHECK(resident_kib() < before + 16 * 1024);
  RawClient other(server.port());
  CHECK(other.get("/a").status == 200);
}
