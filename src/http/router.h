// Finds the handler for a method and path. Built once at start, then read-only and safe from any
// thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace kehai::http {

// Values of {name} parts in the order of the pattern.
class Captures {
 public:
  std::string_view operator[](std::string_view name) const;  // "" when unknown
  std::size_t size() const { return values_.size(); }
  void add(std::string_view name, std::string_view value) { values_.emplace_back(name, value); }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> values_;
};

using RouteHandler = std::function<Response(const Request&, const Captures&)>;

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // Pattern: "/api/v1/{collection}/{id}"; a part is literal text or one {name}; "{name...}" as the
  // last part takes the rest with its slashes (at least one character). Literal parts win over
  // {name}, {name} over {name...}. A GET route also answers HEAD. Throws Error Internal
  // "http.route" when method and pattern are already taken.
  void add(std::string method, std::string pattern, RouteHandler handler);

  struct Match {
    const RouteHandler* handler = nullptr;  // null: no such route
    const std::string* pattern = nullptr;   // set with the handler
    std::string allow;                      // methods of the path when only the method is wrong
    Captures captures;                      // views into the pattern and the path
  };
  Match match(std::string_view method, std::string_view path) const;

  // Calls the handler; 404 and 405 (with Allow; 204 for OPTIONS) by `refusal` or as one line of
  // text. The answer's `route` is the pattern.
  Response handle(const Request& request) const;
  void set_refusal(std::function<Response(int status, const Request&)> refusal);

  // "GET /api/v1/leads" …, sorted: the inventory that the documentation is checked against.
  std::vector<std::string> routes() const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::function<Response(int, const Request&)> refusal_;
};

}  // namespace kehai::http
