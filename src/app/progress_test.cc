#include "app/progress.h"

#include <doctest/doctest.h>

#include <memory>

namespace kehai::app {
namespace {

// What is written while the clock goes on by hand.
class Stage {
 public:
  explicit Stage(bool is_terminal) : is_terminal_(is_terminal) {}
  Progress::Output output() {
    return {file_.get(), is_terminal_, [this] { return now_; }};
  }
  void pass(std::chrono::milliseconds time) { now_ += time; }
  // What has been written since the last call.
  std::string written() {
    std::string text;
    std::fseek(file_.get(), read_, SEEK_SET);
    for (int letter = std::fgetc(file_.get()); letter != EOF; letter = std::fgetc(file_.get()))
      text += static_cast<char>(letter);
    read_ = std::ftell(file_.get());
    std::fseek(file_.get(), 0, SEEK_END);
    return text;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_{std::tmpfile()};
  bool is_terminal_;
  long read_ = 0;
  Progress::Clock::time_point now_{};
};

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("progress: what is over within two seconds says nothing") {
  Stage stage(false);
  {
    Progress progress("Seeding", 1000, "rows", stage.output());
    stage.pass(milliseconds(1900));
    progress.add(1000);
  }
  CHECK(stage.written().empty());
}

TEST_CASE("progress: rate and remaining time, now and then in a log") {
  Stage stage(false);
  {
    Progress progress("Seeding", 1000, "rows", stage.output());
    stage.pass(seconds(2));
    progress.add(100);
    CHECK(stage.written() == "Seeding: 100 of 1000 rows, 50/s, 18 s left\n");
    stage.pass(seconds(3));
    progress.add(100);
    CHECK(stage.written().empty());
    stage.pass(seconds(7));
    progress.add(40);
    CHECK(stage.written() == "Seeding: 240 of 1000 rows, 20/s, 38 s left\n");
    stage.pass(seconds(8));
    progress.set(1000);
  }
  CHECK(stage.written() == "Seeding: 1000 of 1000 rows, 50/s\n");
}

TEST_CASE("progress: one line of a terminal is rewritten") {
  Stage stage(true);
  {
    Progress progress("Restoring", 9000, "MB", stage.output());
    stage.pass(seconds(10));
    progress.add(100);
    CHECK(stage.written() == "\r\x1b[KRestoring: 100 of 9000 MB, 10/s, 14 min 50 s left");
    stage.pass(milliseconds(100));
    progress.add(1);
    CHECK(stage.written().empty());
  }
  CHECK(stage.written() == "\r\x1b[KRestoring: 101 of 9000 MB, 10/s, 14 min 49 s left\n");
}

TEST_CASE("progress: an end that was passed is not shown") {
  Stage stage(false);
  Progress progress("Checking", 50, "rows", stage.output());
  stage.pass(seconds(2));
  progress.add(100);
  CHECK(stage.written() == "Checking: 100 rows, 50/s\n");
}

TEST_CASE("progress: without a known end there is a rate only") {
  Stage stage(false);
  Progress progress("Search index", 0, "records", stage.output());
  stage.pass(seconds(4));
  progress.add(8);
  CHECK(stage.written() == "Search index: 8 records, 2/s\n");
}

}  // namespace
}  // namespace kehai::app
