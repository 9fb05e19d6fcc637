#include "platform/webhooks/courier.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <map>
#include <thread>

#include "base/error.h"
#include "platform/access/access.h"
#include "platform/notify/notify.h"
#include "platform/webhooks/fan_out.h"
#include "platform/webhooks/message.h"
#include "record/tx.h"

namespace kehai::platform {

using base::Instant;
using namespace delivery_status;
using SteadyClock = std::chrono::steady_clock;

namespace {

const db::Table kWebhook("webhook");
constexpr std::size_t kLanes = 4;             // messages under way to one receiver
constexpr std::int64_t kMostRefusals = 12;    // of one message
constexpr std::int64_t kRefusalsInARow = 10;  // until the receiver as a whole is left alone
constexpr Instant kGivesUpAfter = 3 * 86'400'000LL;
constexpr Instant kToldEvery = 10'000;  // how exact the time of the last delivery is kept
constexpr std::chrono::milliseconds kLook{200};
constexpr std::chrono::seconds kFarewell{2};

// Before the next attempt, by the number of failed ones.
Instant pause_after(std::int64_t failures) {
  static constexpr std::array<Instant, 6> kPauses = {5'000,   15'000,  60'000,
                                                     300'000, 900'000, 3'600'000};
  const auto index =
      static_cast<std::size_t>(std::clamp<std::int64_t>(failures, 1, kPauses.size()));
  return kPauses[index - 1];
}

enum class Outcome { Delivered, Refused, Unreachable, Skipped, Cancelled };

struct Result {
  Outcome outcome = Outcome::Delivered;
  Attempt attempt;
};

Outcome outcome_of(int status) {
  if (status >= 200 && status < 300) return Outcome::Delivered;
  const bool is_busy = status >= 500 || status == 408 || status == 425 || status == 429;
  return is_busy ? Outcome::Unreachable : Outcome::Refused;
}

// The program's end, as workers hear of it.
class Ending {
 public:
  void begin() { at_ = SteadyClock::now(); }
  void forget() { at_ = SteadyClock::time_point(); }
  // No further message is sent.
  bool has_begun() const { return at_.load() != SteadyClock::time_point(); }
  // Nor is an answer waited for.
  bool is_over() const { return has_begun() && SteadyClock::now() - at_.load() > kFarewell; }

 private:
  std::atomic<SteadyClock::time_point> at_{SteadyClock::time_point()};
};

// One webhook's turn, on a thread of its own.
class Turn {
 public:
  Turn(Webhooks& webhooks, Webhook webhook, const Ending& ending)
      : webhooks_(webhooks),
        engine_(webhooks.engine()),
        webhook_(std::move(webhook)),
        key_(webhooks.key(webhook_.id, webhook_.secret_number)),
        ending_(ending),
        failures_(webhook_.failures) {}

  void run() {
    while (goes_on()) {
      const auto due = take_due(engine_.database(), webhook_.id, engine_.clock().now());
      if (due.empty()) return;
      deliver(due);
    }
  }

 private:
  // Asked before every message: whoever switches the webhook off, or changes where it goes or for
  // whom, is not told "soon". What is changed is another turn's.
  bool goes_on() const {
    if (is_over_ || ending_.has_begun()) return false;
    const auto active = webhooks_.active();
    return std::any_of(active->begin(), active->end(), [this](const Webhook& now) {
      return now.id == webhook_.id && now.url == webhook_.url && now.user_id == webhook_.user_id &&
             now.secret_number == webhook_.secret_number;
    });
  }

  // With the rights of this moment; without any when he is not there any more.
  record::Actor reader() const {
    record::Actor actor;
    actor.user_id = webhook_.user_id;
    actor.via = "webhook";
    access_of(engine_).attach_rights(actor);
    return actor;
  }

  // Those about one record are in one lane.
  void deliver(const std::vector<Delivery>& due) {
    std::array<std::vector<const Delivery*>, kLanes> lanes;
    std::size_t next = 0;
    for (const auto& delivery : due) {
      const auto lane =
          delivery.record_id == 0 ? next++ : static_cast<std::size_t>(delivery.record_id);
      lanes[lane % kLanes].push_back(&delivery);
    }
    std::vector<std::thread> threads;
    for (const auto& lane : lanes) {
      if (!lane.empty()) threads.emplace_back([this, &lane] { walk(lane); });
    }
    for (auto& thread : threads) thread.join();
  }

  void walk(const std::vector<const Delivery*>& lane) {
    try {
      std::map<record::RecordId, Instant> held;
      for (const Delivery* delivery : lane) {
        if (!goes_on()) return;
        const auto behind = held.find(delivery->record_id);
        if (behind != held.end()) {
          hold_behind(*delivery, behind->second);
          continue;
        }
        const Result result = send(*delivery);
        if (result.outcome == Outcome::Cancelled) return;
        take_note(*delivery, result);
        if (result.attempt.status == kHeld && delivery->record_id != 0)
          held[delivery->record_id] = *result.attempt.next_at;
      }
    } catch (const base::Error& error) {
      // The rows wait where they are.
      is_over_ = true;
      if (error.code() == "engine.stopping") return;
      spdlog::error("webhook {}: {} {}", webhook_.id, error.code(), error.detail());
    } catch (const std::exception& error) {
      is_over_ = true;
      spdlog::error("webhook {}: {}", webhook_.id, error.what());
    }
  }

  Result send(const Delivery& delivery) {
    Result result;
    const auto actor = reader();
    if (!actor.rights) return unreachable("webhook.no_user");
    const auto body = message_body(engine_, actor, delivery);
    if (!body) {
      result.outcome = Outcome::Skipped;
      result.attempt.status = kSkipped;
      return result;
    }
    http::ClientRequest request;
    request.url = webhook_.url;
    request.body = *body;
    request.headers = message_headers(delivery, request.body, key_, engine_.clock().now() / 1000);
    try {
      return result_of(delivery,
                       webhooks_.client().send(request, [this] { return ending_.is_over(); }));
    } catch (const base::Error& error) {
      if (error.code() == "outbound.cancelled") {
        result.outcome = Outcome::Cancelled;
        return result;
      }
      return unreachable(error.code());
    }
  }

  static Result unreachable(const std::string& problem) {
    Result result;
    result.outcome = Outcome::Unreachable;
    result.attempt.status = kWaiting;
    result.attempt.problem = problem;
    return result;
  }

  Result result_of(const Delivery& delivery, const http::ClientResponse& response) {
    Result result;
    result.outcome = outcome_of(response.status);
    if (result.outcome == Outcome::Unreachable) result = unreachable("webhook.answer");
    result.attempt.answer = response.status;
    result.attempt.milliseconds = response.duration.count();
    if (result.outcome == Outcome::Delivered) result.attempt.status = kDelivered;
    if (result.outcome == Outcome::Refused) {
      const bool is_last = delivery.attempts + 1 >= kMostRefusals;
      result.attempt.problem = "webhook.answer";
      result.attempt.status = is_last ? kFailed : kHeld;
      if (!is_last)
        result.attempt.next_at = engine_.clock().now() + pause_after(delivery.attempts + 1);
    }
    return result;
  }

  void hold_behind(const Delivery& delivery, Instant until) {
    engine_.database().write([&](db::Writer& writer) { hold(writer, delivery, until); },
                             db::Lane::Bulk);
  }

  // The row and what the webhook's record says about its receiver, in one transaction.
  void take_note(const Delivery& delivery, const Result& result) {
    const Instant now = engine_.clock().now();
    std::unique_lock lock(mutex_);
    const auto state = next_state(result, now);
    if (state.empty()) lock.unlock();  // the ordinary case; lanes need not wait for each other
    engine_.database().write([&](db::Writer& writer) {
      settle(writer, delivery, result.attempt, now);
      if (!state.empty()) kWebhook.update(writer, state, {{"id", db::Compare::Equal, webhook_.id}});
    });
    if (state.empty()) return;
    webhooks_.reload();
    if (webhook_.failing_since && now - *webhook_.failing_since >= kGivesUpAfter) switch_off();
  }

  // What changes in the webhook's record.
  std::vector<db::Assignment> next_state(const Result& result, Instant now) {
    if (result.outcome == Outcome::Skipped) return {};
    return result.outcome == Outcome::Delivered ? after_success(now) : after_failure(result, now);
  }

  std::vector<db::Assignment> after_success(Instant now) {
    failures_ = 0;
    const bool is_news = webhook_.failing_since || !webhook_.last_delivered_at ||
                         now - *webhook_.last_delivered_at > kToldEvery;
    if (!is_news) return {};
    webhook_.failing_since.reset();
    webhook_.last_delivered_at = now;
    return {{"failing_since", base::Value()},
            {"rests_until", base::Value()},
            {"failures", 0},
            {"last_problem", base::Value()},
            {"last_delivered_at", now}};
  }

  std::vector<db::Assignment> after_failure(const Result& result, Instant now) {
    const bool is_unreachable = result.outcome == Outcome::Unreachable;
    // What other lanes had under way says nothing new.
    if (is_over_) return {};
    ++failures_;
    if (!webhook_.failing_since) webhook_.failing_since = now;
    std::vector<db::Assignment> state = {{"failing_since", *webhook_.failing_since},
                                         {"failures", failures_},
                                         {"last_problem", result.attempt.problem}};
    if (is_unreachable || failures_ >= kRefusalsInARow) {
      is_over_ = true;
      const auto pauses = is_unreachable ? failures_ : failures_ - kRefusalsInARow + 1;
      state.push_back({"rests_until", now + pause_after(pauses)});
    }
    return state;
  }

  void switch_off() {
    is_over_ = true;
    engine_.write(record::system_actor("job"), [&](record::Tx& tx) {
      auto record = tx.find("webhook", webhook_.id, record::Lock::ForUpdate);
      if (!record || record->integer("is_active") == 0) return;
      tx.update(*record, record::Draft().set("is_active", false));
      std::set<std::int64_t> people = {record->integer("created_by"), webhook_.user_id};
      for (const std::int64_t person : people)
        notify(tx, person, "webhook_paused", {{"title", webhook_.name}}, "webhook", webhook_.id);
    });
  }

  Webhooks& webhooks_;
  record::Engine& engine_;
  std::mutex mutex_;  // guards webhook_'s state and failures_ between lanes
  Webhook webhook_;
  const std::string key_;
  const Ending& ending_;
  std::int64_t failures_;
  std::atomic<bool> is_over_ = false;
};

}  // namespace

struct Courier::State {
  explicit State(std::shared_ptr<Webhooks> webhooks_in) : webhooks(std::move(webhooks_in)) {}

  // Ends threads that are through.
  void gather() {
    for (auto worker = workers.begin(); worker != workers.end();) {
      if (worker->second.is_done) {
        worker->second.thread.join();
        worker = workers.erase(worker);
      } else {
        ++worker;
      }
    }
  }

  void start(const Webhook& webhook) {
    auto& worker = workers[webhook.id];
    worker.thread = std::thread([this, webhook, &worker] {
      try {
        Turn(*webhooks, webhook, ending).run();
      } catch (const std::exception& error) {
        spdlog::error("webhook {}: {}", webhook.id, error.what());
      }
      const std::lock_guard lock(mutex);
      worker.is_done = true;
      ended.notify_all();
    });
  }

  void start_due() {
    auto& engine = webhooks->engine();
    const Instant now = engine.clock().now();
    std::vector<Webhook> due;
    std::optional<Instant> oldest;
    const auto active = webhooks->active();
    engine.database().read([&](db::Reader& reader) {
      due.clear();
      oldest.reset();
      for (const auto& webhook : *active) {
        if (const auto at = oldest_waiting(reader, webhook.id))
          oldest = std::min(oldest.value_or(*at), *at);
        if (!workers.contains(webhook.id) && webhook.rests_until.value_or(0) <= now &&
            has_due(reader, webhook.id, now))
          due.push_back(webhook);
      }
    });
    webhooks->set_waiting_seconds(oldest ? std::max<Instant>(now - *oldest, 0) / 1000 : 0);
    for (const auto& webhook : due) start(webhook);
  }

  void finish() {
    for (auto& [id, worker] : workers) worker.thread.join();
    workers.clear();
  }

  void loop() {
    do {
      webhooks->engine().check_background_work();
      while (fan_out(*webhooks) == kFanOutAtOnce) webhooks->engine().check_background_work();
      {
        const std::lock_guard lock(mutex);
        gather();
      }
      start_due();
      std::unique_lock lock(mutex);
      if (!workers.empty()) ended.wait_for(lock, kLook);
    } while (!workers.empty());
  }

  struct Worker {
    std::thread thread;
    bool is_done = false;
  };

  std::shared_ptr<Webhooks> webhooks;
  std::mutex mutex;  // guards is_done
  std::condition_variable ended;
  std::map<std::int64_t, Worker> workers;
  Ending ending;
};

Courier::Courier(std::shared_ptr<Webhooks> webhooks)
    : state_(std::make_unique<State>(std::move(webhooks))) {}
Courier::~Courier() = default;

void Courier::run() {
  try {
    state_->loop();
  } catch (...) {
    state_->ending.begin();
    state_->finish();
    state_->ending.forget();
    throw;
  }
}

}  // namespace kehai::platform
