#include "api/route_table.h"

#include <algorithm>

namespace kehai::api {

namespace {

std::string name_of(std::string_view method, std::string_view pattern) {
  return std::string(method) + " " + std::string(pattern);
}

}  // namespace

void RouteTable::add(Route route) {
  auto& router = !route.at_root && route.pattern.starts_with("/{") ? general_ : special_;
  const std::string pattern = route.at_root ? route.pattern : std::string(kRoot) + route.pattern;
  routes_.push_back(std::move(route));
  by_pattern_[name_of(routes_.back().method, pattern)] = &routes_.back();
  // The router only finds; the pipeline calls Route::handler, which sees more than the router
  // knows.
  router.add(routes_.back().method, pattern,
             [](const http::Request&, const http::Captures&) { return http::Response(); });
}

RouteTable::Match RouteTable::match(std::string_view method, std::string_view path) const {
  Match match;
  for (const auto* router : {&special_, &general_}) {
    auto found = router->match(method, path);
    if (found.handler != nullptr) {
      auto route = by_pattern_.find(name_of(method, *found.pattern));
      if (route == by_pattern_.end())
        route = by_pattern_.find(name_of("GET", *found.pattern));  // HEAD
      match.route = route->second;
      match.captures = std::move(found.captures);
      return match;
    }
    if (found.allow.empty()) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += found.allow;
  }
  return match;
}

std::vector<std::string> RouteTable::inventory() const {
  std::vector<std::string> all;
  for (const auto& entry : by_pattern_) all.push_back(entry.first);
  return all;
}

std::string with_key_segments(std::string_view path) {
  std::string out;
  out.reserve(path.size() + 1);
  for (std::size_t begin = 0; begin < path.size();) {
    const auto slash = std::min(path.find('/', begin + 1), path.size());
    const auto part = path.substr(begin, slash - begin);
    const auto open = part.find('(');
    if (open != std::string_view::npos && open > 1 && part.back() == ')' &&
        open + 2 < part.size()) {
      out.append(part.substr(0, open));
      out.push_back('/');
      out.append(part.substr(open + 1, part.size() - open - 2));
    } else {
      out.append(part);
    }
    begin = slash;
  }
  return out;
}

}  // namespace kehai::api
