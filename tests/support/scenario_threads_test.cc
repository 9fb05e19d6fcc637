// What threads share, all at once: many who want the same records, people who save, pages that
// listen, schedules that run. Made for ThreadSanitizer; true without it.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "scenario_world.h"

namespace kehai::scenario {

namespace {

constexpr std::size_t kClients = 64;
constexpr std::size_t kLeads = 12;

http::Request request(std::string method, std::string path, std::string body = {}) {
  http::Request out;
  out.method = std::move(method);
  out.path = "/api/v1" + path;
  out.body = std::move(body);
  out.headers = {{"content-type", "application/json"}};
  return out;
}

std::int64_t id_in(const http::Response& answer) {
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  return base::json_int(base::parse_json(answer.body).as_object(), "id");
}

// An open page: takes what is told, from whichever thread.
class Page : public http::EventStream {
 public:
  bool write(std::string_view chunk) override {
    bytes_ += chunk.size();
    return open_;
  }
  void close() override { open_ = false; }
  bool is_open() const override { return open_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> open_{true};
};

// Works again and again on a thread of its own until it goes.
class Beside {
 public:
  explicit Beside(std::function<void()> work)
      : thread_([this, work = std::move(work)] {
          while (!done_) work();
        }) {}
  ~Beside() {
    done_ = true;
    thread_.join();
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

std::vector<std::int64_t> leads_in_pool(World& world) {
  const auto pool = id_in(world.send(
      "admin", request("POST", "/pools", R"({"name":"众人池","kind":"lead","cooldown_days":0})")));
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < kLeads; ++i) {
    const auto number = std::to_string(100 + i);
    ids.push_back(id_in(
        world.send("admin", request("POST", "/leads",
                                    R"({"company":"众人公司)" + number + R"(","mobile":"13700000)" +
                                        number + R"(","pool_id":)" + std::to_string(pool) + "}"))));
  }
  return ids;
}

}  // namespace

TEST_CASE("64 clients want the same leads while others save, listen and work: one winner each") {
  const std::array<std::string, 6> people = {"sales1",   "sales2",  "sales3",
                                             "outsider", "manager", "manager2"};
  for (const auto kind : db::test_kinds()) {
    World world(kind);
    CAPTURE(world.database_name());
    const auto leads = leads_in_pool(world);
    const auto page = std::make_shared<Page>();
    for (const auto& user : people) {
      const auto events = world.send(user, request("GET", "/events"));
      REQUIRE(events.status == 200);
      events.stream(page);
    }
    std::vector<std::atomic<int>> winners(kLeads);
    std::atomic<int> strange{0};
    {
      const Beside saving([&] {
        const auto answer =
            world.send("sales1", request("POST", "/toy_tickets", R"({"title":"并行"})"));
        if (answer.status != 201) ++strange;
      });
      const Beside jobs([&] { world.run_jobs(); });
      const Beside reading([&] {
        if (world.send("manager", request("GET", "/leads")).status != 200) ++strange;
      });
      std::latch start(kClients);
      std::vector<std::thread> clients;
      for (std::size_t client = 0; client < kClients; ++client) {
        clients.emplace_back([&, client] {
          start.arrive_and_wait();
          for (std::size_t step = 0; step < kLeads; ++step) {
            const std::size_t lead = (client / 8 + step) % kLeads;
            const auto path = "/leads/" + std::to_string(leads[lead]) + "/claim";
            const auto status =
                world.send(people[client % people.size()], request("POST", path)).status;
            if (status == 200) ++winners[lead];
            if (status != 200 && status != 409) ++strange;
          }
        });
      }
      for (auto& client : clients) client.join();
    }
    CHECK(strange == 0);
    for (const auto& winner : winners) CHECK(winner == 1);
    CHECK(page->bytes() > 0);
    page->close();
  }
}

}  // namespace kehai::scenario
