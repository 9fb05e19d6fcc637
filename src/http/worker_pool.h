// Lanes of worker threads with bounded queues. Handlers block here, never on an I/O thread.
//
// Clients take turns: what one of them sends too much of waits behind its own, not before the
// others.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "http/server.h"

namespace kehai::http {

class WorkerLane {
 public:
  using Client = std::size_t;  // who asks; two that are mistaken for one only share their turns

  explicit WorkerLane(const LaneOptions& options);
  ~WorkerLane();  // stop()
  WorkerLane(const WorkerLane&) = delete;
  WorkerLane& operator=(const WorkerLane&) = delete;

  // False when the queue or the client's part of it is full, or the lane has stopped. The function
  // must not throw.
  bool submit(Client client, std::function<void()> function);
  // Runs what is queued and ends the threads; waits for functions that run.
  void stop();
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::size_t busy() const { return busy_.load(std::memory_order_relaxed); }

 private:
  struct Work {
    std::deque<std::function<void()>> waiting;
    std::size_t running = 0;
  };
  void run();
  // Whether a sleeping thread has to be woken for what waits; the caller then does that. With
  // mutex_.
  bool wants_thread();
  std::function<void()> take(Client client);
  void finish(Client client);

  const LaneOptions options_;
  std::mutex mutex_;
  std::condition_variable available_;
  std::unordered_map<Client, Work> work_;  // of who waits or runs; guarded by mutex_
  // Whoever waits and may have one more thread, once each; guarded by mutex_.
  std::deque<Client> turns_;
  std::size_t asleep_ = 0;  // threads without work; guarded by mutex_
  bool waking_ = false;     // one of them has been called and is not there yet; guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> busy_{0};
  std::vector<std::thread> threads_;
};

}  // namespace kehai::http
