// POST /$batch: up to 100 requests in one JSON body, each with an answer of its own.
#pragma once

namespace kehai::api {

class RouteTable;

void add_batch_routes(RouteTable& routes);

}  // namespace kehai::api
