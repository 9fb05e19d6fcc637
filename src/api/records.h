// Collections and records: reading, writing, navigation, actions. Every object of the schema is
// served by the same code.
#pragma once

#include "api/route.h"
#include "http/message.h"
#include "record/schema.h"

namespace kehai::api {

class RouteTable;

void add_read_routes(RouteTable& routes);    // record_read.cc
void add_write_routes(RouteTable& routes);   // record_write.cc
void add_action_routes(RouteTable& routes);  // actions.cc

// The record as the caller sees it, with ETag (and Location when created). A record that the caller
// may write but not read, such as one just handed to someone else, is 204, or 201 with nothing but
// its id.
http::Response record_answer(const ApiContext& context, const record::ObjectSchema& object,
                             record::RecordId id, int status);

// The way in decides how strict duplicate rules are: people see warnings, programs do not.
record::WriteOptions write_options(const ApiContext& context);

}  // namespace kehai::api
