// Merging records: preview, merge, undo; and what the old address of a merged record answers.
#pragma once

#include <optional>
#include <vector>

#include "api/route.h"
#include "base/error.h"
#include "platform/merge/merge.h"

namespace kehai::api {

// `merges` lives as long as the routes.
std::vector<Route> merge_routes(const platform::Merges& merges);

// For a record that was not found: whether it was merged into one that the caller may read. Reading
// then goes on there (307 with Location, kept by nobody, since a merge can be undone); writing is
// 409 "record.merged" with the master in "master": a change was meant for another record.
std::optional<http::Response> merged_answer(ApiContext& context, const base::Error& error);

}  // namespace kehai::api
