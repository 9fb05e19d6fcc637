// Routes of platform services and modules that are no collections: search, duplicates, workbench,
// board, timeline … Each is an adapter of a few lines; the rules live where the function lives.
#pragma once

#include <vector>

#include "api/route.h"

namespace kehai::app {

class Application;

std::vector<api::Route> service_routes(Application& application);

}  // namespace kehai::app
