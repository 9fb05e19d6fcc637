// Requests, deadlines and sizes, against a running server.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "http/server_fixture.h"

namespace {

using namespace kehai::http;
using namespace kehai::http::test;

}  // namespace

TEST_CASE("keep-alive: many requests on one connection, pipelined or not") {
  RunningServer server(small_options(), echo);
  RawClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    const Reply reply = client.get("/" + std::to_string(i));
    REQUIRE(reply.body == "GET /" + std::to_string(i) + "|");
    CHECK(reply.header("connection").empty());
  }
  std::string many;
  for (int i = 0; i < 500; ++i) many += get("/" + std::to_string(i));
  client.send(many);
  for (int i = 0; i < 500; ++i) REQUIRE(client.read().body == "GET /" + std::to_string(i) + "|");
  CHECK(server.server.connections() == 1);
}

TEST_CASE("the head of an answer") {
  auto options = small_options();
  options.headers = {{"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "no-store"}};
  RunningServer server(std::move(options), [](const Request& request) {
    Response response = text("body");
    if (request.path == "/own") response.header("cache-control", "max-age=5");
    if (request.path == "/204") response.status = 204;
    if (request.path == "/304") response.status = 304;
    if (request.path == "/split") response.header("X-Name", "a\r\nSet-Cookie: b=c");
    if (request.path == "/framing") response.header("Content-Length", "1");
    return response;
  });
  RawClient client(server.port());
  const Reply plain = client.get("/");
  CHECK(plain.header("content-length") == "4");
  CHECK(plain.header("x-content-type-options") == "nosniff");
  CHECK(plain.header("cache-control") == "no-store");
  CHECK(plain.header("server").empty());
  CHECK(plain.header("date").size() == 29);
  CHECK(plain.header("x-request-id").size() >= 14);
  const Reply own = client.get("/own");
  CHECK(own.head.find("no-store") == std::string::npos);
  CHECK(own.header("cache-control") == "max-age=5");
  const Reply empty = client.get("/204");
  CHECK(empty.status == 204);
  CHECK(empty.head.find("Content-Length") == std::string::npos);
  CHECK(client.get("/304").status == 304);
  // What cannot be sent safely becomes a 500, not a second header.
  const Reply split = client.get("/split");
  CHECK(split.status == 500);
  CHECK(split.head.find("Set-Cookie") == std::string::npos);
  CHECK(client.get("/framing").status == 500);
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Reply head = client.read(true);
  CHECK(head.header("content-length") == "4");
  CHECK(client.get("/").body == "body");
}

TEST_CASE("an exception in a handler is a 500 and nothing else") {
  auto options = small_options();
  RunningServer server(options,
                       [](const Request&) -> Response { throw std::runtime_error("secret"); });
  RawClient client(server.port());
  const Reply reply = client.get("/");
  CHECK(reply.status == 500);
  CHECK(reply.body.find("secret") == std::string::npos);
  CHECK(client.get("/").status == 500);

  options.failure = [](const Request& request, std::exception_ptr) {
    Response response = text("sorry " + request.id);
    response.status = 503;
    return response;
  };
  RunningServer polite(options, [](const Request&) -> Response { throw 1; });
  RawClient other(polite.port());
  const Reply mapped = other.get("/");
  CHECK(mapped.status == 503);
  CHECK(mapped.body == "sorry " + mapped.header("x-request-id"));
}

TEST_CASE("a request that does not arrive in time is cut") {
  auto options = small_options();
  options.deadlines.header = milliseconds(200);
  options.deadlines.idle = milliseconds(300);
  options.deadlines.body = milliseconds(200);
  options.deadlines.body_rate = 1000;
  RunningServer server(options, echo);
  const auto started = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::steady_clock::now() - started; };

  SUBCASE("nothing at all") {
    RawClient client(server.port());
    CHECK(client.read_until_close().empty());
    CHECK(client.closed());
    CHECK(elapsed() >= milliseconds(150));
  }
  SUBCASE("a head that comes byte by byte") {
    RawClient client(server.port());
    const std::string head = get("/", "X-Slow: " + std::string(1000, 'a') + "\r\n");
    for (std::size_t i = 0; i < head.size() && !client.closed(); ++i) {
      client.send(head.substr(i, 1));
      client.receive(10);
    }
    CHECK(client.closed());
    CHECK(client.bytes().substr(0, 12) == "HTTP/1.1 408");
    CHECK(elapsed() < milliseconds(5000));
  }
  SUBCASE("a body below the minimum rate") {
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
    while (!client.closed() && elapsed() < milliseconds(8000)) {
      client.send("a");  // about 50 bytes a second
      client.receive(20);
    }
    CHECK(client.closed());
    CHECK(client.bytes().substr(0, 12) == "HTTP/1.1 408");
    CHECK(elapsed() < milliseconds(5000));
  }
  SUBCASE("a chunked body without end") {
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    const auto replies = client.read_until_close();
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].status == 408);
  }
  SUBCASE("no next request") {
    RawClient client(server.port());
    CHECK(client.get("/").status == 200);
    CHECK(client.read_until_close().empty());
    CHECK(client.closed());
    CHECK(elapsed() >= milliseconds(250));
  }
}

TEST_CASE("a body above the minimum rate may take longer than the first deadline") {
  auto options = small_options();
  options.deadlines.body = milliseconds(100);
  options.deadlines.body_rate = 1000;
  RunningServer server(options, echo);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    client.send(std::string(100, 'a'));  // 100 bytes each 40 ms
    client.receive(40);
  }
  CHECK(client.read().status == 200);
}

TEST_CASE("a full queue is answered 503 at once, with Retry-After") {
  Latch latch;
  auto options = small_options();
  options.normal = {2, 2};
  options.lane = [](const Request& request) {
    return request.path == "/healthz" ? Lane::Inline : Lane::Normal;
  };
  Metrics metrics;
  options.metrics = &metrics;
  RunningServer server(options, [&](const Request& request) {
    if (request.path != "/healthz") latch.pass();
    return text("ok");
  });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(get("/work"));
  }
  latch.wait_for(2);
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(get("/work"));
  }
  // Two wait, two are refused; which ones is the kernel's choice.
  int refused = 0;
  CHECK(eventually([&] {
    refused = 0;
    for (auto& client : clients) {
      client->receive(1);
      if (client->bytes().substr(0, 12) == "HTTP/1.1 503") ++refused;
    }
    return refused == 2;
  }));
  RawClient health(server.port());
  CHECK(health.get("/healthz").status == 200);
  latch.open();
  int served = 0;
  for (auto& client : clients) {
    const Reply reply = client->read();
    if (reply.status == 200) ++served;
    if (reply.status == 503) {
      CHECK(reply.header("retry-after") == "1");
      CHECK(reply.header("connection").empty());
      CHECK(client->get("/again").status == 200);
    }
  }
  CHECK(served == 4);
  CHECK(metrics.text().find("kehai_http_refused_total{reason=\"queue_full\"} 2") !=
        std::string::npos);
}

TEST_CASE("a request that waited too long for a worker is answered 503 without being run") {
  Latch latch;
  auto options = small_options();
  options.normal = {1, 8};
  options.deadlines.queue = milliseconds(400);
  std::atomic<int> runs{0};
  RunningServer server(options, [&](const Request&) {
    ++runs;
    latch.pass();
    return text("ok");
  });
  RawClient first(server.port());
  first.send(get("/1"));
  latch.wait_for(1);
  RawClient second(server.port());
  second.send(get("/2"));
  CHECK_FALSE(second.receive(500));
  latch.open();
  CHECK(first.read().status == 200);
  CHECK(second.read().status == 503);
  CHECK(runs == 1);
}

TEST_CASE("10,000 pipelined requests without reading the answers stay bounded") {
  auto options = small_options();
  options.deadlines.write_stall = milliseconds(300);
  std::atomic<int> handled{0};
  RunningServer server(options, [&](const Request&) {
    ++handled;
    return text(std::string(20'000, 'x'));
  });
  RawClient client(server.port(), 4096);
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += get("/" + std::to_string(i));
  std::size_t sent = 0;
  // Sends until the kernel's buffers are full and the server gives up; never reads.
  CHECK(eventually([&] {
    if (sent < many.size()) {
      const ssize_t now = client.send_some(std::string_view(many).substr(sent));
      if (now > 0) sent += static_cast<std::size_t>(now);
    }
    return handled > 0 && server.server.connections() == 0;
  }));
  CHECK(handled < 1000);
  RawClient other(server.port());
  CHECK(other.get("/").status == 200);
}

TEST_CASE("large answers and files reach a slow reader completely") {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("kehai-http-test-" + std::to_string(::getpid())))
          .string();
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += std::to_string(i) + "\n";
  std::ofstream(path, std::ios::binary) << content;
  static constexpr std::string_view kAsset = "embedded";
  RunningServer server(small_options(), [&](const Request& request) {
    Response response;
    if (request.path == "/file") response.file = path;
    if (request.path == "/missing") response.file = path + ".missing";
    if (request.path == "/directory") response.file = "/";
    if (request.path == "/asset") response.static_body = kAsset;
    if (request.path == "/memory") response.body = content;
    return response;
  });
  RawClient client(server.port(), 8192);
  client.send(get("/file") + get("/asset") + get("/memory") + get("/missing") + get("/directory"));
  CHECK(client.read().body == content);
  CHECK(client.read().body == "embedded");
  CHECK(client.read().body == content);
  CHECK(client.read().status == 500);
  CHECK(client.read().status == 500);
  client.send("HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read(true).header("content-length") == std::to_string(content.size()));
  CHECK(client.get("/asset").body == "embedded");
  std::filesystem::remove(path);
}

TEST_CASE("upload: its own limit, to a file above the threshold, memory bounded") {
  auto options = small_options();
  options.body_limit_for = [](const Request& request) -> std::uint64_t {
    return request.path == "/upload" ? 8U << 20U : 1000;
  };
  options.spool_above = 100'000;
  Metrics metrics;
  options.metrics = &metrics;
  options.body_memory = 150'000;
  RunningServer server(options, [](const Request& request) {
    if (!request.body_file) return text("memory " + std::to_string(request.body.size()));
    std::string tail(10, ' ');
    const auto got =
        request.body_file->read(request.body_file->size() - 5, tail.data(), tail.size());
    return text("file " + std::to_string(request.body_file->size()) + " " + tail.substr(0, got));
  });
  const auto post = [](const std::string& target, std::size_t size) {
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n";
  };
  RawClient client(server.port());
  client.send(post("/upload", 5'000'005) + std::string(5'000'000, 'a') + "hello");
  CHECK(client.read().body == "file 5000005 hello");
  client.send(post("/upload", 100'000) + std::string(100'000, 'a'));
  CHECK(client.read().body == "memory 100000");
  client.send(post("/upload", 9U << 20U));
  CHECK(client.read().status == 413);
  RawClient other(server.port());
  other.send(post("/other", 1001));
  CHECK(other.read().status == 413);

  // Two bodies that together exceed the memory for bodies: the second is refused, then there is
  // room again.
  RawClient first(server.port());
  first.send(post("/upload", 99'000) + std::string(98'999, 'a'));
  Gauge& held = metrics.gauge("kehai_http_body_bytes", "");
  CHECK(eventually([&] { return held.value() == 98'999; }));
  RawClient second(server.port());
  second.send(post("/upload", 99'000) + std::string(99'000, 'a'));
  CHECK(second.read().status == 503);
  first.send("a");
  CHECK(first.read().body == "memory 99000");
  RawClient third(server.port());
  third.send(post("/upload", 99'000) + std::string(99'000, 'a'));
  CHECK(third.read().body == "memory 99000");
  CHECK(eventually([&] { return held.value() == 0; }));
}

TEST_CASE("a trusted proxy tells the client's address, nobody else does") {
  auto options = small_options();
  const auto who = [](const Request& request) {
    return text(request.remote_address + (request.tls ? " tls" : " plain"));
  };
  const std::string forwarded =
      get("/", "X-Forwarded-For: 9.9.9.9, 203.0.113.7, 10.0.0.2\r\nX-Forwarded-Proto: https\r\n");
  RunningServer naive(options, who);
  RawClient direct(naive.port());
  direct.send(forwarded);
  CHECK(direct.read().body == "127.0.0.1 plain");

  options.trusted_proxies = {"127.0.0.0/8", "10.0.0.0/8"};
  RunningServer proxied(options, who);
  RawClient client(proxied.port());
  client.send(forwarded);
  CHECK(client.read().body == "203.0.113.7 tls");
  client.send(get("/"));
  CHECK(client.read().body == "127.0.0.1 plain");
  client.send(get("/", "X-Forwarded-For: 9.9.9.9, nonsense\r\n"));
  CHECK(client.read().body == "127.0.0.1 plain");
}
