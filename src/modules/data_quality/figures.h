// The figures of data quality per owner and department: now, and frozen at the end of each month
// (domain 5.9).
//
// Customers that lie in a pool have nobody to answer for them and are not counted. The figures of
// now are those of the last run; a month is frozen by the first run after its end, once, and never
// changed. A month in which no run took place stays empty: nobody knows what it was like.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "base/time.h"
#include "record/engine.h"

namespace kehai::modules {

// As in the views of account.object.json.
inline constexpr std::int64_t kIncompleteBelow = 60;  // percent
inline constexpr std::int64_t kStaleDays = 90;

// Months are numbers: year × 12 + month − 1. 0 stands for now.
std::int64_t month_of(const base::TimeZone& zone, base::Instant at);
std::int64_t month_of(base::Date date);
std::string month_text(std::int64_t month);  // "2026-02"
base::Date first_day(std::int64_t month);

struct Figure {
  std::int64_t records = 0;
  std::int64_t completeness = 0;  // sum of percents
  std::int64_t incomplete = 0;
  std::int64_t shells = 0;
  std::int64_t stale = 0;
  std::int64_t findings = 0;
  std::int64_t duplicates = 0;  // customers that share their name or credit code with another
  std::int64_t forced = 0;      // saved in the month although a duplicate was shown

  void add(const Figure& other);
};

using Place = std::pair<std::int64_t, std::int64_t>;  // owner and department, 0 = none
using Figures = std::map<Place, Figure>;
// Findings of one kind: object, field, rule.
using Kind = std::tuple<std::string, std::string, std::string>;
using KindCounts = std::map<std::pair<Kind, Place>, std::int64_t>;

struct Count {
  base::Instant at = 0;
  Figures now;
  KindCounts kinds;
  std::int64_t ended_month = 0;  // to be frozen; 0 = none
  Figures of_month;
};

struct QualityRun;
// Reads in slices, outside a transaction.
Count count_figures(record::Engine& engine, const QualityRun& run);
// Replaces the figures of now; freezes the month unless it is frozen, and tells the stewards.
void keep_figures(record::Tx& tx, const Count& count);

// By period (0 = now), from `from` on and now; `each(period, place, figure)`.
void each_figure(db::Reader& reader, std::int64_t from,
                 const std::function<void(std::int64_t, const Place&, const Figure&)>& each);
// Frozen months and when they were.
std::map<std::int64_t, base::Instant> frozen_months(db::Reader& reader);
KindCounts read_kinds(db::Reader& reader);
// For the demo company: a month as it might have been.
void keep_month(record::Tx& tx, std::int64_t month, const Figures& figures);

void add_figure_tables(record::Registry& registry);

}  // namespace kehai::modules
