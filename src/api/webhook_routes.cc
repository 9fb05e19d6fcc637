#include "api/webhook_routes.h"

#include <algorithm>

#include "base/error.h"

namespace kehai::api {

namespace {

using platform::Webhooks;

constexpr std::int64_t kDefaultRows = 50;
constexpr std::int64_t kMostRows = 200;

http::Response result(const ApiContext& context, std::string_view name, std::string_view value) {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("result").begin_object().key(name).text(value);
  writer.end_object().end_object();
  auto response = context.json(std::move(out));
  response.header("Cache-Control", "no-store");
  return response;
}

http::Response deliveries(const Webhooks& webhooks, ApiContext& context) {
  context.allow_parameters({"status", "after", "$top"});
  const std::string top = context.parameter("$top");
  std::int64_t rows = kDefaultRows;
  if (!top.empty()) {
    const auto given = parse_id(top);
    if (!given) throw base::Error(base::ErrorKind::Invalid, "query.bad_option", {{"name", "$top"}});
    rows = std::min(*given, kMostRows);
  }
  return context.json(webhooks.deliveries_json(
      context.actor(), context.id(), context.parameter("status"), context.parameter("after"),
      static_cast<int>(rows), context.language));
}

}  // namespace

std::vector<Route> webhook_routes(const Webhooks& webhooks) {
  std::vector<Route> routes = {
      make_route("POST", "/webhooks/{id}/show_secret", "The key that signs a webhook's messages",
                 [&webhooks](ApiContext& context) {
                   return result(context, "secret",
                                 webhooks.show_secret(context.actor(), context.id()));
                 }),
      make_route("POST", "/webhooks/{id}/renew_secret", "Another key; the old one is void at once",
                 [&webhooks](ApiContext& context) {
                   return result(context, "secret",
                                 webhooks.renew_secret(context.actor(), context.id()));
                 }),
      make_route("POST", "/webhooks/{id}/send_test", "Sends a message without a record",
                 [&webhooks](ApiContext& context) {
                   return result(context, "event_id",
                                 std::to_string(webhooks.send_test(context.actor(), context.id())));
                 }),
      make_route("POST", "/webhooks/{id}/resume", "Tries at once what waits for its next attempt",
                 [&webhooks](ApiContext& context) {
                   webhooks.resume(context.actor(), context.id());
                   return context.no_content();
                 }),
      make_route("GET", "/webhooks/{id}/deliveries", "What became of a webhook's messages",
                 [&webhooks](ApiContext& context) { return deliveries(webhooks, context); },
                 {"status", "after", "$top"}),
      make_route("POST", "/webhooks/{id}/deliveries/{event}/send",
                 "Sends a message again, under the same id", [&webhooks](ApiContext& context) {
                   webhooks.send_again(context.actor(), context.id(), context.id("event"));
                   return context.no_content();
                 })};
  // Answers with a secret are not kept for repeated requests.
  for (auto& route : routes) {
    if (route.pattern.ends_with("_secret")) route.keeps_answer = false;
  }
  return routes;
}

}  // namespace kehai::api
