#include "record/allocator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "record/bulk_load.h"

namespace kehai::record {

namespace {
constexpr std::int64_t kNumbersPerLease = 256;
// What lasted for less than this was too little: the next lease is twice as large.
constexpr std::chrono::seconds kLongEnough{20};
constexpr std::int64_t kMostBlocks = 64;
const db::Table kIdBlocks("id_block");
}  // namespace

std::vector<db::TableDefinition> Allocator::tables() {
  db::TableDefinition blocks{
      "id_block", {{"block", false, true}, {"object", true, true}}, {"block"}, {}, false};
  db::TableDefinition counters{
      "code_counter",
      {{"object", true, true}, {"day", false, true}, {"next", false, true}},
      {"object", "day"},
      {},
      false};
  return {blocks, counters};
}

std::int64_t Allocator::next_id(const std::string& object) {
  const std::lock_guard lock(mutex_);
  auto& range = ids_[object];
  if (range.next == range.end) throw BlockExhausted{"id", object, 0};
  return range.next++;
}

std::int64_t Allocator::next_number(const std::string& object, base::Date day) {
  const std::lock_guard lock(mutex_);
  auto& range = numbers_[{object, day}];
  if (range.next == range.end) throw BlockExhausted{"code", object, day};
  return range.next++;
}

std::int64_t Allocator::lease_size(Range& range, std::int64_t wanted) {
  const auto now = std::chrono::steady_clock::now();
  const bool was_short = range.leased > 0 && now - range.leased_at < kLongEnough;
  range.leased = std::max(wanted, was_short ? std::min(range.leased * 2, kMostBlocks) : 1);
  range.leased_at = now;
  return range.leased;
}

void Allocator::lease(const BlockExhausted& exhausted, std::int64_t blocks) {
  std::int64_t start = 0;
  {
    const std::lock_guard lock(mutex_);
    auto& range = exhausted.kind == "id" ? ids_[exhausted.object]
                                         : numbers_[{exhausted.object, exhausted.day}];
    // Somebody else was faster.
    if (range.next < range.end && blocks == 1) return;
    blocks = lease_size(range, blocks);
  }
  if (exhausted.kind == "id") {
    database_.write([&](db::Writer& writer) {
      writer.lock("id_block", "");
      const auto last = kIdBlocks.select(writer, {{"block"}, {}, {{"block", true}}, 1, false});
      start = last.empty() ? 1 : last[0][0].as_int() + 1;
      for (std::int64_t i = 0; i < blocks; ++i) {
        kIdBlocks.insert(writer, {{"block", start + i}, {"object", exhausted.object}});
      }
    });
    const std::lock_guard lock(mutex_);
    for (std::int64_t i = 0; i < blocks; ++i) blocks_[start + i] = exhausted.object;
    auto& range = ids_[exhausted.object];
    // Two threads may lease at once; the second block replaces the first only when that is used up.
    if (range.next == range.end) {
      range.next = start << kIdBits;
      range.end = (start + blocks) << kIdBits;
    }
    return;
  }
  const std::int64_t count = kNumbersPerLease * blocks;
  start = take_numbers(exhausted.object, exhausted.day, count);
  const std::lock_guard lock(mutex_);
  auto& range = numbers_[{exhausted.object, exhausted.day}];
  if (range.next == range.end) {
    range.next = start;
    range.end = start + count;
  }
}

std::int64_t Allocator::take_numbers(const std::string& object, base::Date day,
                                     std::int64_t count) {
  return record::take_numbers(database_, object, {day}, count).at(day);
}

std::string Allocator::object_of(std::int64_t id) {
  const std::int64_t block = id >> kIdBits;
  {
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(block);
    if (found != blocks_.end()) return found->second;
  }
  std::string object;
  database_.read([&](db::Reader& reader) {
    const auto rows = kIdBlocks.select(
        reader, {{"object"}, {{"block", db::Compare::Equal, block}}, {}, 1, false});
    object = rows.empty() ? "" : rows[0][0].as_text();
  });
  const std::lock_guard lock(mutex_);
  if (!object.empty()) blocks_[block] = object;
  return object;
}

base::Date serial_period(SerialReset reset, base::Date day) {
  auto civil = base::civil_from_date(day);
  if (reset == SerialReset::Never) return 0;
  if (reset != SerialReset::Daily) civil.day = 1;
  if (reset == SerialReset::Yearly) civil.month = 1;
  return base::date_from_civil(civil.year, civil.month, civil.day);
}

std::string serial_counter(const ObjectDefinition& object, const FieldDefinition& field) {
  return field.system ? object.name : object.name + "." + field.name;
}

std::string format_serial(const FieldDefinition& field, base::Date period, std::int64_t number) {
  const auto civil = base::civil_from_date(period);
  std::string text = field.serial_prefix;
  if (field.serial_reset != SerialReset::Never) text += fmt::format("{:04}", civil.year);
  if (field.serial_reset == SerialReset::Monthly || field.serial_reset == SerialReset::Daily)
    text += fmt::format("{:02}", civil.month);
  if (field.serial_reset == SerialReset::Daily) text += fmt::format("{:02}", civil.day);
  return text + fmt::format("-{:04}", number);
}

}  // namespace kehai::record
