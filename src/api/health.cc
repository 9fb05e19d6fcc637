#include "api/health.h"

#include "api/credentials.h"
#include "api/route_table.h"
#include "base/error.h"
#include "base/random.h"
#include "db/table.h"

namespace kehai::api {

namespace {

http::Response plain(std::string text, int status = 200) {
  http::Response response;
  response.status = status;
  response.body = std::move(text);
  response.header("Content-Type", "text/plain; charset=utf-8");
  return response;
}

http::Response get_health(ApiContext&) {
  return plain("ok\n");
}

http::Response get_ready(ApiContext& context) {
  constexpr int kUnavailable = 503;
  try {
    // One small read through the whole storage path.
    context.parts.engine.database().read([](db::Reader& reader) {
      db::Table("setting").count(reader, {{"key", db::Compare::Equal, ""}});
    });
    if (!context.parts.is_ready || context.parts.is_ready()) return plain("ready\n");
  } catch (const base::Error& error) {
    context.problem_code = error.code();
  }
  return plain("not ready\n", kUnavailable);
}

bool is_local(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

http::Response get_metrics(ApiContext& context) {
  const auto& wanted = context.parts.settings.metrics_token;
  const auto given = parse_authorization(context.request.header("authorization")).secret;
  // Whoever comes through a proxy of this machine is not local.
  const bool is_direct = context.request.header("x-forwarded-for").empty() &&
                         context.request.header("forwarded").empty();
  const bool allowed = wanted.empty() ? is_direct && is_local(context.request.remote_address)
                                      : base::equal_constant_time(given, wanted);
  if (!allowed) throw base::Error(base::ErrorKind::NotFound, "route.not_found");
  auto response =
      plain(context.parts.metrics == nullptr ? std::string() : context.parts.metrics->text());
  response.headers.front().second = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

Route at_root(Route route) {
  route.at_root = true;
  route.door = Door::Open;
  return route;
}

}  // namespace

void add_health_routes(RouteTable& routes) {
  routes.add(at_root({"GET", "/healthz", get_health, "Whether the process lives"}));
  routes.add(at_root({"GET", "/readyz", get_ready, "Whether requests can be served"}));
  routes.add(at_root({"GET", "/metrics", get_metrics, "Figures for Prometheus"}));
}

}  // namespace kehai::api
