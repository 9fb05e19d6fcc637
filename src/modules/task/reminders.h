// When somebody is reminded of a task: any number of times before it is due, and at a time of one's
// own.
//
// The task keeps the reminder that comes next in one indexed column (remind_at), so that the job is
// one query however many there are; reminded_at says that it was told and was the last one.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "record/tx.h"

namespace kehai::modules {

// The times in order, each once. `minutes` before `due`; without a due time they say nothing. Pure.
std::vector<base::Instant> reminder_times(const std::vector<std::int64_t>& minutes,
                                          std::optional<base::Instant> due,
                                          std::optional<base::Instant> own);
// The reminder that is to be told next: the first after `now`. `untold`, a reminder whose time has
// come but that nobody was told yet, comes first as long as it is among them. When all are past,
// the last of them: what is set too late is told at once. Pure.
std::optional<base::Instant> next_reminder(const std::vector<base::Instant>& times,
                                           base::Instant now, std::optional<base::Instant> untold);

// Before a task is saved.
void set_reminder(record::Tx& tx, record::Change& change);
// The one after a reminder that is told now; nothing = that was the last.
std::optional<base::Instant> reminder_after(const record::Record& task, base::Instant now);

}  // namespace kehai::modules
