#include "http/metrics.h"

#include <algorithm>

#include "base/error.h"

namespace kehai::http {
namespace {

constexpr std::size_t kMaxSeries = 2000;
enum Kind { kCounter, kGauge, kHistogram };
constexpr const char* kKindNames[] = {"counter", "gauge", "histogram"};

void append_escaped(std::string& out, std::string_view text, bool quote) {
  for (char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quote) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

// a="b",c="d"
std::string label_text(const Metrics::Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name;
    text += "=\"";
    append_escaped(text, value, true);
    text += '"';
  }
  return text;
}

// Microseconds as seconds without floating point: 1500000 → 1.5
void append_seconds(std::string& out, std::int64_t microseconds) {
  if (microseconds < 0) {
    out += '-';
    microseconds = -microseconds;
  }
  out += std::to_string(microseconds / 1'000'000);
  std::string fraction = std::to_string(microseconds % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) out += "." + fraction;
}

void append_sample(std::string& out, const std::string& name, const std::string& labels,
                   const std::string& value) {
  out += name;
  if (!labels.empty()) out += "{" + labels + "}";
  out += ' ';
  out += value;
  out += '\n';
}

}  // namespace

Histogram::Histogram(const Bounds& bounds)
    : bounds_(bounds), buckets_(new std::atomic<std::uint64_t>[bounds.size() + 1]()) {}

void Histogram::observe(std::int64_t microseconds) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), microseconds);
  buckets_[static_cast<std::size_t>(bucket - bounds_.begin())].fetch_add(1,
                                                                         std::memory_order_relaxed);
  sum_.fetch_add(microseconds, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i)
    total += buckets_[i].load(std::memory_order_relaxed);
  return total;
}

std::int64_t Histogram::percentile(int percent) const {
  const std::uint64_t total = count();
  if (total == 0 || bounds_.empty()) return 0;
  const std::uint64_t wanted = (total * static_cast<std::uint64_t>(percent) + 99) / 100;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= wanted) return bounds_[i];
  }
  return bounds_.back();
}

struct Metrics::Series {
  Counter counter;
  Gauge gauge;
  std::unique_ptr<Histogram> histogram;
  std::function<std::int64_t()> value;
};

struct Metrics::Family {
  Kind kind = kCounter;
  std::string help;
  std::map<std::string, std::unique_ptr<Series>> series;  // by label text
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

const Bounds& Metrics::latency_bounds() {
  static const Bounds bounds = {500,       1'000,     2'500,     5'000,      10'000,
                                25'000,    50'000,    100'000,   250'000,    500'000,
                                1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000};
  return bounds;
}

Metrics::Series& Metrics::series(const std::string& name, const std::string& help,
                                 const Labels& labels, int kind) {
  auto& family = families_[name];
  if (!family) {
    family = std::make_unique<Family>();
    family->kind = static_cast<Kind>(kind);
    family->help = help;
  }
  if (family->kind != kind)
    throw base::Error(base::ErrorKind::Internal, "metrics.kind", {{"name", name}});
  std::string key = label_text(labels);
  const auto found = family->series.find(key);
  if (found != family->series.end()) return *found->second;
  if (family->series.size() >= kMaxSeries) {
    Labels other = labels;
    for (auto& label : other) label.second = "other";
    key = label_text(other);
  }
  auto& slot = family->series[key];
  if (!slot) slot = std::make_unique<Series>();
  return *slot;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return series(name, help, labels, kCounter).counter;
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return series(name, help, labels, kGauge).gauge;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                              const Labels& labels, const Bounds& bounds) {
  const std::lock_guard lock(mutex_);
  auto& histogram = series(name, help, labels, kHistogram).histogram;
  if (!histogram) histogram = std::make_unique<Histogram>(bounds);
  return *histogram;
}

void Metrics::gauge_function(const std::string& name, const std::string& help,
                             std::function<std::int64_t()> value, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  series(name, help, labels, kGauge).value = std::move(value);
}

std::string Metrics::text() const {
  std::string out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " ";
    append_escaped(out, family->help, false);
    out += "\n# TYPE " + name + " " + kKindNames[family->kind] + "\n";
    for (const auto& [labels, series] : family->series) {
      if (family->kind == kCounter) {
        append_sample(out, name, labels, std::to_string(series->counter.value()));
      } else if (family->kind == kGauge) {
        const std::int64_t value = series->value ? series->value() : series->gauge.value();
        append_sample(out, name, labels, std::to_string(value));
      } else {
        const Histogram& histogram = *series->histogram;
        const std::string prefix = labels.empty() ? "" : labels + ",";
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i <= histogram.bounds_.size(); ++i) {
          seen += histogram.buckets_[i].load(std::memory_order_relaxed);
          std::string bound = "+Inf";
          if (i < histogram.bounds_.size()) {
            bound.clear();
            append_seconds(bound, histogram.bounds_[i]);
          }
          append_sample(out, name + "_bucket", prefix + "le=\"" + bound + "\"",
                        std::to_string(seen));
        }
        std::string sum;
        append_seconds(sum, histogram.sum_.load(std::memory_order_relaxed));
        append_sample(out, name + "_sum", labels, sum);
        append_sample(out, name + "_count", labels, std::to_string(seen));
      }
    }
  }
  return out;
}

}  // namespace kehai::http
