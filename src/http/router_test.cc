#include "http/router.h"

#include <doctest/doctest.h>

#include "base/error.h"

using kehai::http::Captures;
using kehai::http::Request;
using kehai::http::Response;
using kehai::http::Router;

namespace {

// Answers with its name and its captured values.
kehai::http::RouteHandler named(std::string name, std::vector<std::string> captures = {}) {
  return [name, captures](const Request&, const Captures& values) {
    Response response;
    response.body = name;
    for (const auto& capture : captures) response.body += " " + std::string(values[capture]);
    return response;
  };
}

Response ask(const Router& router, std::string method, std::string path) {
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  return router.handle(request);
}

Router make_router() {
  Router router;
  router.add("GET", "/", named("root"));
  router.add("GET", "/api/v1/", named("service"));
  router.add("GET", "/api/v1/{collection}", named("list", {"collection"}));
  router.add("POST", "/api/v1/{collection}", named("create", {"collection"}));
  router.add("GET", "/api/v1/meta", named("meta"));
  router.add("GET", "/api/v1/{collection}/{id}", named("read", {"collection", "id"}));
  router.add("PATCH", "/api/v1/{object}/{key}", named("patch", {"object", "key"}));
  router.add("GET", "/api/v1/meta/labels/{language}", named("labels", {"language"}));
  router.add("GET", "/files/{path...}", named("file", {"path"}));
  router.add("GET", "/files/list", named("file list"));
  return router;
}

}  // namespace

TEST_CASE("the most literal route wins, with fallback to captures") {
  const Router router = make_router();
  CHECK(ask(router, "GET", "/").body == "root");
  CHECK(ask(router, "GET", "/api/v1/").body == "service");
  CHECK(ask(router, "GET", "/api/v1/leads").body == "list leads");
  CHECK(ask(router, "GET", "/api/v1/meta").body == "meta");
  CHECK(ask(router, "GET", "/api/v1/leads/7").body == "read leads 7");
  CHECK(ask(router, "PATCH", "/api/v1/leads/7").body == "patch leads 7");
  // "meta" exists as a literal, but this path goes on only below {collection}.
  CHECK(ask(router, "GET", "/api/v1/meta/7").body == "read meta 7");
  CHECK(ask(router, "GET", "/api/v1/meta/labels/zh-CN").body == "labels zh-CN");
  CHECK(ask(router, "GET", "/files/a/b/c.js").body == "file a/b/c.js");
  CHECK(ask(router, "GET", "/files/list").body == "file list");
  CHECK(ask(router, "GET", "/files/list/x").body == "file list/x");
  CHECK(ask(router, "GET", "/api/v1/leads/7").route == "/api/v1/{collection}/{id}");
}

TEST_CASE("404, 405 and OPTIONS") {
  const Router router = make_router();
  CHECK(ask(router, "GET", "/api").status == 404);
  CHECK(ask(router, "GET", "/api/v1").status == 404);
  CHECK(ask(router, "GET", "/api/v1/a/b/c").status == 404);
  CHECK(ask(router, "GET", "/files/").status == 404);
  CHECK(ask(router, "OPTIONS", "*").status == 404);
  const Response refused = ask(router, "DELETE", "/api/v1/leads");
  CHECK(refused.status == 405);
  REQUIRE(!refused.headers.empty());
  CHECK(refused.headers.back() ==
        std::pair<std::string, std::string>("Allow", "GET, HEAD, POST, OPTIONS"));
  const Response options = ask(router, "OPTIONS", "/api/v1/leads");
  CHECK(options.status == 204);
  CHECK(ask(router, "HEAD", "/api/v1/leads").body == "list leads");
  CHECK(ask(router, "HEAD", "/api/v1/leads").status == 200);
}

TEST_CASE("refusals are the owner's to write") {
  Router router = make_router();
  router.set_refusal([](int status, const Request& request) {
    Response response;
    response.body = std::to_string(status) + " " + request.path;
    return response;
  });
  CHECK(ask(router, "GET", "/api").body == "404 /api");
  CHECK(ask(router, "GET", "/api").status == 404);
  CHECK(ask(router, "PUT", "/").status == 405);
}

TEST_CASE("a route can be added once") {
  Router router = make_router();
  CHECK_THROWS_AS(router.add("GET", "/api/v1/meta", named("x")), kehai::base::Error);
  CHECK_THROWS_AS(router.add("GET", "/api/v1/{other}", named("x")), kehai::base::Error);
  CHECK_THROWS_AS(router.add("GET", "no/slash", named("x")), kehai::base::Error);
  CHECK_THROWS_AS(router.add("GET", "/{a...}/b", named("x")), kehai::base::Error);
  const auto routes = router.routes();
  CHECK(routes.size() == 10);
  CHECK(routes.front() == "GET /");
}
