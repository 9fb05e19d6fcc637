#include "api/batch.h"

#include <set>

#include "api/pipeline.h"
#include "api/problem.h"
#include "api/route_table.h"
#include "base/error.h"
#include "http/encoding.h"

namespace kehai::api {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kMaximumRequests = 100;

struct Part {
  std::string id;
  std::string group;
  std::vector<std::string> after;
  http::Request request;
};

[[noreturn]] void malformed(const std::string& id) {
  throw Error(ErrorKind::Invalid, "batch.malformed", {{"id", id}});
}

std::string required_text(const base::JsonObject& object, std::string_view key,
                          const std::string& id) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) malformed(id);
  return std::string(value->get_string());
}

// "leads/7", "/api/v1/leads?$top=5": relative to the interface or from its root, never another
// host.
void set_target(http::Request& request, const std::string& url, const std::string& id) {
  const std::string target = url.front() == '/' ? url : std::string(kRoot) + "/" + url;
  const auto question = target.find('?');
  const auto path = http::canonical_path(std::string_view(target).substr(0, question));
  if (!path || !path->starts_with(std::string(kRoot) + "/")) malformed(id);
  request.target = target;
  request.path = *path;
  if (question == std::string::npos) return;
  auto query = http::parse_query(std::string_view(target).substr(question + 1));
  if (!query) malformed(id);
  request.query = std::move(*query);
}

void set_headers(http::Request& request, const base::JsonObject& json, const http::Request& outer) {
  // What says how to answer holds for all parts unless a part says otherwise. Who asks is settled.
  for (const auto* name : {"accept", "odata-maxversion", "accept-language", "host"}) {
    const auto value = outer.header(name);
    if (!value.empty()) request.headers.emplace_back(name, value);
  }
  const auto* headers = json.if_contains("headers");
  if (headers == nullptr || !headers->is_object()) return;
  for (const auto& header : headers->get_object()) {
    const auto name = http::to_lower_ascii(header.key());
    if (!header.value().is_string() || name == "authorization" || name == "cookie") continue;
    std::erase_if(request.headers, [&](const auto& field) { return field.first == name; });
    request.headers.emplace_back(name, header.value().get_string());
  }
}

Part parse_part(const base::Json& json, const http::Request& outer) {
  const auto* object = json.if_object();
  if (object == nullptr) malformed("");
  Part part;
  part.id = required_text(*object, "id", "");
  part.group = base::json_text(*object, "atomicityGroup");
  auto& request = part.request;
  request.method = required_text(*object, "method", part.id);
  for (auto& c : request.method) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  request.remote_address = outer.remote_address;
  request.tls = outer.tls;
  request.id = outer.id;
  set_target(request, required_text(*object, "url", part.id), part.id);
  set_headers(request, *object, outer);
  if (const auto* body = object->if_contains("body"); body != nullptr && !body->is_null()) {
    request.body = boost::json::serialize(*body);
    std::erase_if(request.headers, [](const auto& field) { return field.first == "content-type"; });
    request.headers.emplace_back("content-type", "application/json");
  }
  if (const auto* after = object->if_contains("dependsOn"); after != nullptr && after->is_array()) {
    for (const auto& id : after->get_array()) {
      if (!id.is_string()) malformed(part.id);
      part.after.emplace_back(id.get_string());
    }
  }
  return part;
}

std::vector<Part> parse_batch(const base::JsonObject& body, const http::Request& outer) {
  const auto* requests = body.if_contains("requests");
  if (requests == nullptr || !requests->is_array()) malformed("");
  if (requests->get_array().size() > kMaximumRequests) {
    throw Error(ErrorKind::TooLarge, "batch.too_many",
                {{"limit", std::to_string(kMaximumRequests)}});
  }
  std::vector<Part> parts;
  std::set<std::string> ids;
  for (const auto& json : requests->get_array()) {
    parts.push_back(parse_part(json, outer));
    if (!ids.insert(parts.back().id).second) malformed(parts.back().id);
  }
  return parts;
}

void write_answer(base::JsonWriter& writer, const Part& part, const http::Response& answer) {
  writer.begin_object();
  writer.key("id").text(part.id);
  if (!part.group.empty()) writer.key("atomicityGroup").text(part.group);
  writer.key("status").integer(answer.status);
  writer.key("headers").begin_object();
  bool is_json = false;
  for (const auto& [name, value] : answer.headers) {
    if (name == "Set-Cookie") continue;
    writer.key(http::to_lower_ascii(name)).text(value);
    if (name == "Content-Type") is_json = value.find("json") != std::string::npos;
  }
  writer.end_object();
  if (!answer.body.empty()) {
    writer.key("body");
    is_json ? writer.raw(answer.body) : writer.text(answer.body);
  }
  writer.end_object();
}

class Batch {
 public:
  Batch(ApiContext& context, const RouteTable& routes) : context_(context), routes_(routes) {}

  std::string run(const std::vector<Part>& parts) {
    std::string body;
    base::JsonWriter writer(body);
    writer.begin_object();
    writer.key("responses").begin_array();
    for (const auto& part : parts) {
      // Groups that succeed or fail together do not exist here; the whole group is refused once.
      if (!part.group.empty() && !refused_groups_.insert(part.group).second) {
        failed_.insert(part.id);
        continue;
      }
      const auto answer = run_part(part);
      if (answer.status >= 400) failed_.insert(part.id);
      write_answer(writer, part, answer);
    }
    writer.end_array();
    writer.end_object();
    return body;
  }

 private:
  http::Response refuse(int status, const Error& error) {
    return problem(status, error, {context_.texts, context_.language, context_.request_id, false});
  }

  http::Response run_part(const Part& part) {
    constexpr int kFailedDependency = 424;
    constexpr int kNotImplemented = 501;
    if (!part.group.empty()) {
      return refuse(kNotImplemented, Error(ErrorKind::NotImplemented, "batch.atomicity_group"));
    }
    for (const auto& id : part.after) {
      if (failed_.contains(id))
        return refuse(kFailedDependency, Error(ErrorKind::Conflict, "batch.dependency"));
    }
    // A batch is no way to make the server work without end or to guess passwords, and streams
    // cannot be inside.
    const auto path = std::string_view(part.request.path).substr(kRoot.size());
    if (path == "/$batch" || path == "/events" || path.starts_with("/session")) {
      return refuse(kNotImplemented, Error(ErrorKind::NotImplemented, "request.not_supported"));
    }
    if (std::chrono::steady_clock::now() > context_.deadline) {
      constexpr int kUnavailable = 503;
      return refuse(kUnavailable, Error(ErrorKind::Unavailable, "request.deadline"));
    }
    ApiContext inner(context_.parts, context_.texts, part.request);
    inner.request_id = context_.request_id;
    inner.language = context_.language;
    inner.deadline = context_.deadline;
    inner.session = context_.session;
    auto answer = run_batch_item(inner, routes_);
    if (!answer.file.empty() || answer.stream || !answer.static_body.empty()) {
      return refuse(kNotImplemented, Error(ErrorKind::NotImplemented, "request.not_supported"));
    }
    return answer;
  }

  ApiContext& context_;
  const RouteTable& routes_;
  std::set<std::string> failed_;
  std::set<std::string> refused_groups_;
};

http::Response run_batch(ApiContext& context, const RouteTable& routes) {
  context.allow_parameters({});
  const auto parts = parse_batch(context.body(), context.request);
  return context.json(Batch(context, routes).run(parts));
}

}  // namespace

void add_batch_routes(RouteTable& routes) {
  Route route{"POST", "/$batch",
              [&routes](ApiContext& context) { return run_batch(context, routes); },
              "Up to 100 requests in one"};
  route.keeps_answer = false;  // parts carry keys of their own
  routes.add(std::move(route));
}

}  // namespace kehai::api
