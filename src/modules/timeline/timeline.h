// One timeline per record: follow-ups, field changes, stage moves, ownership changes, newest first.
// Made of the activities that the reader may see and the audit of the record, with the reader's
// field rules.
#pragma once

#include <string>
#include <string_view>

#include "record/engine.h"

namespace kehai::modules {

// The answer of GET /{collection}/{id}/timeline (docs/dev/api.md). `before` is the "next" of the
// page before. Throws NotFound when the record is hidden or unknown.
std::string timeline_json(record::Engine& engine, const record::Actor& actor,
                          std::string_view object, record::RecordId id, std::string_view before,
                          int limit);

}  // namespace kehai::modules
