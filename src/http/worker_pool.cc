#include "http/worker_pool.h"

#include <algorithm>
#include <thread>

namespace kehai::http {

namespace {

LaneOptions for_this_machine(LaneOptions options) {
  constexpr std::size_t kMostOfOneClient = 8;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  if (options.client_threads == 0) options.client_threads = std::min(cores + 1, kMostOfOneClient);
  return options;
}

}  // namespace

WorkerLane::WorkerLane(const LaneOptions& options) : options_(for_this_machine(options)) {
  threads_.reserve(options.threads);
  for (std::size_t i = 0; i < options.threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerLane::~WorkerLane() {
  stop();
}

bool WorkerLane::submit(Client client, std::function<void()> function) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting() >= options_.queue) return false;
    Work& own = work_[client];
    if (own.waiting.size() >= options_.client_queue) return false;
    own.waiting.push_back(std::move(function));
    waiting_.fetch_add(1, std::memory_order_relaxed);
    if (own.waiting.size() == 1 && own.running < options_.client_threads) turns_.push_back(client);
    wake = wants_thread();
  }
  if (wake) available_.notify_one();
  return true;
}

// One at a time: waking costs more than many a request, and while the one that was called is on its
// way, those that work may have taken everything. Whoever takes work calls the next when more
// waits.
bool WorkerLane::wants_thread() {
  if (turns_.empty() || asleep_ == 0 || waking_) return false;
  waking_ = true;
  return true;
}

void WorkerLane::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  available_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::function<void()> WorkerLane::take(Client client) {
  Work& own = work_[client];
  auto function = std::move(own.waiting.front());
  own.waiting.pop_front();
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  ++own.running;
  if (!own.waiting.empty() && own.running < options_.client_threads) turns_.push_back(client);
  return function;
}

void WorkerLane::finish(Client client) {
  const auto found = work_.find(client);
  Work& own = found->second;
  const bool had_all = own.running-- == options_.client_threads;
  if (own.waiting.empty()) {
    if (own.running == 0) work_.erase(found);
  } else if (had_all) {
    turns_.push_back(client);
  }
}

// When the lane stops, a client without a turn has functions running, and whoever runs them goes on
// with what waits.
void WorkerLane::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    while (turns_.empty()) {
      if (stopping_) return;
      ++asleep_;
      available_.wait(lock);
      --asleep_;
      waking_ = false;
    }
    const Client client = turns_.front();
    turns_.pop_front();
    auto function = take(client);
    busy_.fetch_add(1, std::memory_order_relaxed);
    const bool wake = wants_thread();
    lock.unlock();
    if (wake) available_.notify_one();
    function();
    function = nullptr;
    busy_.fetch_sub(1, std::memory_order_relaxed);
    lock.lock();
    finish(client);
  }
}

}  // namespace kehai::http
