#include "modules/task/repeat.h"

#include <algorithm>

#include "base/working_days.h"
#include "modules/action_input.h"
#include "record/engine.h"

namespace kehai::modules {

using record::Draft;
using record::Value;

namespace {

// Day `step` of a series in days or months; 0 is the first.
base::Date day_of_series(std::string_view rule, base::Date first, int step) {
  if (rule == "weekly") return first + 7 * step;
  if (rule == "biweekly") return first + 14 * step;
  if (rule == "monthly") return base::add_months(first, step);
  if (rule == "quarterly") return base::add_months(first, 3 * step);
  if (rule == "yearly") return base::add_months(first, 12 * step);
  return first + step;
}

}  // namespace

base::Instant next_occurrence(std::string_view rule, base::Date first, base::Instant due,
                              base::Instant now, const base::TimeZone& zone) {
  const base::Date due_day = zone.local_date(due);
  const base::Instant time_of_day = due - zone.start_of_day(due_day);
  const auto at = [&](base::Date day) { return zone.start_of_day(day) + time_of_day; };
  // The time of day of today may be over.
  const base::Date last_past = std::max(due_day, zone.local_date(now) - 1);
  if (rule == "working_days") {
    base::Date day = base::add_working_days(last_past, 1, zone);
    while (at(day) <= now) day = base::add_working_days(day, 1, zone);
    return at(day);
  }
  int step = 1;
  if (rule == "daily") step += static_cast<int>(std::max<base::Date>(0, last_past - first));
  base::Date day = day_of_series(rule, first, step);
  while (day <= due_day || at(day) <= now) day = day_of_series(rule, first, ++step);
  return at(day);
}

void check_repeat(record::Tx& tx, record::Change& change) {
  auto& task = *change.after;
  if (task.is_null("repeat")) {
    task.set("repeat_from", Value());
    return;
  }
  if (task.is_null("due_at")) throw field_error("due_at", "task.repeat_needs_due");
  const base::Date day = tx.engine().zone().local_date(task.integer("due_at"));
  if (!task.is_null("repeat_until") && task.integer("repeat_until") < day)
    throw field_error("repeat_until", "task.repeat_ends_before_due");
  const bool is_next =
      change.operation == record::Operation::Create && !task.is_null("repeat_from");
  if (!is_next && (change.changed("due_at") || change.changed("repeat")))
    task.set("repeat_from", day);
}

std::optional<record::RecordId> create_next(record::Tx& tx, const record::Record& task) {
  if (task.is_null("repeat") || task.is_null("due_at")) return std::nullopt;
  const auto& zone = tx.engine().zone();
  const base::Instant due = task.integer("due_at");
  const base::Instant next =
      next_occurrence(task.text("repeat"), task.integer("repeat_from"), due, tx.now(), zone);
  if (!task.is_null("repeat_until") && zone.local_date(next) > task.integer("repeat_until"))
    return std::nullopt;
  Draft draft;
  for (const auto* field :
       {"title", "priority", "owner_id", "lead_id", "account_id", "contact_id", "opportunity_id",
        "description", "repeat", "repeat_until", "repeat_from"}) {
    draft.set(field, task.get(field));
  }
  draft.set("due_at", next);
  // The reminders go on at the same distances.
  draft.many["remind_before"] = task.many("remind_before");
  // A task of an earlier version has nothing but the reminder itself.
  const bool single = task.many("remind_before").empty() && task.is_null("remind_own_at");
  const Value& own = task.get(single ? "remind_at" : "remind_own_at");
  if (!own.is_null()) draft.set("remind_own_at", next - (due - own.as_int()));
  record::WriteOptions options;
  options.quiet = true;  // whoever has the series knows that it goes on
  return tx.create("task", std::move(draft), options).id();
}

void withdraw_next(record::Tx& tx, const record::Record& task) {
  if (task.is_null("next_task_id")) return;
  auto next = tx.find("task", task.integer("next_task_id"), record::Lock::ForUpdate);
  if (next && next->text("status") == "todo" && next->version() == 1) tx.erase(*next);
}

}  // namespace kehai::modules
