// Record ids and record codes, leased in blocks so that no insert touches a shared counter.
//
// Whoever uses up block after block (an import) leases more of them at a time.
//
// Ids: one integer space per installation; block = id >> 12 names the object (table id_block), so
// an id alone tells what it is. Serial fields: <prefix><period>-<sequence>, sequence per field and
// period of the organisation's calendar; a record's code is one with a daily sequence. Numbers are
// unique; a restart or a rolled-back write leaves gaps. Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "db/database.h"
#include "db/table.h"
#include "record/definition.h"

namespace kehai::record {

inline constexpr int kIdBits = 12;  // of an id inside its block

// Thrown inside a write closure when a block ran out; Engine::write leases the next one and runs
// the closure again.
struct BlockExhausted {
  std::string kind;  // "id" or "code"
  std::string object;
  base::Date day = 0;  // codes
};

class Allocator {
 public:
  explicit Allocator(db::Database& database) : database_(database) {}
  std::int64_t next_id(const std::string& object);                      // may throw BlockExhausted
  std::int64_t next_number(const std::string& object, base::Date day);  // may throw BlockExhausted
  // Outside any closure. Leases blocks for what ran out: more than one for a closure that needs
  // more than a block holds.
  void lease(const BlockExhausted& exhausted, std::int64_t blocks = 1);
  // The first of `count` numbers in a row, for bulk loads; outside any closure.
  std::int64_t take_numbers(const std::string& object, base::Date day, std::int64_t count);
  // Which object an id belongs to; empty when never leased. Cached.
  std::string object_of(std::int64_t id);

  static std::vector<db::TableDefinition> tables();

 private:
  struct Range {
    std::int64_t next = 0;
    std::int64_t end = 0;
    std::int64_t leased = 0;  // blocks at the last lease
    std::chrono::steady_clock::time_point leased_at{};
  };
  // How many blocks to lease when a closure wants `wanted` of them.
  std::int64_t lease_size(Range& range, std::int64_t wanted);
  db::Database& database_;
  std::mutex mutex_;
  std::map<std::string, Range, std::less<>> ids_;
  std::map<std::pair<std::string, base::Date>, Range> numbers_;
  std::map<std::int64_t, std::string> blocks_;
};

// First day of the period that a serial field numbers in; 0 when it never begins anew.
base::Date serial_period(SerialReset reset, base::Date day);
// The counter of a serial field: the object's own for its code.
std::string serial_counter(const ObjectDefinition& object, const FieldDefinition& field);
// "Q20260301-0007", "Q202603-0007", "Q2026-0007", "Q-0007"; more digits when four are used up.
std::string format_serial(const FieldDefinition& field, base::Date period, std::int64_t number);

}  // namespace kehai::record
