// Webhooks: their keys, tests and what became of their messages. The webhooks themselves are
// ordinary records.
#pragma once

#include <vector>

#include "api/route.h"
#include "platform/webhooks/webhooks.h"

namespace kehai::api {

// `webhooks` lives as long as the routes.
std::vector<Route> webhook_routes(const platform::Webhooks& webhooks);

}  // namespace kehai::api
