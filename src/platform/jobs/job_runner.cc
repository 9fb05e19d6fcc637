#include "platform/jobs/job_runner.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "db/database.h"
#include "record/engine.h"

namespace kehai::platform {

using SteadyClock = std::chrono::steady_clock;

namespace {

// The second of the two places where an Error is translated (the first is the API boundary).
void run_guarded(const std::string& name, const std::function<void()>& work) {
  try {
    work();
  } catch (const base::Error& error) {
    if (error.code() == "engine.stopping") return;  // goes on after the next start
    spdlog::error("job {} failed: {} {}", name, error.code(), error.detail());
  } catch (const std::exception& error) {
    spdlog::error("job {} failed: {}", name, error.what());
  }
}

}  // namespace

struct JobRunner::State {
  State(record::Engine& engine_in, std::vector<Schedule> schedules_in)
      : engine(engine_in), schedules(std::move(schedules_in)) {}

  void run(const Schedule& schedule) {
    run_guarded(schedule.name, [&] {
      if (schedule.on_every_node) return schedule.run(engine);
      // Where another node is at it, this one comes back at its next time.
      engine.database().exclusively(schedule.name, [&] { schedule.run(engine); });
    });
  }

  // What one thread looks after.
  std::vector<std::vector<const Schedule*>> by_thread() const {
    std::vector<std::vector<const Schedule*>> out(2);
    for (const auto& schedule : schedules) {
      if (schedule.waits_for_others) {
        out.push_back({&schedule});
      } else {
        // What keeps this node up to date never waits for long work.
        out[schedule.on_every_node ? 1 : 0].push_back(&schedule);
      }
    }
    return out;
  }

  void run_schedules(const std::vector<const Schedule*>& mine) {
    std::vector<SteadyClock::time_point> due(mine.size(), SteadyClock::now());
    std::unique_lock lock(mutex);
    while (!stopping) {
      auto next = SteadyClock::now() + std::chrono::seconds(60);
      for (std::size_t i = 0; i < mine.size() && !stopping; ++i) {
        if (due[i] <= SteadyClock::now()) {
          lock.unlock();
          run(*mine[i]);
          lock.lock();
          due[i] = SteadyClock::now() + std::chrono::milliseconds(mine[i]->every_milliseconds);
        }
        next = std::min(next, due[i]);
      }
      wake.wait_until(lock, next, [&] { return stopping; });
    }
  }

  void run_jobs() {
    std::unique_lock lock(mutex);
    for (;;) {
      job_wake.wait(lock, [&] { return stopping || !jobs.empty(); });
      if (stopping) return;
      run_first_job(lock);
    }
  }

  void run_first_job(std::unique_lock<std::mutex>& lock) {
    auto job = std::move(jobs.front());
    jobs.pop_front();
    lock.unlock();
    run_guarded("long job", job);
    lock.lock();
  }

  record::Engine& engine;
  std::vector<Schedule> schedules;
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable job_wake;
  bool stopping = false;
  std::deque<std::function<void()>> jobs;
  std::vector<std::thread> schedule_threads;
  std::thread job_thread;
};

JobRunner::JobRunner(record::Engine& engine, std::vector<Schedule> schedules)
    : state_(std::make_unique<State>(engine, std::move(schedules))) {}

JobRunner::~JobRunner() {
  stop();
}

void JobRunner::start() {
  for (const auto& mine : state_->by_thread())
    state_->schedule_threads.emplace_back([this, mine] { state_->run_schedules(mine); });
  state_->job_thread = std::thread([this] { state_->run_jobs(); });
}

void JobRunner::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->engine.end_background_work();
  state_->wake.notify_all();
  state_->job_wake.notify_all();
  for (auto& thread : state_->schedule_threads) thread.join();
  state_->schedule_threads.clear();
  if (state_->job_thread.joinable()) state_->job_thread.join();
}

void JobRunner::run_all_now() {
  for (const auto& schedule : state_->schedules) state_->run(schedule);
  std::unique_lock lock(state_->mutex);
  while (!state_->jobs.empty()) state_->run_first_job(lock);
}

void JobRunner::enqueue(std::function<void()> job) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->jobs.push_back(std::move(job));
  }
  state_->job_wake.notify_one();
}

}  // namespace kehai::platform
