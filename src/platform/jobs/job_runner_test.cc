// The job runner beside a working engine: schedules again and again and never twice at once, long
// jobs one after the other, errors that stop nothing.
#include "platform/jobs/job_runner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "db/test_databases.h"
#include "platform/access/test_company.h"
#include "record/tx.h"

namespace kehai::platform {
namespace {

// Counts, and waits for a count.
class Counter {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool reaches(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return count_ >= count; });
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace

TEST_CASE("schedules run again and again, never twice at once, whatever they throw") {
  db::TestDatabase database(db::Kind::Sqlite);
  TestCompany company(database.get());
  Counter good;
  Counter bad;
  std::atomic<int> inside{0};
  std::atomic<bool> overlapped{false};
  JobRunner runner(company.engine(), {{"good", 1,
                                       [&](record::Engine& engine) {
                                         if (++inside > 1) overlapped = true;
                                         engine.database().read([](db::Reader&) {});
                                         --inside;
                                         good.add();
                                       }},
                                      {"bad", 1, [&](record::Engine&) {
                                         bad.add();
                                         if (bad.count() % 2 == 0)
                                           throw base::Error(base::ErrorKind::Unavailable,
                                                             "database.closing");
                                         throw std::runtime_error("no");
                                       }}});
  runner.start();
  CHECK(good.reaches(20));
  CHECK(bad.reaches(20));
  runner.stop();
  CHECK_FALSE(overlapped);
  const int count = good.count();
  runner.run_all_now();
  CHECK(good.count() == count + 1);
}

TEST_CASE("a schedule that waits for systems outside holds up no other") {
  db::TestDatabase database(db::Kind::Sqlite);
  TestCompany company(database.get());
  Counter others;
  Counter answers;
  JobRunner runner(company.engine(), {{.name = "waiting",
                                       .every_milliseconds = 1,
                                       .run =
                                           [&](record::Engine&) {
                                             if (others.reaches(3)) answers.add();
                                           },
                                       .waits_for_others = true},
                                      {"other", 1, [&](record::Engine&) { others.add(); }}});
  runner.start();
  CHECK(answers.reaches(1));
  runner.stop();
}

TEST_CASE(
    "a schedule in the middle of long work ends with its transaction when the program stops") {
  db::on_each_database([](db::TestDatabase& database) {
    INFO(database.name());
    TestCompany company(database.get());
    Counter steps;
    bool complete = false;
    JobRunner runner(company.engine(), {{"endless", 1, [&](record::Engine& engine) {
                                           // More than anybody waits for.
                                           for (int i = 0; i < 100'000'000; ++i) {
                                             engine.write(record::system_actor("job"),
                                                          [&](record::Tx&) { steps.add(); });
                                           }
                                           complete = true;
                                         }}});
    runner.start();
    CHECK(steps.reaches(3));
    runner.stop();
    CHECK_FALSE(complete);
  });
}

TEST_CASE("long jobs run one after the other, beside schedules and writers") {
  db::on_each_database([](db::TestDatabase& database) {
    INFO(database.name());
    TestCompany company(database.get());
    constexpr int kJobs = 20;
    constexpr int kWriters = 4;
    Counter done;
    std::vector<int> order;  // touched by the job thread only, read after stop()
    JobRunner runner(company.engine(), {{"beside", 1, [](record::Engine& engine) {
                                           engine.database().read([](db::Reader&) {});
                                         }}});
    runner.start();
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        for (int i = 0; i < 5; ++i)
          company.department("部门 " + std::to_string(writer) + "." + std::to_string(i));
      });
    }
    for (int i = 0; i < kJobs; ++i) {
      runner.enqueue([&, i] {
        order.push_back(i);
        done.add();
        if (i % 3 == 0) throw std::runtime_error("one of three fails");
      });
    }
    for (auto& writer : writers) writer.join();
    CHECK(done.reaches(kJobs));
    runner.stop();
    CHECK(order.size() == kJobs);
    CHECK(std::is_sorted(order.begin(), order.end()));
  });
}

TEST_CASE("what waits runs on the caller's thread when the runner was not started") {
  db::TestDatabase database(db::Kind::Sqlite);
  TestCompany company(database.get());
  JobRunner runner(company.engine(), {});
  std::vector<int> order;
  runner.enqueue([&] {
    order.push_back(1);
    runner.enqueue([&] { order.push_back(3); });
  });
  runner.enqueue([&] { order.push_back(2); });
  runner.run_all_now();
  CHECK(order == std::vector<int>{1, 2, 3});
  runner.run_all_now();
  CHECK(order.size() == 3);
}

}  // namespace kehai::platform
