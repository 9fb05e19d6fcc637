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

void begin_line(base::JsonWriter& writer, const ApiContext& context, std::string_view kind) {
  writer.begin_object();
  writer.key("kind").text(kind);
  writer.key("request_id").text(context.request_id);
  writer.key("method").text(context.request.method);
  writer.key("route").text(context.route == nullptr ? "" : context.route->pattern);
  if (context.session) writer.key("user_id").integer(context.session->actor.user_id);
}

}  // namespace

void log_access(const ApiContext& context, const http::Response& response,
                std::chrono::microseconds duration) {
  std::string line;
  base::JsonWriter writer(line);
  begin_line(writer, context, "access");
  writer.key("status").integer(response.status);
  writer.key("microseconds").integer(duration.count());
  writer.key("client").text(context.request.remote_address);
  if (!context.problem_code.empty()) writer.key("code").text(context.problem_code);
  writer.end_object();
  write_line(context, false, line);
}

void log_error(const ApiContext& context, std::string_view code, std::string_view detail) {
  std::string line;
  base::JsonWriter writer(line);
  begin_line(writer, context, "error");
  writer.key("code").text(code);
  writer.key("detail").text(detail);
  writer.end_object();
  write_line(context, true, line);
}

}  // namespace kehai::api
