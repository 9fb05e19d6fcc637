// What clients build their screens and bindings from: /meta (labels, layouts, actions), OData's
// $metadata and service document, OpenAPI. All follow from the definitions and from what the caller
// may see.
#pragma once

namespace kehai::api {

class RouteTable;

void add_meta_routes(RouteTable& routes);      // meta.cc
void add_metadata_routes(RouteTable& routes);  // metadata.cc: $metadata, service document
void add_openapi_routes(RouteTable& routes);   // openapi.cc: from the same table it is added to

}  // namespace kehai::api
