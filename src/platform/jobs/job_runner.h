// Background threads for the schedules that platform parts and modules registered, one for those of
// this node alone, one for those that one node does for all and one for each that waits for systems
// outside, and a lane for long jobs (imports, exports).
//
// A schedule never runs twice at once, also with several nodes on one database; an exception is
// logged and the schedule goes on at its next time. stop() ends schedules between two of their
// transactions (Engine::end_background_work) and waits for that, and for a long job. Safe from any
// thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/registrar.h"

namespace kehai::platform {

class JobRunner {
 public:
  JobRunner(record::Engine& engine, std::vector<Schedule> schedules);
  ~JobRunner();
  void start();
  void stop();
  // Runs every schedule once, and the long jobs that wait, on the caller's thread: tests and the
  // command line.
  void run_all_now();
  // One long job after the other, on a thread of its own.
  void enqueue(std::function<void()> job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kehai::platform
