// Webhooks over weeks: a receiver of our own on loopback, and a clock that the test moves.
#include "platform/webhooks/webhooks.h"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "app/application.h"
#include "base/error.h"
#include "db/test_databases.h"
#include "http/raw_client.h"
#include "record/tx.h"

namespace kehai::app {
namespace {

constexpr std::int64_t kMinute = 60'000;

struct MovableTime {
  std::atomic<base::Instant> now{1'772'328'600'000};
};

class MovableClock : public base::Clock {
 public:
  explicit MovableClock(std::shared_ptr<MovableTime> time) : time_(std::move(time)) {}
  base::Instant now() override { return time_->now; }

 private:
  std::shared_ptr<MovableTime> time_;
};

// Counts what comes and refuses what it is told to.
class Receiver {
 public:
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/hook"; }
  void refuse(std::int64_t record) { refused_ = record; }
  void refuse_all(bool all) { refuses_all_ = all; }
  // Called with the first message, before it is answered.
  void at_first(std::function<void()> call) { at_first_ = std::move(call); }
  // How often each message came.
  std::map<std::string, int> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

 private:
  http::Response take(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    if (messages_.empty() && at_first_) at_first_();
    ++messages_[std::string(request.header("webhook-id"))];
    const auto body = base::parse_json(request.body);
    http::Response response;
    const bool is_refused = refuses_all_ || body.at("record_id").as_int64() == refused_;
    response.status = is_refused ? 422 : 204;
    return response;
  }

  std::mutex mutex_;
  std::map<std::string, int> messages_;
  std::function<void()> at_first_;
  std::atomic<std::int64_t> refused_ = 0;
  std::atomic<bool> refuses_all_ = false;
  http::test::RunningServer server_{http::test::small_options(),
                                    [this](const http::Request& request) { return take(request); }};
};

class Company {
 public:
  Company(const db::TestDatabase& database, const std::string& url)
      : application_(options_of(database), std::make_unique<MovableClock>(time_)) {
    record::Draft user;
    user.set("login", "admin").set("name", "管理员");
    record::Draft draft;
    draft.set("name", "ERP").set("url", url);
    draft.many["objects"] = {"account"};
    application_.engine().write(system_, [&](record::Tx& tx) {
      user_ = tx.create("user", user).id();
      draft.set("user_id", user_);
      webhook_ = tx.create("webhook", draft).id();
    });
    make_admin();
  }

  record::RecordId add_account(const std::string& name) {
    record::RecordId id = 0;
    application_.engine().write(system_, [&](record::Tx& tx) {
      id = tx.create("account", record::Draft().set("name", name)).id();
    });
    return id;
  }
  void change(record::RecordId id, const std::string& text) {
    application_.engine().write(system_, [&](record::Tx& tx) {
      auto account = tx.get("account", id);
      tx.update(account, record::Draft().set("description", text));
    });
  }
  void switch_off() {
    application_.engine().write(system_, [&](record::Tx& tx) {
      auto webhook = tx.get("webhook", webhook_);
      tx.update(webhook, record::Draft().set("is_active", false));
    });
  }
  void work_after(std::int64_t milliseconds) {
    time_->now += milliseconds;
    application_.jobs().run_all_now();
  }
  base::JsonObject deliveries(const std::string& status) {
    return base::parse_json(application_.webhooks().deliveries_json(record::system_actor("test"),
                                                                    webhook_, status, "", 100,
                                                                    base::Language::English))
        .as_object();
  }
  std::size_t count(const std::string& status) {
    return deliveries(status).at("value").as_array().size();
  }
  const platform::Webhooks& webhooks() { return application_.webhooks(); }
  record::RecordId webhook() const { return webhook_; }
  const record::Actor& actor() const { return system_; }

 private:
  static Options options_of(const db::TestDatabase& database) {
    Options options;
    options.data_directory = database.folder();
    if (database.kind() == db::Kind::Postgres) options.database_url = database.address();
    options.outbound_networks = {"127.0.0.0/8"};
    options.quiet_log = true;
    return options;
  }
  void make_admin() {
    application_.engine().write(system_, [&](record::Tx& tx) {
      auto user = tx.get("user", user_);
      record::Draft draft;
      draft.many["role_ids"] = {tx.find_all("role", "name eq 'admin'", {}, "id", 1).at(0).id()};
      tx.update(user, draft);
    });
  }

  std::shared_ptr<MovableTime> time_ = std::make_shared<MovableTime>();
  Application application_;
  record::Actor system_ = record::system_actor("test");
  record::RecordId user_ = 0;
  record::RecordId webhook_ = 0;
};

}  // namespace

TEST_CASE(
    "a message that is refused again and again fails, others go on, and it can be sent again") {
  db::on_each_database([](db::TestDatabase& database) {
    Receiver receiver;
    Company company(database, receiver.url());
    const auto bad = company.add_account("总被拒绝的客户");
    receiver.refuse(bad);
    company.work_after(0);
    CHECK(company.count("waiting") == 1);
    company.change(bad, "排在后面");
    company.add_account("没有问题的客户");
    company.work_after(1'000);
    CHECK(company.count("delivered") == 1);
    CHECK(company.count("waiting") == 2);
    for (int i = 0; i < 40 && company.count("failed") < 2; ++i) company.work_after(61 * kMinute);
    const auto failed = company.deliveries("failed").at("value").as_array();
    REQUIRE(failed.size() == 2);
    for (const auto& row : failed) {
      CHECK(row.at("answer").as_int64() == 422);
      CHECK(row.at("problem").at("code").as_string() == "webhook.answer");
      CHECK(receiver.messages().at(std::string(row.at("event_id").as_string())) == 12);
    }
    const std::string event(failed.at(0).at("event_id").as_string());
    receiver.refuse(0);
    company.webhooks().send_again(company.actor(), company.webhook(), std::stoll(event));
    company.work_after(61 * kMinute);
    CHECK(receiver.messages().at(event) == 13);
    CHECK(company.count("failed") == 1);
    CHECK(company.count("delivered") == 2);
    // Delivered rows are kept for a week, the others for thirty days.
    company.work_after(8 * 24 * 60 * kMinute);
    CHECK(company.count("delivered") == 0);
    CHECK(company.count("failed") == 1);
    company.work_after(23 * 24 * 60 * kMinute);
    CHECK(company.count("failed") == 0);
  });
}

TEST_CASE("a receiver that refuses everything is left alone like one that is gone") {
  db::on_each_database([](db::TestDatabase& database) {
    Receiver receiver;
    Company company(database, receiver.url());
    for (int i = 0; i < 40; ++i) company.add_account("客户" + std::to_string(i) + "号");
    receiver.refuse_all(true);
    company.work_after(0);
    // Ten, and what was under way.
    CHECK(receiver.messages().size() >= 10);
    CHECK(receiver.messages().size() <= 13);
    CHECK(company.webhooks().active()->at(0).rests_until.has_value());
    receiver.refuse_all(false);
    company.work_after(61 * kMinute);
    CHECK(company.count("delivered") == 40);
    CHECK_FALSE(company.webhooks().active()->at(0).failing_since.has_value());
  });
}

TEST_CASE("what is switched off sends nothing more, however much waits") {
  db::on_each_database([](db::TestDatabase& database) {
    Receiver receiver;
    Company company(database, receiver.url());
    for (int i = 0; i < 40; ++i) company.add_account("客户" + std::to_string(i) + "号");
    receiver.at_first([&] { company.switch_off(); });
    company.work_after(0);
    // What was under way.
    CHECK(receiver.messages().size() <= 4);
    CHECK(company.count("waiting") >= 36);
  });
}

}  // namespace kehai::app
