// Connections, lanes and the end of a running server.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <thread>

#include "base/error.h"
#include "http/server_fixture.h"

namespace {

using namespace kehai::http;
using namespace kehai::http::test;

}  // namespace

TEST_CASE("more connections than allowed wait, and idle ones make room") {
  auto options = small_options();
  options.connections = 4;
  options.deadlines.linger = milliseconds(100);
  RunningServer server(options, echo);
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 4; ++i) {
    idle.push_back(std::make_unique<RawClient>(server.port()));
    CHECK(idle.back()->get("/").status == 200);
  }
  RawClient late(server.port());
  CHECK(late.get("/late").body == "GET /late|");
  CHECK(server.server.connections() <= 4);
}

TEST_CASE("when there is no room, half requests go as well, and the operator hears of it once") {
  auto options = small_options();
  options.connections = 4;
  std::mutex mutex;
  std::vector<std::string> lines;
  options.warn = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    lines.push_back(line);
  };
  RunningServer server(options, echo);
  std::vector<std::unique_ptr<RawClient>> half;
  for (int i = 0; i < 4; ++i) {
    half.push_back(std::make_unique<RawClient>(server.port()));
    half.back()->send("GET / HTTP/1.1\r\n");
  }
  // Long before the deadline of a head, which is ten seconds.
  const auto begun = std::chrono::steady_clock::now();
  RawClient late(server.port());
  CHECK(late.get("/late").body == "GET /late|");
  CHECK(std::chrono::steady_clock::now() - begun < milliseconds(8000));
  const std::lock_guard lock(mutex);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "http: all 4 connections are in use: new ones wait");
  CHECK(lines[1].substr(0, 14) == "http: refused ");
}

TEST_CASE("event streams leave room for requests") {
  auto options = small_options();
  options.connections = 8;
  RunningServer server(options, [](const Request& request) {
    Response response = text("ok");
    if (request.path == "/events") {
      response.stream = [](std::shared_ptr<EventStream> stream) { stream->write(":\n\n"); };
    }
    return response;
  });
  std::vector<std::unique_ptr<RawClient>> readers;
  int streams = 0;
  for (int i = 0; i < 7; ++i) {
    readers.push_back(std::make_unique<RawClient>(server.port()));
    readers.back()->send(get("/events"));
    CHECK(eventually([&] {
      readers.back()->receive(1);
      return readers.back()->bytes().find("\r\n\r\n") != std::string::npos;
    }));
    if (readers.back()->bytes().substr(0, 12) == "HTTP/1.1 200") ++streams;
  }
  CHECK(streams == 6);
  CHECK(RawClient(server.port()).get("/").status == 200);
}

TEST_CASE("no descriptors left: the server keeps accepting and recovers") {
  int ready[2];
  int finish[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(finish) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(finish[1]);
    rlimit limit{48, 48};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    auto options = small_options();
    options.descriptor_reserve = 0;
    RunningServer server(options, echo);
    const std::uint16_t port = server.port();
    [[maybe_unused]] auto written = ::write(ready[1], &port, sizeof(port));
    char byte = 0;
    [[maybe_unused]] auto got = ::read(finish[0], &byte, 1);
    ::_exit(server.server.stop(milliseconds(2000)) ? 0 : 1);
  }
  REQUIRE(child > 0);
  ::close(finish[0]);
  std::uint16_t port = 0;
  REQUIRE(::read(ready[0], &port, sizeof(port)) == sizeof(port));
  {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 100; ++i) {
      clients.push_back(std::make_unique<RawClient>(port));
      clients.back()->send(get("/a"));
    }
    int served = 0;
    int refused = 0;
    for (auto& client : clients) {
      const Reply reply = client->read();
      (reply.status == 200 ? served : refused)++;
    }
    CHECK(served > 10);
    CHECK(refused > 10);
  }
  CHECK(eventually([&] { return RawClient(port).get("/b").status == 200; }));
  ::close(finish[1]);
  int status = 0;
  rusage usage{};
  REQUIRE(::wait4(child, &status, 0, &usage) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec < 2);  // it did not spin
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("graceful stop: requests finish, idle connections close, no new ones") {
  Latch latch;
  RunningServer server(small_options(), [&](const Request& request) {
    if (request.path == "/slow") latch.pass();
    return text("done");
  });
  RawClient slow(server.port());
  slow.send(get("/slow"));
  latch.wait_for(1);
  RawClient idle(server.port());
  CHECK(idle.get("/").status == 200);
  RawClient half(server.port());
  half.send("GET /half HTTP/1.1\r\nHost: ");
  CHECK(RawClient(server.port()).get("/").status == 200);  // by now the half request was read

  bool clean = false;
  std::thread stopping([&] { clean = server.server.stop(milliseconds(10'000)); });
  CHECK(idle.read_until_close().empty());
  CHECK(idle.closed());
  CHECK(eventually([&] {
    try {
      RawClient refused(server.port());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  half.send("localhost\r\n\r\n");
  const auto half_replies = half.read_until_close();
  REQUIRE(half_replies.size() == 1);
  CHECK(half_replies[0].body == "done");
  latch.open();
  const auto replies = slow.read_until_close();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].body == "done");
  CHECK(replies[0].header("connection") == "close");
  stopping.join();
  CHECK(clean);
  CHECK(server.server.connections() == 0);
}

TEST_CASE("a listening socket can be inherited from the service manager") {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(::listen(listener, 16) == 0);
  auto options = small_options();
  options.inherited_socket = listener;
  RunningServer server(options, echo);
  CHECK(server.port() != 0);
  CHECK(RawClient(server.port()).get("/a").body == "GET /a|");
}

TEST_CASE("an address that is taken is an error with a code") {
  RunningServer server(small_options(), echo);
  auto options = small_options();
  options.port = server.port();
  Server second(options, echo);
  try {
    second.start();
    FAIL("listened twice");
  } catch (const kehai::base::Error& error) {
    CHECK(error.code() == "http.listen");
  }
}

TEST_CASE("the slow lane leaves the normal one free") {
  Latch latch;
  auto options = small_options();
  options.normal = {1, 4};
  options.slow = {1, 1};
  options.lane = [](const Request& request) {
    return request.path == "/export" ? Lane::Slow : Lane::Normal;
  };
  RunningServer server(options, [&](const Request& request) {
    if (request.path == "/export") latch.pass();
    return text("ok");
  });
  RawClient first(server.port());
  first.send(get("/export"));
  latch.wait_for(1);
  RawClient second(server.port());
  second.send(get("/export"));
  CHECK(RawClient(server.port()).get("/a").status == 200);
  RawClient third(server.port());
  CHECK(third.get("/export").status == 503);
  latch.open();
  CHECK(first.read().status == 200);
  CHECK(second.read().status == 200);
}

TEST_CASE("one client's flood waits behind its own requests, not before the others'") {
  Latch latch;
  auto options = small_options();
  options.normal = {.threads = 3, .queue = 64, .client_threads = 2, .client_queue = 4};
  RunningServer server(options, [&](const Request& request) {
    if (request.path == "/flood") latch.pass();
    return text("ok");
  });
  std::vector<std::unique_ptr<RawClient>> flood;
  for (int i = 0; i < 10; ++i) {
    flood.push_back(std::make_unique<RawClient>(server.port()));
    flood.back()->send(get("/flood", "Cookie: kehai_session=flood\r\n"));
    if (i == 1) latch.wait_for(2);
  }
  int refused = 0;
  CHECK(eventually([&] {
    refused = 0;
    for (auto& client : flood) {
      client->receive(1);
      if (client->bytes().substr(0, 12) == "HTTP/1.1 503") ++refused;
    }
    return refused == 4;
  }));
  // The third worker is never the flood's.
  for (int i = 0; i < 20; ++i) {
    RawClient other(server.port());
    other.send(get("/other", "Cookie: kehai_session=other\r\n"));
    CHECK(other.read().status == 200);
  }
  latch.open();
  int served = 0;
  for (auto& client : flood) served += client->read().status == 200 ? 1 : 0;
  CHECK(served == 6);
}

TEST_CASE("stop cuts what exceeds the grace") {
  Latch latch;
  RunningServer server(small_options(), [&](const Request&) {
    latch.pass();
    return text("late");
  });
  RawClient client(server.port());
  client.send(get("/"));
  latch.wait_for(1);
  bool clean = true;
  std::thread stopping([&] { clean = server.server.stop(milliseconds(50)); });
  CHECK(client.read_until_close().empty());
  CHECK(client.closed());
  latch.open();
  stopping.join();
  CHECK_FALSE(clean);
}

TEST_CASE("a client that leaves while its request runs does no harm") {
  Latch latch;
  RunningServer server(small_options(), [&](const Request& request) {
    if (request.path == "/slow") latch.pass();
    return text(std::string(1'000'000, 'x'));
  });
  {
    RawClient client(server.port());
    client.send(get("/slow"));
    latch.wait_for(1);
    const linger reset{1, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  CHECK(eventually([&] { return server.server.connections() == 0; }));
  latch.open();
  RawClient other(server.port());
  CHECK(other.get("/").status == 200);
}
