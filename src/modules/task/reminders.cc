#include "modules/task/reminders.h"

#include <algorithm>
#include <charconv>

namespace kehai::modules {

using record::Value;

namespace {

constexpr std::int64_t kMinute = 60'000;

std::optional<base::Instant> instant_of(const Value& value) {
  return value.is_int() ? std::optional(value.as_int()) : std::nullopt;
}

std::vector<base::Instant> times_of(const record::Record& task) {
  std::vector<std::int64_t> minutes;
  for (const auto& value : task.many("remind_before")) {
    const std::string text(value.as_text());
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    minutes.push_back(number);
  }
  return reminder_times(minutes, instant_of(task.get("due_at")),
                        instant_of(task.get("remind_own_at")));
}

// A task of an earlier version has one reminder and does not say which. Unless it was given a time
// of its own, it goes with the due time.
void adopt_single(record::Record& task, const record::Record& before) {
  if (!before.many("remind_before").empty() || !before.is_null("remind_own_at") ||
      before.is_null("remind_at"))
    return;
  task.set_many("remind_before", {Value("0")});
}

}  // namespace

std::vector<base::Instant> reminder_times(const std::vector<std::int64_t>& minutes,
                                          std::optional<base::Instant> due,
                                          std::optional<base::Instant> own) {
  std::vector<base::Instant> times;
  if (due) {
    for (const auto each : minutes) times.push_back(*due - each * kMinute);
  }
  if (own) times.push_back(*own);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

std::optional<base::Instant> next_reminder(const std::vector<base::Instant>& times,
                                           base::Instant now, std::optional<base::Instant> untold) {
  for (const auto time : times) {
    if (time > now || time == untold) return time;
  }
  return times.empty() ? std::nullopt : std::optional(times.back());
}

void set_reminder(record::Tx& tx, record::Change& change) {
  auto& task = *change.after;
  const bool created = change.operation == record::Operation::Create;
  if (!created && change.operation != record::Operation::Update) return;
  const bool concerns = created || change.changed("due_at") || change.changed("remind_before") ||
                        change.changed("remind_own_at");
  if (!concerns) return;
  if (!created && !change.draft.many.contains("remind_before")) adopt_single(task, *change.before);
  const auto untold = !created && change.before->is_null("reminded_at")
                          ? instant_of(change.before->get("remind_at"))
                          : std::nullopt;
  auto next = next_reminder(times_of(task), tx.now(), untold);
  // What was told is not told again because something else about the task changes.
  if (!created && next && *next <= tx.now() && next != untold) {
    const auto before = times_of(*change.before);
    if (std::find(before.begin(), before.end(), *next) != before.end()) next = std::nullopt;
  }
  task.set("remind_at", next ? Value(*next) : Value());
  task.set("reminded_at", Value());
}

std::optional<base::Instant> reminder_after(const record::Record& task, base::Instant now) {
  for (const auto time : times_of(task)) {
    if (time > now) return time;
  }
  return std::nullopt;
}

}  // namespace kehai::modules
