#include "http/metrics.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/error.h"

using namespace kehai::http;

TEST_CASE("the text format") {
  Metrics metrics;
  metrics.counter("a_total", "All of \"a\"\\", {{"route", "/x\"\\\n"}}).add(3);
  metrics.counter("a_total", "", {{"route", "/y"}}).add();
  metrics.gauge("b", "Now").set(-5);
  metrics.gauge_function("c", "Asked", [] { return 7; });
  Histogram& histogram = metrics.histogram("d_seconds", "Time", {{"k", "v"}}, {500, 1'000'000});
  histogram.observe(500);
  histogram.observe(501);
  histogram.observe(2'500'000);
  CHECK(metrics.text() ==
        "# HELP a_total All of \"a\"\\\\\n# TYPE a_total counter\n"
        "a_total{route=\"/x\\\"\\\\\\n\"} 3\na_total{route=\"/y\"} 1\n"
        "# HELP b Now\n# TYPE b gauge\nb -5\n"
        "# HELP c Asked\n# TYPE c gauge\nc 7\n"
        "# HELP d_seconds Time\n# TYPE d_seconds histogram\n"
        "d_seconds_bucket{k=\"v\",le=\"0.0005\"} 1\nd_seconds_bucket{k=\"v\",le=\"1\"} 2\n"
        "d_seconds_bucket{k=\"v\",le=\"+Inf\"} 3\nd_seconds_sum{k=\"v\"} "
        "2.501001\nd_seconds_count{k=\"v\"} 3\n");
  CHECK(histogram.percentile(50) == 1'000'000);
  CHECK(histogram.percentile(33) == 500);
  CHECK(histogram.percentile(99) == 1'000'000);
}

TEST_CASE("a name has one kind and a bounded number of series") {
  Metrics metrics;
  metrics.counter("a", "");
  CHECK_THROWS_AS(metrics.gauge("a", ""), kehai::base::Error);
  for (int i = 0; i < 3000; ++i) metrics.counter("many", "", {{"id", std::to_string(i)}}).add();
  CHECK(metrics.counter("many", "", {{"id", "2999"}}).value() == 1000);
  CHECK(metrics.counter("many", "", {{"id", "5"}}).value() == 1);
}

TEST_CASE("threads count together") {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n)
        metrics.counter("n", "", {{"m", std::to_string(n % 3)}}).add();
    });
  }
  for (auto& thread : threads) thread.join();
  std::uint64_t total = 0;
  for (const char* label : {"0", "1", "2"})
    total += metrics.counter("n", "", {{"m", label}}).value();
  CHECK(total == 40'000);
}
