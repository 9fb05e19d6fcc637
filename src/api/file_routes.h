// Uploading files and reading those of a record. Contents are never run: they go out as
// attachments with a media type of our own list, in a sandbox (docs/dev/api.md, Files).
#pragma once

#include <vector>

#include "api/route.h"
#include "platform/files/files.h"

namespace kehai::api {

// `files` lives as long as the routes.
std::vector<Route> file_routes(const platform::Files& files);

}  // namespace kehai::api
