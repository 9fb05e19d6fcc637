#include "http/worker_pool.h"

namespace kehai::http {

WorkerLane::WorkerLane(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerLane::~WorkerLane() {
  stop();
}

bool WorkerLane::submit(std::function<void()> function) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(function));
    waiting_.store(queue_.size(), std::memory_order_relaxed);
  }
  available_.notify_one();
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

void WorkerLane::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    available_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto function = std::move(queue_.front());
    queue_.pop_front();
    waiting_.store(queue_.size(), std::memory_order_relaxed);
    busy_.fetch_add(1, std::memory_order_relaxed);
    lock.unlock();
    function();
    function = nullptr;
    busy_.fetch_sub(1, std::memory_order_relaxed);
    lock.lock();
  }
}

}  // namespace kehai::http
