// Signing in and out, the person's own settings, personal access tokens, and the administration of
// users and roles that goes beyond their records.
#pragma once

namespace kehai::api {

class RouteTable;

void add_session_routes(RouteTable& routes);         // session.cc
void add_administration_routes(RouteTable& routes);  // administration.cc

}  // namespace kehai::api
