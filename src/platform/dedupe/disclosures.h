// Who heard of which hidden records by asking for duplicates: 60 distinct ones an hour and person
// (domain 5.3). In memory, for one node; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "base/time.h"
#include "record/record.h"

namespace kehai::platform {

class Disclosures {
 public:
  static constexpr std::size_t kPerHour = 60;
  enum class Answer { New, Known, Refused };

  Answer disclose(std::int64_t user_id, record::RecordId id, base::Instant now);
  // Whoever has used up the hour learns nothing more, not even whether there is something.
  bool is_exhausted(std::int64_t user_id, base::Instant now);

 private:
  using Seen = std::map<record::RecordId, base::Instant>;
  Seen& seen_lately(std::int64_t user_id, base::Instant now);

  std::mutex mutex_;
  std::map<std::int64_t, Seen> by_user_;
};

}  // namespace kehai::platform
