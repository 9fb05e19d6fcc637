#include "api/api.h"

#include "api/batch.h"
#include "api/events.h"
#include "api/health.h"
#include "api/meta.h"
#include "api/odata.h"
#include "api/pipeline.h"
#include "api/records.h"
#include "api/replay.h"
#include "api/route_table.h"
#include "api/session.h"

namespace kehai::api {

struct Api::Implementation {
  explicit Implementation(Parts the_parts) : parts(std::move(the_parts)) {}

  Parts parts;
  RouteTable routes;
};

Api::Api(Parts parts, std::vector<Route> extra_routes)
    : implementation_(std::make_unique<Implementation>(std::move(parts))) {
  implementation_->parts.engine.set_expansion_link(
      [&settings = implementation_->parts.settings](
          const record::ObjectSchema& object, record::RecordId id, const std::string& navigation,
          const query::QueryOptions& options, std::string_view token) {
        return expansion_link(settings, object, id, navigation, options, token);
      });
  auto& routes = implementation_->routes;
  add_health_routes(routes);
  add_session_routes(routes);
  add_administration_routes(routes);
  add_meta_routes(routes);
  add_metadata_routes(routes);
  add_openapi_routes(routes);
  add_event_routes(routes);
  add_batch_routes(routes);
  for (auto& route : extra_routes) routes.add(std::move(route));
  add_read_routes(routes);
  add_write_routes(routes);
  add_action_routes(routes);
  if (implementation_->parts.events) implementation_->parts.events->start(implementation_->parts);
}

Api::~Api() {
  implementation_->parts.engine.set_expansion_link({});
  if (implementation_->parts.events) implementation_->parts.events->stop();
}

http::Response Api::handle(const http::Request& request) {
  ApiContext context(implementation_->parts, implementation_->parts.engine.texts(), request);
  return run_pipeline(context, implementation_->routes);
}

std::vector<std::string> Api::routes() const {
  return implementation_->routes.inventory();
}

Foundation register_api(platform::Registrar& registrar) {
  return {AnswerStore::make(registrar), EventHub::make(registrar)};
}

}  // namespace kehai::api
