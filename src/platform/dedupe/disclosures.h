// Who heard of which hidden records by asking for duplicates: 60 distinct ones an hour and person
// (domain 5.3).
//
// Kept in the table duplicate_look_up, so that all nodes count together and a restart forgets
// nothing. A refusal to save tells of records inside a transaction that is given up; those stand
// in memory until flush() writes them, within a second. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "base/time.h"
#include "record/engine.h"
#include "record/tx.h"

namespace kehai::platform {

class Disclosures {
 public:
  static constexpr std::int64_t kPerHour = 60;
  enum class Answer { New, Known, Refused };

  static db::TableDefinition table();
  // `later`: nobody calls keep() for it, flush() has to.
  Answer disclose(db::Reader& reader, std::int64_t user_id, record::RecordId id, base::Instant now,
                  bool later);
  // Whoever has used up the hour learns nothing more, not even whether there is something.
  bool is_exhausted(db::Reader& reader, std::int64_t user_id, base::Instant now);
  // Writes what the answer tells; false when other answers used up the hour in the meantime.
  static bool keep(record::Tx& tx, std::int64_t user_id, const std::vector<record::RecordId>& ids);
  void flush(record::Engine& engine);

 private:
  using Seen = std::map<record::RecordId, base::Instant>;
  // What the table and this node know of the last hour.
  Seen& seen_lately(db::Reader& reader, std::int64_t user_id, base::Instant now);

  std::mutex mutex_;
  std::map<std::int64_t, Seen> by_user_;
  std::map<std::int64_t, std::vector<record::RecordId>> unwritten_;
};

}  // namespace kehai::platform
