// Counters, gauges and histograms with the Prometheus text format.
//
// A Metrics value belongs to the application; everybody keeps references to the series that it
// updates. Updating is a relaxed atomic; finding a series takes a lock, so find it once. Any
// thread. Durations are integers in microseconds inside and seconds in the text.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kehai::http {

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t change) { value_.fetch_add(change, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Upper bounds of the buckets in microseconds, ascending; the bucket above the last is implied.
using Bounds = std::vector<std::int64_t>;

class Histogram {
 public:
  explicit Histogram(const Bounds& bounds);
  void observe(std::int64_t microseconds);
  std::uint64_t count() const;
  // Upper bound (microseconds) of the bucket that holds the given share (0–100) of the
  // observations; the last bound when it lies above; 0 without observations.
  std::int64_t percentile(int percent) const;

 private:
  friend class Metrics;
  const Bounds bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;  // bounds_.size() + 1
  std::atomic<std::int64_t> sum_{0};
};

class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name and labels give the same series for the life of this object. A family holds at
  // most 2,000 series; further label values share one series whose labels say "other". Throws Error
  // Internal "metrics.kind" when the name is already used for another kind.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels = {},
                       const Bounds& bounds = latency_bounds());
  // Asked each time that text() runs; must stay callable as long as this object lives.
  void gauge_function(const std::string& name, const std::string& help,
                      std::function<std::int64_t()> value, const Labels& labels = {});

  // Text exposition format 0.0.4.
  std::string text() const;
  static const Bounds& latency_bounds();  // 0.5 ms … 30 s

 private:
  struct Series;
  struct Family;
  Series& series(const std::string& name, const std::string& help, const Labels& labels, int kind);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>> families_;
};

}  // namespace kehai::http
