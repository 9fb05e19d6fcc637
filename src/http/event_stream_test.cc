#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "http/raw_client.h"

namespace {

using namespace kehai::http;
using namespace kehai::http::test;
using std::chrono::milliseconds;

// Keeps the streams that it opens, as the event hub of the API does.
struct Hub {
  Handler handler() {
    return [this](const Request& request) {
      Response response;
      if (request.path != "/events") return response;
      response.stream = [this](std::shared_ptr<EventStream> stream) {
        stream->write("event: hello\n\n");
        const std::lock_guard lock(mutex);
        streams.push_back(std::move(stream));
      };
      return response;
    };
  }
  std::shared_ptr<EventStream> at(std::size_t index) {
    const std::lock_guard lock(mutex);
    return streams.at(index);
  }
  std::mutex mutex;
  std::vector<std::shared_ptr<EventStream>> streams;
};

bool receive_until(RawClient& client, const std::string& wanted) {
  while (client.bytes().find(wanted) == std::string::npos) {
    if (!client.receive()) return false;
  }
  return true;
}

template <typename Predicate>
bool eventually(const Predicate& predicate) {
  for (int i = 0; i < 10'000; ++i) {
    if (predicate()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

const std::string kSubscribe = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("events reach the peer in order, and no worker is held") {
  Hub hub;
  auto options = small_options();
  options.normal = {1, 64};
  RunningServer server(options, hub.handler());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(kSubscribe);
    REQUIRE(receive_until(*clients.back(), "event: hello\n\n"));
  }
  CHECK(clients[0]->bytes().find("Content-Type: text/event-stream") != std::string::npos);
  CHECK(clients[0]->bytes().find("Content-Length") == std::string::npos);
  CHECK(clients[0]->bytes().find("Connection: close") != std::string::npos);
  CHECK(RawClient(server.port()).get("/").status == 200);
  std::string expected = "event: hello\n\n";
  for (int i = 0; i < 100; ++i) {
    const std::string event = "data: " + std::to_string(i) + "\n\n";
    expected += event;
    for (std::size_t s = 0; s < 20; ++s) CHECK(hub.at(s)->write(event));
  }
  for (auto& client : clients) {
    CHECK(receive_until(*client, "data: 99\n\n"));
    CHECK(client->bytes().substr(client->bytes().find("event: hello")) == expected);
  }
}

TEST_CASE("a peer that does not read is dropped at the bound") {
  Hub hub;
  auto options = small_options();
  options.stream_buffer = 10'000;
  RunningServer server(options, hub.handler());
  RawClient client(server.port(), 4096);
  client.send(kSubscribe);
  REQUIRE(receive_until(client, "event: hello\n\n"));
  const auto stream = hub.at(0);
  const std::string event = "data: " + std::string(1000, 'x') + "\n\n";
  // The kernel's buffers take some megabytes; then ours fills.
  std::size_t written = 0;
  CHECK(eventually([&] {
    for (int i = 0; i < 100 && stream->write(event); ++i) written += event.size();
    return !stream->is_open();
  }));
  CHECK(written < 64U << 20U);
  CHECK_FALSE(stream->write(event));
  CHECK(eventually([&] { return server.server.connections() == 0; }));
}

TEST_CASE("a peer that leaves is noticed without an event") {
  Hub hub;
  RunningServer server(small_options(), hub.handler());
  {
    RawClient client(server.port());
    client.send(kSubscribe);
    REQUIRE(receive_until(client, "event: hello\n\n"));
    CHECK(hub.at(0)->is_open());
  }
  CHECK(eventually([&] { return !hub.at(0)->is_open(); }));
  CHECK_FALSE(hub.at(0)->write("data: 1\n\n"));
}

TEST_CASE("a silent stream gets heartbeats; close() sends what was written first") {
  Hub hub;
  auto options = small_options();
  options.deadlines.heartbeat = milliseconds(40);
  RunningServer server(options, hub.handler());
  RawClient client(server.port());
  client.send(kSubscribe);
  CHECK(receive_until(client, "event: hello\n\n:\n\n:\n\n"));
  hub.at(0)->write("data: last\n\n");
  hub.at(0)->close();
  while (client.receive()) {
  }
  CHECK(client.closed());
  CHECK(client.bytes().find("data: last\n\n") != std::string::npos);
  CHECK_FALSE(hub.at(0)->write("data: more\n\n"));
}

TEST_CASE("stop ends the streams, and writers may outlive the server") {
  Hub hub;
  std::atomic<bool> finish{false};
  std::thread writer;
  {
    RunningServer server(small_options(), hub.handler());
    RawClient client(server.port());
    client.send(kSubscribe);
    REQUIRE(receive_until(client, "event: hello\n\n"));
    writer = std::thread([&] {
      const auto stream = hub.at(0);
      while (!finish) {
        stream->write("data: x\n\n");
        std::this_thread::yield();
      }
    });
    std::thread reader([&] {
      while (client.receive()) {
      }
    });
    CHECK(server.server.stop(milliseconds(5000)));
    reader.join();
    CHECK(client.closed());
  }
  finish = true;
  writer.join();
  CHECK_FALSE(hub.at(0)->is_open());
}

TEST_CASE("HEAD of a stream has no stream") {
  Hub hub;
  RunningServer server(small_options(), hub.handler());
  RawClient client(server.port());
  client.send("HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.read(true).status == 200);
  CHECK(hub.streams.empty());
  CHECK(client.get("/").status == 200);
}
