#include "api/log.h"

#include <spdlog/spdlog.h>

#include "base/json.h"

namespace kehai::api {

namespace {

void write_line(const ApiContext& context, bool is_error, const std::string& line) {
  if (context.parts.log) {
    context.parts.log(is_error, line);
  } else if (is_error) {
    spdlog::error("{}", line);
  } else {
    spdlog::info("{}", line);
  }
}

std::string_view route_of(const ApiContext& context) {
  return context.route == nullptr ? std::string_view() : context.route->pattern;
}

void begin_line(base::JsonWriter& writer, const ApiContext& context, std::string_view kind,
                std::string_view message) {
  writer.begin_object();
  writer.key("kind").text(kind);
  writer.key("message").text(message);
  writer.key("request_id").text(context.request_id);
  writer.key("method").text(context.request.method);
  writer.key("route").text(route_of(context));
  if (context.session) writer.key("user_id").integer(context.session->actor.user_id);
}

}  // namespace

void log_access(const ApiContext& context, const http::Response& response,
                std::chrono::microseconds duration) {
  std::string line;
  base::JsonWriter writer(line);
  begin_line(writer, context, "access",
             context.request.method + " " + std::string(route_of(context)) + " " +
                 std::to_string(response.status));
  writer.key("status").integer(response.status);
  writer.key("microseconds").integer(duration.count());
  writer.key("client").text(context.request.remote_address);
  if (!context.problem_code.empty()) writer.key("code").text(context.problem_code);
  writer.end_object();
  write_line(context, false, line);
}

std::string served_line(const http::Served& served) {
  std::string line;
  base::JsonWriter writer(line);
  writer.begin_object();
  writer.key("kind").text("access");
  writer.key("message").text(served.request.method + " " + served.route + " " +
                             std::to_string(served.status));
  writer.key("request_id").text(served.request.id);
  writer.key("method").text(served.request.method);
  writer.key("route").text(served.route);
  writer.key("status").integer(served.status);
  writer.key("microseconds").integer(served.duration.count());
  writer.key("client").text(served.request.remote_address);
  writer.end_object();
  return line;
}

void log_error(const ApiContext& context, std::string_view code, std::string_view detail) {
  std::string line;
  base::JsonWriter writer(line);
  begin_line(writer, context, "error", code);
  writer.key("code").text(code);
  writer.key("detail").text(detail);
  writer.end_object();
  write_line(context, true, line);
}

}  // namespace kehai::api
