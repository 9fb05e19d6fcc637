#include <algorithm>
#include <charconv>

#include "api/route.h"
#include "base/error.h"
#include "http/encoding.h"

namespace kehai::api {

namespace {

constexpr std::int64_t kMaximumId = (std::int64_t{1} << 53) - 1;

bool is_json_type(std::string_view content_type) {
  const auto type =
      http::to_lower_ascii(http::trim_blanks(content_type.substr(0, content_type.find(';'))));
  return type == "application/json";
}

}  // namespace

std::optional<record::RecordId> parse_id(std::string_view text) {
  record::RecordId id = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool plain = !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
  if (!plain || text.front() == '0' || id <= 0 || id > kMaximumId) return std::nullopt;
  return id;
}

const record::Actor& ApiContext::actor() const {
  if (!session) throw base::Error(base::ErrorKind::Unauthenticated, "session.required");
  return session->actor;
}

base::JsonObject ApiContext::body() const {
  if (request.body_file) throw base::Error(base::ErrorKind::TooLarge, "request.too_large");
  if (request.body.empty()) return {};
  if (!is_json_type(request.header("content-type"))) {
    throw base::Error(base::ErrorKind::Invalid, "request.content_type");
  }
  auto json = base::parse_json(request.body);
  if (!json.is_object()) throw base::Error(base::ErrorKind::Invalid, "json.not_object");
  return std::move(json.as_object());
}

record::RecordId ApiContext::id(std::string_view capture) const {
  const auto id = parse_id(captures[capture]);
  if (!id) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  return *id;
}

std::string ApiContext::parameter(std::string_view name) const {
  const std::string* found = nullptr;
  for (const auto& [key, value] : request.query) {
    if (key != name) continue;
    if (found != nullptr) {
      throw base::Error(base::ErrorKind::Invalid, "query.bad_option",
                        {{"name", std::string(name)}});
    }
    found = &value;
  }
  return found == nullptr ? std::string() : *found;
}

void ApiContext::allow_parameters(std::initializer_list<std::string_view> names) const {
  for (const auto& [key, value] : request.query) {
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      throw base::Error(base::ErrorKind::Invalid, "query.unknown_option", {{"name", key}});
    }
    parameter(key);
  }
}

const record::Schema& ApiContext::schema() const {
  if (!schema_) schema_ = engine().schema();
  return *schema_;
}

const record::ObjectSchema& ApiContext::object(std::string_view collection) const {
  const auto* found = schema().by_collection(collection);
  if (found == nullptr || found->definition().internal ||
      !engine().access().may(actor(), found->definition(), "read")) {
    throw base::Error(base::ErrorKind::NotFound, "route.not_found");
  }
  return *found;
}

void ApiContext::check_deadline() const {
  if (std::chrono::steady_clock::now() > deadline) {
    throw base::Error(base::ErrorKind::Unavailable, "request.deadline");
  }
}

Route make_route(std::string method, std::string pattern, std::string summary,
                 std::function<http::Response(ApiContext&)> handler,
                 std::vector<std::string> parameters) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.handler = std::move(handler);
  route.summary = std::move(summary);
  route.parameters = std::move(parameters);
  return route;
}

http::Response ApiContext::json(std::string body, int status) const {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  response.header("Content-Type", "application/json; charset=utf-8");
  return response;
}

http::Response ApiContext::json(const base::JsonObject& body, int status) const {
  return json(boost::json::serialize(body), status);
}

http::Response ApiContext::no_content() const {
  http::Response response;
  response.status = 204;
  return response;
}

std::string ApiContext::link(std::string_view below) const {
  std::string out = parts.settings.public_origin;
  out.append(kRoot);
  out.append(below);
  return out;
}

std::string ApiContext::text(std::string_view key, const base::Params& params) const {
  return texts.text(language, key, params);
}

}  // namespace kehai::api
