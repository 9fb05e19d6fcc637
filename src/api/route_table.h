// All routes of the interface. Built once at start, then read-only and safe from any thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "http/router.h"

namespace kehai::api {

class RouteTable {
 public:
  // A route with a literal collection ("/users") wins over the general one ("/{collection}"), but
  // leaves it the methods that it does not answer itself: POST /users is special, GET /users is
  // like any collection.
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  // null: no such route
    http::Captures captures;       // views into the path
    std::string allow;             // methods of the path when only the method is wrong
  };
  Match match(std::string_view method, std::string_view path) const;
  std::vector<std::string> inventory() const;
  const std::deque<Route>& routes() const { return routes_; }

 private:
  std::deque<Route> routes_;                                     // stable addresses
  std::map<std::string, const Route*, std::less<>> by_pattern_;  // "GET /api/v1/session"
  http::Router special_;
  http::Router general_;
};

// OData writes keys in parentheses as well: "/leads(7)/account" becomes "/leads/7/account".
std::string with_key_segments(std::string_view path);

}  // namespace kehai::api
