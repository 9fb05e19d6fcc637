// What a receiver is told: one row per webhook and event, from the commit of the change until long
// after the delivery.
//
// A row waits, is held back (its receiver refused it or an earlier one about the same record, until
// next_at), or is done: delivered, failed (refused too often) or skipped (the person whose rights
// the webhook has does not see the record). Done rows are kept for a while for people to look at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "db/table.h"
#include "record/record.h"

namespace kehai::platform {

namespace delivery_status {
inline constexpr const char* kWaiting = "waiting";
inline constexpr const char* kHeld = "held";
inline constexpr const char* kDelivered = "delivered";
inline constexpr const char* kFailed = "failed";
inline constexpr const char* kSkipped = "skipped";
}  // namespace delivery_status

struct Delivery {
  std::int64_t webhook_id = 0;
  std::int64_t event_id = 0;  // the outbox row's; the same in every attempt and for every webhook
  std::string object;         // "" = a test message
  record::RecordId record_id = 0;
  std::string kind;  // created, updated, deleted, restored; test
  std::int64_t version = 0;
  base::Instant at = 0;  // of the change
  std::int64_t attempts = 0;
};

// As people look at it.
struct DeliveryReport : Delivery {
  std::string status;
  std::optional<base::Instant> next_at;
  std::optional<std::int64_t> answer;  // HTTP status
  std::string problem;                 // code; "" = none
  std::optional<base::Instant> done_at;
  std::optional<std::int64_t> milliseconds;
};

db::TableDefinition delivery_table();

// Nothing happens when the row is there already.
void add_delivery(db::Writer& writer, const Delivery& delivery);

// What can be sent now, in the order of the changes; changes of one record stay in order. Rows that
// have to wait behind a held one of their record are held with it.
std::vector<Delivery> take_due(db::Database& database, std::int64_t webhook_id, base::Instant now);
bool has_due(db::Reader& reader, std::int64_t webhook_id, base::Instant now);

// A waiting row waits behind one of its record that is held.
void hold(db::Writer& writer, const Delivery& delivery, base::Instant until);

// What became of one attempt.
struct Attempt {
  std::string status;  // where the row goes
  std::optional<base::Instant> next_at;
  std::optional<std::int64_t> answer;
  std::string problem;
  std::optional<std::int64_t> milliseconds;
};
void settle(db::Writer& writer, const Delivery& delivery, const Attempt& attempt,
            base::Instant now);

// Newest first; `after` is the last row of the page before. "waiting" includes what is held.
struct DeliveryPage {
  std::string status;                                           // "" = all
  std::optional<std::pair<base::Instant, std::int64_t>> after;  // at, event_id
  int limit = 50;
};
std::vector<DeliveryReport> list_deliveries(db::Reader& reader, std::int64_t webhook_id,
                                            const DeliveryPage& page);
// Counts at most `limit`.
std::int64_t count_waiting(db::Reader& reader, std::int64_t webhook_id, int limit);
// When the oldest change happened that waits; nothing when none does.
std::optional<base::Instant> oldest_waiting(db::Reader& reader, std::int64_t webhook_id);

// Makes a done row wait again. False when there is no such row, or it waits.
bool send_again(db::Writer& writer, std::int64_t webhook_id, std::int64_t event_id);
bool has_delivery(db::Reader& reader, std::int64_t webhook_id, std::int64_t event_id);
// What is held need not wait any longer.
void release_held(db::Writer& writer, std::int64_t webhook_id, base::Instant now);

// Removes what was delivered more than 7 days ago, and what failed, was skipped or waits for more
// than 30; some at a time. Returns how many.
std::int64_t remove_old(db::Writer& writer, base::Instant now);

}  // namespace kehai::platform
