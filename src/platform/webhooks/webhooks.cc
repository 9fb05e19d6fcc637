#include "platform/webhooks/webhooks.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/json.h"
#include "platform/access/access.h"
#include "platform/embedded_webhooks.h"
#include "platform/webhooks/courier.h"
#include "platform/webhooks/message.h"
#include "record/schema.h"
#include "record/tx.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Actor;
using record::RecordId;
using namespace delivery_status;

namespace {

const db::Table kWebhook("webhook");
constexpr std::size_t kMostWebhooks = 50;
constexpr int kWaitingCounted = 1000;
constexpr std::array<std::string_view, 4> kEvents = {"created", "updated", "deleted", "restored"};

std::set<std::string, std::less<>> texts(const record::Record& record, std::string_view field) {
  std::set<std::string, std::less<>> out;
  for (const auto& value : record.many(field)) out.insert(value.as_text());
  return out;
}

std::optional<base::Instant> instant(const record::Record& record, std::string_view field) {
  return record.is_null(field) ? std::nullopt : std::optional(record.integer(field));
}

Webhook read_webhook(const record::Record& record) {
  Webhook webhook;
  webhook.id = record.id();
  webhook.name = record.text("name");
  webhook.url = record.text("url");
  webhook.objects = texts(record, "objects");
  webhook.events = texts(record, "events");
  webhook.user_id = record.integer("user_id");
  webhook.secret_number = record.integer("secret_number");
  webhook.failures = record.integer("failures");
  webhook.failing_since = instant(record, "failing_since");
  webhook.rests_until = instant(record, "rests_until");
  webhook.last_delivered_at = instant(record, "last_delivered_at");
  return webhook;
}

// ---- What a webhook may be

void check_objects(record::Tx& tx, const record::Record& webhook) {
  if (webhook.many("objects").empty()) throw Error::fields({{"objects", "field.required", {}}});
  for (const auto& value : webhook.many("objects")) {
    const auto* object = tx.schema().find(value.as_text());
    if (object == nullptr || !can_be_told(object->definition()))
      throw Error::fields({{"objects", "webhook.object", {{"object", value.as_text()}}}});
  }
}

void check_address(const record::Record& webhook) {
  try {
    http::check_url(webhook.text("url"));
  } catch (const Error&) {
    throw Error::fields({{"url", "webhook.url", {}}});
  }
}

// Nobody sends himself what he may not see.
void check_person(record::Tx& tx, const record::Record& webhook) {
  const auto& actor = tx.actor();
  if (actor.system || access_of(tx.engine()).is_admin(actor) ||
      webhook.integer("user_id") == actor.user_id)
    return;
  throw Error::fields({{"user_id", "webhook.own_rights", {}}});
}

void before_save(record::Tx& tx, record::Change& change) {
  if (change.operation == record::Operation::Delete) return;
  auto& webhook = *change.after;
  const bool is_new = change.operation == record::Operation::Create;
  const auto changes = [&](std::string_view field) { return is_new || change.changed(field); };
  if (changes("objects")) check_objects(tx, webhook);
  if (changes("url")) check_address(webhook);
  if (changes("url") || changes("objects") || changes("events") || changes("user_id"))
    check_person(tx, webhook);
  if (is_new && tx.count("webhook", "id ne null", {}) >= static_cast<std::int64_t>(kMostWebhooks))
    throw Error(ErrorKind::Limit, "webhook.too_many", {{"limit", std::to_string(kMostWebhooks)}});
  // Another address or another try begins with a clean sheet.
  if (changes("url") || changes("is_active")) {
    for (const char* field : {"failing_since", "rests_until", "last_problem"})
      webhook.set(field, record::Value());
    webhook.set("failures", 0);
  }
}

// ---- Page tokens: "<at>.<event id>"

std::string token_of(const Delivery& last) {
  return std::to_string(last.at) + "." + std::to_string(last.event_id);
}

std::pair<base::Instant, std::int64_t> read_token(std::string_view token) {
  const auto dot = token.find('.');
  std::pair<base::Instant, std::int64_t> out;
  const auto number = [](std::string_view text, std::int64_t& value) {
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
  };
  if (dot == std::string_view::npos || !number(token.substr(0, dot), out.first) ||
      !number(token.substr(dot + 1), out.second))
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "after"}});
  return out;
}

void write_optional(base::JsonWriter& writer, const char* key, std::optional<std::int64_t> value) {
  writer.key(key);
  value ? writer.integer(*value) : writer.null();
}

void write_instant(base::JsonWriter& writer, const char* key, std::optional<base::Instant> value) {
  writer.key(key);
  value ? writer.text(base::format_instant(*value)) : writer.null();
}

void write_report(base::JsonWriter& writer, const DeliveryReport& report, const base::Texts& texts,
                  base::Language language) {
  writer.begin_object().key("event_id").text(std::to_string(report.event_id));
  writer.key("type").text((report.object.empty() ? "webhook" : report.object) + "." + report.kind);
  writer.key("object").text(report.object);
  write_optional(writer, "record_id",
                 report.record_id == 0 ? std::nullopt : std::optional(report.record_id));
  writer.key("version").integer(report.version);
  write_instant(writer, "at", report.at);
  writer.key("status").text(report.status == kHeld ? kWaiting : report.status);
  writer.key("attempts").integer(report.attempts);
  write_instant(writer, "next_at", report.next_at);
  write_optional(writer, "answer", report.answer);
  writer.key("problem");
  if (report.problem.empty()) {
    writer.null();
  } else {
    writer.begin_object().key("code").text(report.problem);
    writer.key("text").text(texts.text(language, report.problem, {})).end_object();
  }
  write_instant(writer, "done_at", report.done_at);
  write_optional(writer, "milliseconds", report.milliseconds);
  writer.end_object();
}

}  // namespace

bool Webhook::wants(std::string_view object, std::string_view kind) const {
  if (std::find(kEvents.begin(), kEvents.end(), kind) == kEvents.end()) return false;
  return objects.contains(object) && (events.empty() || events.contains(kind));
}

bool can_be_told(const record::ObjectDefinition& object) {
  return !object.configuration && !object.internal && object.personal_field.empty() &&
         !object.group.empty();
}

void Webhooks::open(Parts parts) {
  client_ = std::make_unique<http::Client>(parts.client);
  parts_.emplace(std::move(parts));
  is_open_ = true;
  reload();
}

std::shared_ptr<const std::vector<Webhook>> Webhooks::active() const {
  const std::lock_guard lock(mutex_);
  return active_;
}

void Webhooks::reload() {
  if (!is_open_) return;
  auto all = std::make_shared<std::vector<Webhook>>();
  record::ListRequest request;
  request.default_top = request.maximum_top = static_cast<int>(kMostWebhooks);
  request.default_order = "id asc";
  engine().list_typed(record::system_actor("job"), "webhook", request,
                      [&](const record::TypedRow& row) {
                        if (row.record.integer("is_active") != 0)
                          all->push_back(read_webhook(row.record));
                      });
  const std::lock_guard lock(mutex_);
  is_any_ = !all->empty();
  active_ = std::move(all);
}

std::string Webhooks::key(std::int64_t webhook_id, std::int64_t number) const {
  return webhook_key(parts_->installation_secret, webhook_id, number);
}

bool Webhooks::any_wants(const record::ObjectDefinition& object,
                         record::Operation operation) const {
  if (!is_any_ || !can_be_told(object)) return false;
  const auto all = active();
  const auto kind = kEvents[static_cast<std::size_t>(operation)];
  return std::any_of(all->begin(), all->end(),
                     [&](const Webhook& webhook) { return webhook.wants(object.name, kind); });
}

void Webhooks::require_edit(const Actor& actor, RecordId id) const {
  engine().read(actor, "webhook", id, nullptr, "edit");
}

std::string Webhooks::show_secret(const Actor& actor, RecordId id) const {
  require_edit(actor, id);
  std::int64_t number = 0;
  engine().write(actor, [&](record::Tx& tx) {
    const auto record = tx.get("webhook", id);
    number = record.integer("secret_number");
    tx.audit(record, "secret_shown");
  });
  return shown_key(key(id, number));
}

std::string Webhooks::renew_secret(const Actor& actor, RecordId id) const {
  require_edit(actor, id);
  std::int64_t number = 0;
  engine().write(actor, [&](record::Tx& tx) {
    auto record = tx.get("webhook", id);
    number = record.integer("secret_number") + 1;
    tx.update(record, record::Draft().set("secret_number", number));
  });
  return shown_key(key(id, number));
}

std::int64_t Webhooks::send_test(const Actor& actor, RecordId id) const {
  require_edit(actor, id);
  Delivery delivery;
  delivery.webhook_id = id;
  delivery.kind = "test";
  engine().write(actor, [&](record::Tx& tx) {
    delivery.event_id = engine().allocator().next_id("outbox_event");
    delivery.at = tx.now();
    add_delivery(tx.writer(), delivery);
  });
  return delivery.event_id;
}

void Webhooks::resume(const Actor& actor, RecordId id) const {
  require_edit(actor, id);
  engine().database().write([&](db::Writer& writer) {
    kWebhook.update(writer, {{"rests_until", base::Value()}}, {{"id", db::Compare::Equal, id}});
    release_held(writer, id, engine().clock().now());
  });
}

void Webhooks::send_again(const Actor& actor, RecordId id, std::int64_t event_id) const {
  require_edit(actor, id);
  engine().database().write([&](db::Writer& writer) {
    if (platform::send_again(writer, id, event_id)) return;
    if (!has_delivery(writer, id, event_id)) throw Error(ErrorKind::NotFound, "record.not_found");
    throw Error(ErrorKind::Conflict, "webhook.waiting");
  });
}

std::string Webhooks::deliveries_json(const Actor& actor, RecordId id, std::string_view status,
                                      std::string_view after, int limit,
                                      base::Language language) const {
  require_edit(actor, id);
  static constexpr std::array<std::string_view, 5> kStatuses = {"", kWaiting, kDelivered, kFailed,
                                                                kSkipped};
  if (std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end())
    throw Error(ErrorKind::Invalid, "query.bad_option", {{"name", "status"}});
  DeliveryPage page;
  page.status = status;
  page.limit = limit + 1;
  if (!after.empty()) page.after = read_token(after);
  std::vector<DeliveryReport> rows;
  std::int64_t waiting = 0;
  engine().database().read([&](db::Reader& reader) {
    rows = list_deliveries(reader, id, page);
    waiting = count_waiting(reader, id, kWaitingCounted);
  });
  const bool has_more = rows.size() > static_cast<std::size_t>(limit);
  if (has_more) rows.pop_back();
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  for (const auto& row : rows) write_report(writer, row, engine().texts(), language);
  writer.end_array().key("next");
  has_more ? writer.text(token_of(rows.back())) : writer.null();
  writer.key("waiting").integer(waiting).end_object();
  return out;
}

void register_webhooks(Registrar& registrar, const std::shared_ptr<Webhooks>& webhooks) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_webhook_object());
  registry.add_table(delivery_table());
  record::Hooks hooks;
  hooks.object = "webhook";
  hooks.name = "webhook";
  hooks.before_save = before_save;
  registry.add_hooks(std::move(hooks));
  registry.add_durable_consumer(
      {std::string(kWebhookConsumer),
       [webhooks](const record::ObjectDefinition& object, record::Operation operation) {
         return webhooks->any_wants(object, operation);
       }});
  registry.add_event_handler([webhooks](const record::Event& event) {
    if (event.object == "webhook") webhooks->reload();
  });
  registrar.schedules.push_back(
      {"webhook.read", 1'000, [webhooks](record::Engine&) { webhooks->reload(); }, true});
  const auto courier = std::make_shared<Courier>(webhooks);
  registrar.schedules.push_back({.name = "webhook.deliver",
                                 .every_milliseconds = 300,
                                 .run = [courier](record::Engine&) { courier->run(); },
                                 .waits_for_others = true});
  registrar.schedules.push_back(
      {"webhook.remove_old", 600'000, [](record::Engine& engine) {
         std::int64_t removed = 1;
         while (removed > 0) {
           engine.check_background_work();
           engine.database().write(
               [&](db::Writer& writer) { removed = remove_old(writer, engine.clock().now()); },
               db::Lane::Bulk);
         }
       }});
}

}  // namespace kehai::platform
