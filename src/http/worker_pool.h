// Lanes of worker threads with bounded queues. Handlers block here, never on an I/O thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kehai::http {

class WorkerLane {
 public:
  WorkerLane(std::size_t threads, std::size_t queue_limit);
  ~WorkerLane();  // stop()
  WorkerLane(const WorkerLane&) = delete;
  WorkerLane& operator=(const WorkerLane&) = delete;

  // False when the queue is full or the lane has stopped. The function must not throw.
  bool submit(std::function<void()> function);
  // Runs what is queued and ends the threads; waits for functions that run.
  void stop();
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::size_t busy() const { return busy_.load(std::memory_order_relaxed); }

 private:
  void run();

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable available_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> busy_{0};
  std::vector<std::thread> threads_;
};

}  // namespace kehai::http
