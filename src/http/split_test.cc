// The verdict about a byte stream must not depend on how the network cut it into pieces.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "http/fuzz_entry.h"
#include "http/raw_client.h"

namespace {

using namespace kehai::http;
using namespace kehai::http::test;

std::vector<std::string> streams() {
  const std::string get = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string chunked = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  return {
      get + get,
      "\r\n" + get,
      "\r\n\r\n" + get,
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + get,
      chunked + "5;a=b\r\nhello\r\n3\r\n123\r\n0\r\n\r\n" + get,
      chunked + "5\r\nhello\r\n0\r\nCookie: a\r\n\r\n" + get,
      chunked + "5 \r\nhello\r\n0\r\n\r\n" + get,
      chunked + "5\nhello\r\n0\r\n\r\n" + get,
      chunked + "400\r\nhello" + get,
      chunked + "1;" + std::string(1100, 'e') + "\r\nh\r\n0\r\n\r\n" + get,
      "GET / HTTP/1.1\nHost: x\r\n\r\n" + get,
      "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n" + get,
      "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n" + get,
      "GET /" + std::string(199, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n" + get,
      "GET /" + std::string(190, 'a') + "\n HTTP/1.1\r\nHost: x\r\n\r\n" + get,
      "GET /" + std::string(186, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n" +
          get,  // exactly at the limit
      "GET /" + std::string(187, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n" + get,  // one above
      std::string(300, 'G') + " / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(290, 'b') + "\r\n\r\n" +
          get,  // 300 bytes of fields
      "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(291, 'b') + "\r\n\r\n" + get,
      "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(291, 'b') + "\n\r\n" + get,
      "GET / HTTP/1.1\r\nHost: x\r\nA:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\nG:\r\nH:\r\n\r\n" + get,
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + get,
  };
}

std::string mutate(std::string stream, std::mt19937& random) {
  static const std::string kInteresting("\r\n :;0,\t\0/%F\x7f\xff", 15);
  const int changes = 1 + static_cast<int>(random() % 3);
  for (int i = 0; i < changes && !stream.empty(); ++i) {
    const std::size_t at = random() % stream.size();
    const char c = kInteresting[random() % kInteresting.size()];
    switch (random() % 3) {
      case 0:
        stream[at] = c;
        break;
      case 1:
        stream.insert(at, 1, c);
        break;
      default:
        stream.erase(at, 1 + random() % 3);
        break;
    }
  }
  return stream;
}

std::vector<std::size_t> random_cuts(std::size_t size, std::mt19937& random) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = 0; at < size; at += 1 + random() % 40) cuts.push_back(at);
  return cuts;
}

}  // namespace

TEST_CASE("each single cut and each byte alone give the verdict of the whole") {
  for (const std::string& stream : streams()) {
    CAPTURE(stream);
    const std::string whole = stream_verdict(stream, {});
    CHECK(!whole.empty());
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      if (stream_verdict(stream, {cut}) != whole) {
        CAPTURE(cut);
        CHECK(stream_verdict(stream, {cut}) == whole);
      }
    }
    std::vector<std::size_t> every(stream.size());
    for (std::size_t i = 0; i < every.size(); ++i) every[i] = i;
    CHECK(stream_verdict(stream, every) == whole);
  }
}

TEST_CASE("the limits are exact") {
  const auto all = streams();
  CHECK(stream_verdict(all[15], {}).substr(0, 7) == "GET /aa");
  CHECK(stream_verdict(all[16], {}) == " 414 target_size");
  CHECK(stream_verdict(all[17], {}) == " 400 method");
  CHECK(stream_verdict(all[18], {}) == "GET /()GET /a()");
  CHECK(stream_verdict(all[19], {}) == " 431 field_section_size");
  CHECK(stream_verdict(all[21], {}) == " 431 field_count");
  CHECK(stream_verdict(all[22], {}) == "POST /b( 413 body_size");
}

TEST_CASE("mutated streams: random cuts give the verdict of the whole") {
  constexpr unsigned kSeed = 20260301;
  std::mt19937 random(kSeed);
  const auto seeds = streams();
  for (int i = 0; i < 20'000; ++i) {
    const std::string stream = mutate(seeds[random() % seeds.size()], random);
    const std::string whole = stream_verdict(stream, {});
    const auto cuts = random_cuts(stream.size(), random);
    if (stream_verdict(stream, cuts) != whole) {
      CAPTURE(i);
      CAPTURE(stream);
      CHECK(stream_verdict(stream, cuts) == whole);
    }
  }
}

TEST_CASE("a server answers mutated streams the same for each split, and survives them") {
  constexpr unsigned kSeed = 20260302;
  std::mt19937 random(kSeed);
  auto options = small_options();
  options.head = {200, 300, 8};
  options.body_limit = 1000;
  RunningServer server(std::move(options), echo);
  const auto ask = [&](std::string_view stream, const std::vector<std::size_t>& cuts) {
    RawClient client(server.port());
    std::size_t from = 0;
    for (std::size_t cut : cuts) {
      client.send(stream.substr(from, cut - from));
      from = cut;
    }
    client.send(stream.substr(from));
    client.finish_sending();
    std::string text;
    for (const Reply& reply : client.read_until_close()) {
      text += std::to_string(reply.status) + " " + reply.body + "\n";
    }
    CHECK(client.closed());
    return text;
  };
  const auto seeds = streams();
  for (int i = 0; i < 400; ++i) {
    const std::string stream = i < static_cast<int>(seeds.size())
                                   ? seeds[static_cast<std::size_t>(i)]
                                   : mutate(seeds[random() % seeds.size()], random);
    const std::string whole = ask(stream, {});
    const std::string split = ask(stream, random_cuts(stream.size(), random));
    CAPTURE(i);
    CAPTURE(stream);
    CHECK(split == whole);
  }
}
