#include "platform/webhooks/message.h"

#include "base/error.h"
#include "base/json.h"
#include "base/random.h"
#include "record/access.h"

namespace kehai::platform {

namespace {

using record::Actor;

bool finds(record::Engine& engine, const Actor& actor, const Delivery& delivery) {
  try {
    engine.read(actor, delivery.object, delivery.record_id, nullptr, "read", true);
    return true;
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::NotFound) throw;
    return false;
  }
}

bool may_know_deleted(record::Engine& engine, const Actor& actor, const Delivery& delivery) {
  if (finds(engine, actor, delivery)) return true;
  const auto schema = engine.schema();
  const auto* object = schema->find(delivery.object);
  return object != nullptr && engine.access().scope(actor, object->definition(), "read").all &&
         !finds(engine, record::system_actor("webhook"), delivery);
}

// "" when the record is not to be seen.
std::string record_json(record::Engine& engine, const Actor& actor, const Delivery& delivery) {
  try {
    return engine.read_json(actor, delivery.object, delivery.record_id, {});
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::NotFound && error.kind() != base::ErrorKind::Forbidden)
      throw;
    return "";
  }
}

}  // namespace

std::optional<std::string> message_body(record::Engine& engine, const Actor& actor,
                                        const Delivery& delivery) {
  const bool is_test = delivery.object.empty();
  std::string record;
  if (!is_test && delivery.kind == "deleted") {
    if (!may_know_deleted(engine, actor, delivery)) return std::nullopt;
  } else if (!is_test) {
    record = record_json(engine, actor, delivery);
    if (record.empty()) return std::nullopt;
  }
  std::string body;
  base::JsonWriter writer(body);
  writer.begin_object().key("id").text(std::to_string(delivery.event_id));
  writer.key("type").text((is_test ? "webhook" : delivery.object) + "." + delivery.kind);
  writer.key("at").text(base::format_instant(delivery.at));
  if (!is_test) {
    writer.key("object").text(delivery.object).key("record_id").integer(delivery.record_id);
    writer.key("version").integer(delivery.version);
  }
  if (!record.empty()) writer.key("record").raw(record);
  writer.end_object();
  return body;
}

std::string webhook_key(std::string_view installation_secret, std::int64_t webhook_id,
                        std::int64_t number) {
  return base::hmac_sha256(installation_secret,
                           "webhook:" + std::to_string(webhook_id) + ":" + std::to_string(number));
}

std::string shown_key(std::string_view key) {
  return "whsec_" + base::base64(key);
}

http::Headers message_headers(const Delivery& delivery, std::string_view body, std::string_view key,
                              std::int64_t seconds) {
  const std::string id = std::to_string(delivery.event_id);
  const std::string timestamp = std::to_string(seconds);
  const std::string signature =
      base::base64(base::hmac_sha256(key, id + "." + timestamp + "." + std::string(body)));
  return {{"Content-Type", "application/json"},
          {"webhook-id", id},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", "v1," + signature}};
}

}  // namespace kehai::platform
