// Webhooks 数据推送: other systems are told when records change.
//
// A saved change leaves an outbox row in its transaction (fan_out.h makes rows of deliveries of
// it); a courier (courier.h) sends each to its webhook's address until the receiver says that it
// has it. Inside, each change becomes one delivery per webhook, exactly once; outside, a message
// may come more than once and then has the same id.
//
// A webhook is a record (webhook.object.json); whoever is no administrator can only make one that
// sees what he sees himself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"
#include "platform/registrar.h"
#include "platform/webhooks/delivery.h"
#include "record/engine.h"

namespace kehai::platform {

// A webhook that is switched on.
struct Webhook {
  std::int64_t id = 0;
  std::string name;
  std::string url;
  std::set<std::string, std::less<>> objects;
  std::set<std::string, std::less<>> events;  // empty = all
  std::int64_t user_id = 0;                   // whose rights its messages have
  std::int64_t secret_number = 1;
  std::int64_t failures = 0;  // attempts in a row that did not deliver
  std::optional<base::Instant> failing_since;
  std::optional<base::Instant> rests_until;
  std::optional<base::Instant> last_delivered_at;

  bool wants(std::string_view object, std::string_view kind) const;
};

inline constexpr std::string_view kWebhookConsumer = "webhook";

// What can be told about: business records that people find in the navigation.
bool can_be_told(const record::ObjectDefinition& object);

// Safe from any thread.
class Webhooks {
 public:
  struct Parts {
    record::Engine& engine;
    std::string installation_secret;
    http::ClientOptions client;
  };
  // Before the first request, once.
  void open(Parts parts);

  // ---- For the courier
  // Those that are switched on. Read once a second by every node, and after its own changes.
  std::shared_ptr<const std::vector<Webhook>> active() const;
  void reload();
  record::Engine& engine() const { return parts_->engine; }
  const http::Client& client() const { return *client_; }
  std::string key(std::int64_t webhook_id, std::int64_t number) const;
  // Seconds for which the oldest undelivered change has waited, as the courier last saw it.
  std::int64_t waiting_seconds() const { return waiting_seconds_; }
  void set_waiting_seconds(std::int64_t seconds) { waiting_seconds_ = seconds; }

  // Memory only: asked inside every writing transaction.
  bool any_wants(const record::ObjectDefinition& object, record::Operation operation) const;

  // ---- For people. Each needs the right to edit the webhook and throws NotFound without.
  std::string show_secret(const record::Actor& actor, record::RecordId id) const;
  // Another one from now on; returns it.
  std::string renew_secret(const record::Actor& actor, record::RecordId id) const;
  // Queues a message without a record; returns its event id.
  std::int64_t send_test(const record::Actor& actor, record::RecordId id) const;
  // What rests or is held is tried at once.
  void resume(const record::Actor& actor, record::RecordId id) const;
  // Conflict "webhook.waiting" when it waits already.
  void send_again(const record::Actor& actor, record::RecordId id, std::int64_t event_id) const;
  // JSON {"value": […], "next", "waiting"}; problems in words of the language.
  std::string deliveries_json(const record::Actor& actor, record::RecordId id,
                              std::string_view status, std::string_view after, int limit,
                              base::Language language) const;

 private:
  void require_edit(const record::Actor& actor, record::RecordId id) const;

  std::optional<Parts> parts_;
  std::unique_ptr<http::Client> client_;
  std::atomic<bool> is_open_ = false;
  std::atomic<bool> is_any_ = false;
  std::atomic<std::int64_t> waiting_seconds_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Webhook>> active_ = std::make_shared<std::vector<Webhook>>();
};

void register_webhooks(Registrar& registrar, const std::shared_ptr<Webhooks>& webhooks);

}  // namespace kehai::platform
