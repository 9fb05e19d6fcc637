// Imports and exports over HTTP (docs/dev/api.md): adapters of a few lines, the rules live in
// platform/transfer.
#pragma once

#include <vector>

#include "api/route.h"
#include "api/settings.h"
#include "platform/transfer/export.h"
#include "platform/transfer/import.h"

namespace kehai::api {

// Both are borrowed and outlive the Api.
std::vector<Route> transfer_routes(platform::Imports& imports, platform::Exports& exports);
// $format=csv|xlsx on any collection.
Exporter list_exporter(platform::Exports& exports);

}  // namespace kehai::api
