// The access and error log: one JSON object per line. Holds who, what, how long and how it ended;
// never bodies, query strings, passwords or tokens.
#pragma once

#include <chrono>
#include <string_view>

#include "api/route.h"
#include "http/message.h"

namespace kehai::api {

void log_access(const ApiContext& context, const http::Response& response,
                std::chrono::microseconds duration);
// What stays inside: the detail of an error, found again by its request id.
void log_error(const ApiContext& context, std::string_view code, std::string_view detail);

}  // namespace kehai::api
