// Records by when they were changed or deleted: in the order of the indexes of their own table,
// which db::Table, made for fixed tables, does not know (nulls are lowest there).
#pragma once

#include <string_view>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "record/record.h"

namespace kehai::record {

struct ChangedRecord {
  RecordId id = 0;
  base::Instant updated_at = 0;
};

// Live records behind this one, which was changed at `at`: first those of the same time, by id,
// then later ones.
std::vector<ChangedRecord> changed_after(db::Reader& reader, std::string_view object,
                                         base::Instant at, RecordId id, int limit);
// The longest deleted first.
std::vector<RecordId> deleted_before(db::Reader& reader, std::string_view object,
                                     base::Instant before, int limit);

}  // namespace kehai::record
