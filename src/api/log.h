// The access and error log: one JSON object per line. Holds who, what, how long and how it ended;
// never bodies, query strings, passwords or tokens.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "api/route.h"
#include "http/message.h"
#include "http/server.h"

namespace kehai::api {

void log_access(const ApiContext& context, const http::Response& response,
                std::chrono::microseconds duration);
// The same line for what the server answered without the interface: pages of the web UI, refusals.
std::string served_line(const http::Served& served);
// What stays inside: the detail of an error, found again by its request id.
void log_error(const ApiContext& context, std::string_view code, std::string_view detail);

}  // namespace kehai::api
