// The HTTP interface of docs/dev/api.md: OData records, actions, metadata, session, events.
//
// A request comes in as a value and goes out as a value; sockets are http/'s business, rules are
// the engine's. What an object is called and can do follows from the definitions. handle() is safe
// from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/route.h"
#include "api/settings.h"
#include "http/message.h"
#include "platform/registrar.h"

namespace kehai::api {

class Api {
 public:
  // `extra_routes`: what platform parts and modules answer themselves; they win over the routes of
  // collections.
  Api(Parts parts, std::vector<Route> extra_routes = {});
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  http::Response handle(const http::Request& request);
  // "GET /api/v1/session" …: the inventory that the documentation is checked against.
  std::vector<std::string> routes() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// What must be known before the engine is migrated: the table of kept answers with its hook and
// clean-up schedule, and the handler that feeds the event streams. Both go into Parts.
struct Foundation {
  std::shared_ptr<AnswerStore> answers;
  std::shared_ptr<EventHub> events;
};
Foundation register_api(platform::Registrar& registrar);

}  // namespace kehai::api
