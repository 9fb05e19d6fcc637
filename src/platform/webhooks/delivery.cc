#include "platform/webhooks/delivery.h"

#include <algorithm>
#include <map>

#include "db/among.h"

namespace kehai::platform {

using base::Instant;
using base::Value;
using db::Compare;
using namespace delivery_status;

namespace {

const db::Table kDeliveries("webhook_delivery");
constexpr int kWaitingAtOnce = 100;
constexpr int kHeldAtOnce = 50;
constexpr int kRemovedAtOnce = 500;
constexpr Instant kDay = 86'400'000;
constexpr Instant kKeepDelivered = 7 * kDay;
constexpr Instant kKeep = 30 * kDay;

const std::vector<std::string> kColumns = {"event_id", "object", "record_id", "kind",
                                           "version",  "at",     "attempts"};

Delivery read_delivery(const db::Row& row, std::int64_t webhook_id) {
  Delivery delivery;
  delivery.webhook_id = webhook_id;
  delivery.event_id = row.get_int(0);
  delivery.object = row.get_text(1);
  delivery.record_id = row.get_int(2);
  delivery.kind = row.get_text(3);
  delivery.version = row.get_int(4);
  delivery.at = row.get_int(5);
  delivery.attempts = row.get_int(6);
  return delivery;
}

std::vector<db::Condition> with_status(std::int64_t webhook_id, const char* status) {
  return {{"webhook_id", Compare::Equal, webhook_id}, {"status", Compare::Equal, status}};
}

std::vector<Delivery> read_held(db::Reader& reader, std::int64_t webhook_id, Instant now,
                                int limit) {
  std::vector<Delivery> out;
  auto where = with_status(webhook_id, kHeld);
  where.push_back({"next_at", Compare::LessEqual, now});
  kDeliveries.select_each(
      reader,
      {kColumns, where, {{"next_at", false}, {"at", false}, {"event_id", false}}, limit, false},
      [&](const db::Row& row) { out.push_back(read_delivery(row, webhook_id)); });
  return out;
}

std::vector<Delivery> read_waiting(db::Reader& reader, std::int64_t webhook_id, int limit) {
  std::vector<Delivery> out;
  kDeliveries.select_each(
      reader,
      {kColumns,
       with_status(webhook_id, kWaiting),
       {{"at", false}, {"event_id", false}},
       limit,
       false},
      [&](const db::Row& row) { out.push_back(read_delivery(row, webhook_id)); });
  return out;
}

// Of these records: until when one of their rows is held.
std::map<record::RecordId, Instant> held_records(db::Reader& reader, std::int64_t webhook_id,
                                                 const std::vector<Delivery>& deliveries) {
  base::Values ids;
  for (const auto& delivery : deliveries) ids.emplace_back(delivery.record_id);
  std::map<record::RecordId, Instant> held;
  auto where = with_status(webhook_id, kHeld);
  where.push_back({"next_at", Compare::IsNotNull, {}});
  db::select_among(reader,
                   {"webhook_delivery", {"record_id", "next_at"}, where, "record_id", false}, ids,
                   [&](const db::Row& row) {
                     auto& until = held[row.get_int(0)];
                     until = std::max(until, row.get_int(1));
                   });
  return held;
}

// Changes of one record by their versions, which never lie where nodes have clocks of their own;
// records by their first change.
std::vector<Delivery> in_order(std::vector<Delivery> due) {
  std::map<record::RecordId, std::size_t> first;
  for (std::size_t i = 0; i < due.size(); ++i) first.emplace(due[i].record_id, i);
  std::stable_sort(due.begin(), due.end(), [&](const Delivery& a, const Delivery& b) {
    return std::pair(first.at(a.record_id), a.version) <
           std::pair(first.at(b.record_id), b.version);
  });
  return due;
}

template <typename T>
Value value_of(const std::optional<T>& given) {
  return given ? Value(*given) : Value();
}

std::optional<std::int64_t> number(const db::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.get_int(column));
}

// By the time and, within it, by the event: the rows of a page come from both statements of one
// page, those of the same time first.
std::vector<DeliveryReport> read_reports(db::Reader& reader, std::int64_t webhook_id,
                                         const std::string& status,
                                         std::vector<db::Condition> where, int limit) {
  std::vector<DeliveryReport> out;
  where.insert(where.begin(), {"webhook_id", Compare::Equal, webhook_id});
  if (!status.empty()) where.push_back({"status", Compare::Equal, status});
  auto columns = kColumns;
  for (const char* name : {"status", "next_at", "answer", "problem", "done_at", "milliseconds"})
    columns.emplace_back(name);
  kDeliveries.select_each(reader,
                          {columns, where, {{"at", true}, {"event_id", true}}, limit, false},
                          [&](const db::Row& row) {
                            DeliveryReport report;
                            static_cast<Delivery&>(report) = read_delivery(row, webhook_id);
                            report.status = row.get_text(7);
                            report.next_at = number(row, 8);
                            report.answer = number(row, 9);
                            report.problem = row.get_text(10);
                            report.done_at = number(row, 11);
                            report.milliseconds = number(row, 12);
                            out.push_back(std::move(report));
                          });
  return out;
}

std::vector<DeliveryReport> read_page(db::Reader& reader, std::int64_t webhook_id,
                                      const std::string& status, const DeliveryPage& page) {
  if (!page.after) return read_reports(reader, webhook_id, status, {}, page.limit);
  const auto [at, event_id] = *page.after;
  auto out =
      read_reports(reader, webhook_id, status,
                   {{"at", Compare::Equal, at}, {"event_id", Compare::Less, event_id}}, page.limit);
  const int missing = page.limit - static_cast<int>(out.size());
  if (missing > 0) {
    auto more = read_reports(reader, webhook_id, status, {{"at", Compare::Less, at}}, missing);
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  return out;
}

std::int64_t remove_rows(db::Writer& writer, const std::vector<db::Condition>& where,
                         const char* order) {
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;
  kDeliveries.select_each(
      writer, {{"webhook_id", "event_id"}, where, {{order, false}}, kRemovedAtOnce, false},
      [&](const db::Row& row) { rows.emplace_back(row.get_int(0), row.get_int(1)); });
  for (const auto& [webhook_id, event_id] : rows) {
    kDeliveries.erase(writer, {{"webhook_id", Compare::Equal, webhook_id},
                               {"event_id", Compare::Equal, event_id}});
  }
  return static_cast<std::int64_t>(rows.size());
}

// The next one that has rows.
std::optional<std::int64_t> next_webhook(db::Reader& reader, std::int64_t after) {
  const auto rows = kDeliveries.select(reader, {{"webhook_id"},
                                                {{"webhook_id", Compare::Greater, after}},
                                                {{"webhook_id", false}},
                                                1,
                                                false});
  return rows.empty() ? std::nullopt : std::optional(rows[0][0].as_int());
}

}  // namespace

db::TableDefinition delivery_table() {
  return {
      "webhook_delivery",
      {{"webhook_id", false, true},
       {"event_id", false, true},
       {"object", true, true},
       {"record_id", false, true},
       {"kind", true, true},
       {"version", false, true},
       {"at", false, true},
       {"status", true, true},
       {"attempts", false, true},
       {"next_at", false, false},
       {"answer", false, false},
       {"problem", true, false},
       {"done_at", false, false},
       {"milliseconds", false, false}},
      {"webhook_id", "event_id"},
      {{"ix_webhook_delivery_at", {"webhook_id", "at", "event_id"}, false, "", ""},
       {"ix_webhook_delivery_status", {"webhook_id", "status", "at", "event_id"}, false, "", ""},
       {"ix_webhook_delivery_held",
        {"webhook_id", "status", "next_at", "at", "event_id"},
        false,
        "",
        "next_at"},
       {"ix_webhook_delivery_record", {"record_id", "webhook_id"}, false, "", "next_at"},
       {"ix_webhook_delivery_done", {"status", "done_at"}, false, "", "done_at"}},
      false};
}

void add_delivery(db::Writer& writer, const Delivery& delivery) {
  kDeliveries.insert_if_absent(writer, {{"webhook_id", delivery.webhook_id},
                                        {"event_id", delivery.event_id},
                                        {"object", delivery.object},
                                        {"record_id", delivery.record_id},
                                        {"kind", delivery.kind},
                                        {"version", delivery.version},
                                        {"at", delivery.at},
                                        {"status", kWaiting},
                                        {"attempts", 0}});
}

std::vector<Delivery> take_due(db::Database& database, std::int64_t webhook_id, Instant now) {
  std::vector<Delivery> due;
  std::vector<Delivery> waiting;
  std::map<record::RecordId, Instant> held;
  database.read([&](db::Reader& reader) {
    due = read_held(reader, webhook_id, now, kHeldAtOnce);
    waiting = read_waiting(reader, webhook_id, kWaitingAtOnce);
    held = held_records(reader, webhook_id, waiting);
  });
  std::vector<std::pair<const Delivery*, Instant>> behind;
  for (const auto& delivery : waiting) {
    const auto found = held.find(delivery.record_id);
    if (found == held.end() || delivery.record_id == 0) {
      due.push_back(delivery);
    } else {
      behind.emplace_back(&delivery, std::max(found->second, now));
    }
  }
  if (!behind.empty()) {
    database.write(
        [&](db::Writer& writer) {
          for (const auto& [delivery, until] : behind) hold(writer, *delivery, until);
        },
        db::Lane::Bulk);
  }
  return in_order(std::move(due));
}

void hold(db::Writer& writer, const Delivery& delivery, Instant until) {
  auto where = with_status(delivery.webhook_id, kWaiting);
  where.push_back({"event_id", Compare::Equal, delivery.event_id});
  kDeliveries.update(writer, {{"status", kHeld}, {"next_at", until}}, where);
}

bool has_due(db::Reader& reader, std::int64_t webhook_id, Instant now) {
  return !read_waiting(reader, webhook_id, 1).empty() ||
         !read_held(reader, webhook_id, now, 1).empty();
}

void settle(db::Writer& writer, const Delivery& delivery, const Attempt& attempt, Instant now) {
  const bool is_done = attempt.status != kWaiting && attempt.status != kHeld;
  kDeliveries.update(writer,
                     {{"status", attempt.status},
                      {"attempts", delivery.attempts + 1},
                      {"next_at", value_of(attempt.next_at)},
                      {"answer", value_of(attempt.answer)},
                      {"problem", attempt.problem.empty() ? Value() : Value(attempt.problem)},
                      {"done_at", is_done ? Value(now) : Value()},
                      {"milliseconds", value_of(attempt.milliseconds)}},
                     {{"webhook_id", Compare::Equal, delivery.webhook_id},
                      {"event_id", Compare::Equal, delivery.event_id},
                      {"status", Compare::NotEqual, kDelivered}});
}

std::vector<DeliveryReport> list_deliveries(db::Reader& reader, std::int64_t webhook_id,
                                            const DeliveryPage& page) {
  auto out = read_page(reader, webhook_id, page.status, page);
  if (page.status != kWaiting) return out;
  auto held = read_page(reader, webhook_id, kHeld, page);
  std::move(held.begin(), held.end(), std::back_inserter(out));
  std::sort(out.begin(), out.end(), [](const DeliveryReport& a, const DeliveryReport& b) {
    return std::pair(a.at, a.event_id) > std::pair(b.at, b.event_id);
  });
  if (out.size() > static_cast<std::size_t>(page.limit))
    out.resize(static_cast<std::size_t>(page.limit));
  return out;
}

std::int64_t count_waiting(db::Reader& reader, std::int64_t webhook_id, int limit) {
  std::int64_t count = 0;
  for (const char* status : {kWaiting, kHeld}) {
    kDeliveries.select_each(
        reader, {{"event_id"}, with_status(webhook_id, status), {{"at", false}}, limit, false},
        [&](const db::Row&) { ++count; });
  }
  return std::min<std::int64_t>(count, limit);
}

std::optional<Instant> oldest_waiting(db::Reader& reader, std::int64_t webhook_id) {
  std::optional<Instant> oldest;
  for (const char* status : {kWaiting, kHeld}) {
    kDeliveries.select_each(reader,
                            {{"at"}, with_status(webhook_id, status), {{"at", false}}, 1, false},
                            [&](const db::Row& row) {
                              oldest = std::min(oldest.value_or(row.get_int(0)), row.get_int(0));
                            });
  }
  return oldest;
}

bool has_delivery(db::Reader& reader, std::int64_t webhook_id, std::int64_t event_id) {
  return kDeliveries.count(reader, {{"webhook_id", Compare::Equal, webhook_id},
                                    {"event_id", Compare::Equal, event_id}}) > 0;
}

bool send_again(db::Writer& writer, std::int64_t webhook_id, std::int64_t event_id) {
  return kDeliveries.update(
             writer,
             {{"status", kWaiting}, {"attempts", 0}, {"next_at", Value()}, {"done_at", Value()}},
             {{"webhook_id", Compare::Equal, webhook_id},
              {"event_id", Compare::Equal, event_id},
              {"status", Compare::NotEqual, kWaiting},
              {"status", Compare::NotEqual, kHeld}}) > 0;
}

void release_held(db::Writer& writer, std::int64_t webhook_id, Instant now) {
  auto where = with_status(webhook_id, kHeld);
  where.push_back({"next_at", Compare::Greater, now});
  kDeliveries.update(writer, {{"next_at", now}}, where);
}

std::int64_t remove_old(db::Writer& writer, Instant now) {
  const auto done_before = [](const char* status, Instant before) {
    return std::vector<db::Condition>{{"status", Compare::Equal, status},
                                      {"done_at", Compare::IsNotNull, {}},
                                      {"done_at", Compare::Less, before}};
  };
  std::int64_t removed =
      remove_rows(writer, done_before(kDelivered, now - kKeepDelivered), "done_at");
  for (const char* status : {kFailed, kSkipped})
    removed += remove_rows(writer, done_before(status, now - kKeep), "done_at");
  // What waits too long, also for webhooks that are gone.
  for (auto webhook = next_webhook(writer, 0); webhook; webhook = next_webhook(writer, *webhook)) {
    for (const char* status : {kWaiting, kHeld}) {
      auto where = with_status(*webhook, status);
      where.push_back({"at", Compare::Less, now - kKeep});
      removed += remove_rows(writer, where, "at");
    }
  }
  return removed;
}

}  // namespace kehai::platform
