#include "http/worker_pool.h"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

using kehai::http::WorkerLane;

namespace {

// Functions that wait for each other: they only end when so many run at the same time.
class Meeting {
 public:
  explicit Meeting(int people) : missing_(people) {}
  void attend() {
    std::unique_lock lock(mutex_);
    if (--missing_ <= 0) changed_.notify_all();
    changed_.wait(lock, [this] { return missing_ <= 0; });
  }
  bool took_place() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [this] { return missing_ <= 0; });
  }
  void call_off() {
    const std::lock_guard lock(mutex_);
    missing_ = 0;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int missing_;
};

}  // namespace

TEST_CASE("worker lane: nobody sleeps while work waits, although one thread wakes at a time") {
  constexpr int kThreads = 6;
  WorkerLane lane({.threads = kThreads, .queue = 64, .client_threads = 1, .client_queue = 64});
  for (int round = 0; round < 300; ++round) {
    // Shared: the last of them may still be on its way out when the next round begins.
    const auto meeting = std::make_shared<Meeting>(kThreads);
    for (std::size_t client = 0; client < kThreads; ++client)
      REQUIRE(lane.submit(client, [meeting] { meeting->attend(); }));
    const bool took_place = meeting->took_place();
    CHECK_MESSAGE(took_place, "round " << round);
    meeting->call_off();
    while (lane.busy() != 0 || lane.waiting() != 0) std::this_thread::yield();
    if (!took_place) break;
  }
}

TEST_CASE("worker lane: whoever finishes one function of a client goes on with the next") {
  WorkerLane lane({.threads = 4, .queue = 64, .client_threads = 2, .client_queue = 64});
  Meeting both(2);
  std::atomic<int> done{0};
  for (int i = 0; i < 2; ++i) {
    REQUIRE(lane.submit(7, [&] {
      both.attend();
      ++done;
    }));
  }
  for (int i = 0; i < 20; ++i) REQUIRE(lane.submit(7, [&] { ++done; }));
  CHECK(both.took_place());
  both.call_off();
  lane.stop();
  CHECK(done == 22);
  CHECK_FALSE(lane.submit(7, [] {}));
}
