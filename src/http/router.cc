#include "http/router.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace kehai::http {
namespace {

struct Route {
  std::string pattern;
  std::vector<std::string> names;
  RouteHandler handler;
};
using Methods = std::map<std::string, Route, std::less<>>;

[[noreturn]] void throw_bad_route(const std::string& method, const std::string& pattern) {
  throw base::Error(base::ErrorKind::Internal, "http.route", {{"route", method + " " + pattern}});
}

// Takes the text up to the next '/' off `rest`, which begins after a '/'.
std::string_view take_part(std::string_view& rest, bool& last) {
  const std::size_t slash = rest.find('/');
  last = slash == std::string_view::npos;
  const std::string_view part = rest.substr(0, slash);
  rest = last ? std::string_view() : rest.substr(slash + 1);
  return part;
}

std::string allowed(const Methods& methods) {
  std::string text;
  const auto append = [&](std::string_view method) {
    if (!text.empty()) text += ", ";
    text += method;
  };
  for (const auto& entry : methods) {
    append(entry.first);
    if (entry.first == "GET" && methods.find("HEAD") == methods.end()) append("HEAD");
  }
  if (methods.find("OPTIONS") == methods.end()) append("OPTIONS");
  return text;
}

}  // namespace

std::string_view Captures::operator[](std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return {};
}

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> capture;
  Methods rest;  // {name...} here
  Methods methods;

  // Methods of the best match for the path below this node, null when there is none. Captured
  // values are collected in order; their names differ per route and are attached by the caller.
  const Methods* find(std::string_view rest_of_path, bool at_end,
                      std::vector<std::string_view>& values) const {
    if (at_end) return methods.empty() ? nullptr : &methods;
    std::string_view after = rest_of_path;
    bool last = false;
    const std::string_view part = take_part(after, last);
    if (const auto literal = literals.find(part); literal != literals.end()) {
      if (const Methods* found = literal->second->find(after, last, values)) return found;
    }
    if (capture && !part.empty()) {
      values.push_back(part);
      if (const Methods* found = capture->find(after, last, values)) return found;
      values.pop_back();
    }
    if (rest.empty() || rest_of_path.empty()) return nullptr;
    values.push_back(rest_of_path);
    return &rest;
  }

  void collect(std::vector<std::string>& out) const {
    for (const auto* table : {&methods, &rest}) {
      for (const auto& [method, route] : *table) out.push_back(method + " " + route.pattern);
    }
    for (const auto& entry : literals) entry.second->collect(out);
    if (capture) capture->collect(out);
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(std::string method, std::string pattern, RouteHandler handler) {
  if (pattern.empty() || pattern.front() != '/') throw_bad_route(method, pattern);
  Route route{pattern, {}, std::move(handler)};
  Node* node = root_.get();
  std::string_view rest = std::string_view(pattern).substr(1);
  Methods* methods = nullptr;
  for (bool last = false; !last;) {
    const std::string_view part = take_part(rest, last);
    if (part.empty() || part.front() != '{') {
      auto& next = node->literals[std::string(part)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
      continue;
    }
    if (part.back() != '}') throw_bad_route(method, pattern);
    std::string name(part.substr(1, part.size() - 2));
    const bool takes_rest = name.size() > 3 && name.compare(name.size() - 3, 3, "...") == 0;
    if (takes_rest && !last) throw_bad_route(method, pattern);
    if (takes_rest) name.resize(name.size() - 3);
    route.names.push_back(std::move(name));
    if (takes_rest) {
      methods = &node->rest;
    } else {
      if (!node->capture) node->capture = std::make_unique<Node>();
      node = node->capture.get();
    }
  }
  if (methods == nullptr) methods = &node->methods;
  if (!methods->emplace(method, std::move(route)).second) throw_bad_route(method, pattern);
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match match;
  if (path.empty() || path.front() != '/') return match;
  std::vector<std::string_view> values;
  const Methods* methods = root_->find(path.substr(1), false, values);
  if (methods == nullptr) return match;
  auto found = methods->find(method);
  if (found == methods->end() && method == "HEAD") found = methods->find("GET");
  if (found == methods->end()) {
    match.allow = allowed(*methods);
    return match;
  }
  const Route& route = found->second;
  match.handler = &route.handler;
  match.pattern = &route.pattern;
  for (std::size_t i = 0; i < route.names.size(); ++i)
    match.captures.add(route.names[i], values[i]);
  return match;
}

Response Router::handle(const Request& request) const {
  const Match found = match(request.method, request.path);
  if (found.handler != nullptr) {
    Response response = (*found.handler)(request, found.captures);
    if (response.route.empty()) response.route = *found.pattern;
    return response;
  }
  if (!found.allow.empty() && request.method == "OPTIONS") {
    Response response;
    response.status = 204;
    response.header("Allow", found.allow);
    return response;
  }
  const int status = found.allow.empty() ? 404 : 405;
  Response response;
  if (refusal_) {
    response = refusal_(status, request);
  } else {
    response.body = status == 404 ? "Not Found\n" : "Method Not Allowed\n";
    response.header("Content-Type", "text/plain; charset=utf-8");
  }
  response.status = status;
  if (status == 405) response.header("Allow", found.allow);
  return response;
}

void Router::set_refusal(std::function<Response(int, const Request&)> refusal) {
  refusal_ = std::move(refusal);
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> all;
  root_->collect(all);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace kehai::http
