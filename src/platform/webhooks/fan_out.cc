#include "platform/webhooks/fan_out.h"

#include "db/among.h"

namespace kehai::platform {

namespace {

const db::Table kOutbox("outbox_event");

std::vector<Delivery> read_changes(db::Reader& reader) {
  std::vector<Delivery> changes;
  kOutbox.select_each(reader,
                      {{"id", "object", "record_id", "kind", "version", "at"},
                       {{"consumer", db::Compare::Equal, kWebhookConsumer}},
                       {{"id", false}},
                       kFanOutAtOnce,
                       false},
                      [&](const db::Row& row) {
                        Delivery change;
                        change.event_id = row.get_int(0);
                        change.object = row.get_text(1);
                        change.record_id = row.get_int(2);
                        change.kind = row.get_text(3);
                        change.version = row.get_int(4);
                        change.at = row.get_int(5);
                        changes.push_back(std::move(change));
                      });
  return changes;
}

}  // namespace

int fan_out(Webhooks& webhooks) {
  auto& database = webhooks.engine().database();
  int count = 0;
  database.read([&](db::Reader& reader) { count = static_cast<int>(read_changes(reader).size()); });
  if (count == 0) return 0;
  const auto active = webhooks.active();
  database.write(
      [&](db::Writer& writer) {
        // Also a node that believes to be alone takes no change a second time.
        writer.lock("webhook", "fan_out");
        const auto changes = read_changes(writer);
        base::Values done;
        for (const auto& change : changes) {
          done.emplace_back(change.event_id);
          for (const auto& webhook : *active) {
            if (!webhook.wants(change.object, change.kind)) continue;
            Delivery delivery = change;
            delivery.webhook_id = webhook.id;
            add_delivery(writer, delivery);
          }
        }
        db::erase_among(writer, "outbox_event", "id", done);
        count = static_cast<int>(changes.size());
      },
      db::Lane::Bulk);
  return count;
}

}  // namespace kehai::platform
