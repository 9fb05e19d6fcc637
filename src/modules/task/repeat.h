// Tasks that come again: completing one makes the next.
//
// The series keeps the time of day in the organisation's zone and the day it began on (31 January,
// 28 February, 31 March). What was missed is not made up for: the next task lies after now.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "record/tx.h"

namespace kehai::modules {

// The first time of the series after both `due` and `now`. `first` is the day on which the series
// began. Pure.
base::Instant next_occurrence(std::string_view rule, base::Date first, base::Instant due,
                              base::Instant now, const base::TimeZone& zone);

// Before a task is saved: the series begins with the day that somebody names. Throws field errors
// for one without a day, or that ends before it.
void check_repeat(record::Tx& tx, record::Change& change);
// Makes the task after a completed one; its id, nothing when the series is over.
std::optional<record::RecordId> create_next(record::Tx& tx, const record::Record& task);
// Takes the next task away again when the completion is taken back and nobody has touched it.
void withdraw_next(record::Tx& tx, const record::Record& task);

}  // namespace kehai::modules
