// What every request passes before its handler runs. The list of steps in pipeline.cc is the whole
// truth about it.
#pragma once

#include "api/route.h"
#include "http/message.h"

namespace kehai::api {

class RouteTable;

// The request's way from the server to the handler and back. Throws nothing.
http::Response run_pipeline(ApiContext& context, const RouteTable& routes);

// One part of a $batch: the caller is already known, everything else applies again. Throws nothing.
http::Response run_batch_item(ApiContext& context, const RouteTable& routes);

}  // namespace kehai::api
