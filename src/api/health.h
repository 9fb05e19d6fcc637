// /healthz (the process lives), /readyz (it can serve), /metrics (Prometheus text). Outside of
// /api.
#pragma once

namespace kehai::api {

class RouteTable;

void add_health_routes(RouteTable& routes);

}  // namespace kehai::api
