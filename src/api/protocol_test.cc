// The small parts of the interface that stand for themselves: credentials, entity tags, links,
// problems, routes.
#include <doctest/doctest.h>

#include "api/credentials.h"
#include "api/odata.h"
#include "api/problem.h"
#include "api/route_table.h"

namespace kehai::api {

TEST_CASE("the cookie is taken by its name, under TLS by the bound one only") {
  CHECK(cookie_value("a=1; kehai_session=abc; b=2", "kehai_session") == "abc");
  CHECK(cookie_value("kehai_session=abc;kehai_session=def", "kehai_session") == "abc");
  CHECK(cookie_value("xkehai_session=abc", "kehai_session").empty());
  CHECK(cookie_value("kehai_session", "kehai_session").empty());
  CHECK(cookie_value("kehai_session=" + std::string(600, 'x'), "kehai_session").empty());
  CHECK(session_cookie_name(true) == "__Host-kehai_session");
  const auto cookie = session_cookie(true, "abc", 60);
  CHECK(cookie == "__Host-kehai_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
  CHECK(session_cookie(false, "abc", 60).find("Secure") == std::string::npos);
}

TEST_CASE("authorization headers") {
  using Scheme = Authorization::Scheme;
  CHECK(parse_authorization("").scheme == Scheme::None);
  CHECK(parse_authorization("Bearer abc").secret == "abc");
  CHECK(parse_authorization("bearer  abc ").secret == "abc");
  CHECK(parse_authorization("Basic dXNlcjpzZWNyZXQ=").secret == "secret");
  CHECK(parse_authorization("Basic dXNlcjpwYTpzcw==").secret == "pa:ss");
  for (const auto* wrong : {"Bearer", "Bearer ", "Digest a=b", "Basic !!!!",
                            "Basic dXNlcg==", "Basic dXNlcjpzZWNyZXQ"}) {
    CHECK_MESSAGE(parse_authorization(wrong).scheme == Scheme::Unknown, wrong);
  }
}

TEST_CASE("base64") {
  CHECK(decode_base64("") == "");
  CHECK(decode_base64("YQ==") == "a");
  CHECK(decode_base64("YWI=") == "ab");
  CHECK(decode_base64("YWJj") == "abc");
  CHECK(decode_base64("//79") == "\xFF\xFE\xFD");
  for (const auto* wrong : {"Y", "YQ=", "YQ=a", "====", "YQ==YQ==", "YW J"}) {
    CHECK_MESSAGE(!decode_base64(wrong).has_value(), wrong);
  }
}

TEST_CASE("the best of our languages") {
  using base::Language;
  CHECK(accepted_language("zh-TW,zh;q=0.9,en;q=0.8") == Language::TraditionalChinese);
  CHECK(accepted_language("en;q=0.5, zh-CN;q=0.6") == Language::SimplifiedChinese);
  CHECK(accepted_language("de-DE, en-GB;q=0.3") == Language::English);
  CHECK(accepted_language("zh-Hant-HK") == Language::TraditionalChinese);
  CHECK_FALSE(accepted_language("de, fr;q=0.5").has_value());
  CHECK_FALSE(accepted_language("").has_value());
  CHECK_FALSE(accepted_language("en;q=0").has_value());
}

TEST_CASE("whether a page of ours sent the request") {
  const auto sent = [](http::Headers headers) {
    http::Request request;
    request.headers = std::move(headers);
    request.headers.emplace_back("host", "crm.test:8443");
    return comes_from_own_page(request, {"https://intranet.test"});
  };
  CHECK(sent({}));
  CHECK(sent({{"sec-fetch-site", "same-origin"}}));
  CHECK(sent({{"sec-fetch-site", "none"}}));
  CHECK(sent({{"origin", "https://CRM.test:8443"}}));
  CHECK(sent({{"origin", "https://intranet.test"}, {"sec-fetch-site", "same-site"}}));
  CHECK_FALSE(sent({{"sec-fetch-site", "cross-site"}, {"origin", "https://crm.test:8443"}}));
  CHECK_FALSE(sent({{"origin", "https://crm.test"}}));
  CHECK_FALSE(sent({{"origin", "null"}}));
  CHECK_FALSE(sent({{"origin", "https://crm.test:8443.evil.test"}}));
}

TEST_CASE("entity tags") {
  CHECK(parse_if_match("W/\"7\"").version == 7);
  CHECK(parse_if_match(" \"7\" ").version == 7);
  CHECK(parse_if_match("*").any);
  CHECK_FALSE(parse_if_match("").version.has_value());
  for (const auto* wrong : {"7", "W/7", "\"\"", "\"x\"", "W/\"7\", W/\"8\"", "\"-7\"", "\"7"}) {
    CHECK_THROWS_AS(parse_if_match(wrong), base::Error);
  }
  CHECK(matches_none("\"a\", W/\"7\"", "W/\"7\""));
  CHECK(matches_none("*", "\"x\""));
  CHECK_FALSE(matches_none("W/\"8\"", "W/\"7\""));
  CHECK_FALSE(matches_none("", "W/\"7\""));
}

TEST_CASE("numbers become text outside of strings only") {
  CHECK(with_numbers_as_text(R"({"a":1,"b":[-2.50,true,null],"c":"3 \" 4","d":{"e":1e3}})") ==
        R"({"a":"1","b":["-2.50",true,null],"c":"3 \" 4","d":{"e":"1e3"}})");
  CHECK(with_numbers_as_text("").empty());
  CHECK(with_numbers_as_text("\"unfinished") == "\"unfinished");
}

TEST_CASE("keys in parentheses become segments") {
  CHECK(with_key_segments("/api/v1/leads(7)/account") == "/api/v1/leads/7/account");
  CHECK(with_key_segments("/api/v1/leads") == "/api/v1/leads");
  CHECK(with_key_segments("/api/v1/leads()") == "/api/v1/leads()");
  CHECK(with_key_segments("/api/v1/(7)") == "/api/v1/(7)");
  CHECK(with_key_segments("/") == "/");
}

TEST_CASE("ids are plain positive 53-bit numbers") {
  CHECK(parse_id("1") == 1);
  CHECK(parse_id("9007199254740991") == 9007199254740991);
  for (const auto* wrong :
       {"", "0", "-1", "+1", "01", "1.0", "9007199254740992", "99999999999999999999", "1 ", "a"}) {
    CHECK_FALSE_MESSAGE(parse_id(wrong).has_value(), wrong);
  }
}

TEST_CASE("a special route takes its own methods and leaves the rest to the collections") {
  RouteTable routes;
  const auto nothing = [](ApiContext&) { return http::Response(); };
  routes.add({"GET", "/{collection}", nothing, "list"});
  routes.add({"GET", "/{collection}/{key}", nothing, "read"});
  routes.add({"POST", "/users", nothing, "make a user"});
  routes.add({"GET", "/users/me", nothing, "me"});
  CHECK(routes.match("POST", "/api/v1/users").route->summary == "make a user");
  CHECK(routes.match("GET", "/api/v1/users").route->summary == "list");
  CHECK(routes.match("HEAD", "/api/v1/users").route->summary == "list");
  CHECK(routes.match("GET", "/api/v1/users/me").route->summary == "me");
  CHECK(routes.match("GET", "/api/v1/users/7").captures["key"] == "7");
  const auto wrong = routes.match("PUT", "/api/v1/users");
  CHECK(wrong.route == nullptr);
  CHECK(wrong.allow.find("POST") != std::string::npos);
  CHECK(wrong.allow.find("GET") != std::string::npos);
  CHECK(routes.match("GET", "/elsewhere").allow.empty());
}

TEST_CASE("problems carry what the client may know and nothing else") {
  const base::Texts texts;
  const ProblemAddress browser{texts, base::Language::English, "req-1", true};
  const ProblemAddress program{texts, base::Language::English, "req-1", false};
  const auto header = [](const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return std::string();
  };

  auto error = base::Error(base::ErrorKind::Conflict, "record.has_referrers", {},
                           "SELECT secret FROM detail");
  error.with_data(R"({"referrers":{"lead":2}})");
  const auto conflict = problem(error, program);
  CHECK(conflict.status == 409);
  CHECK(conflict.body.find("secret") == std::string::npos);
  const auto body = base::parse_json(conflict.body).as_object();
  CHECK(body.at("referrers").as_object().at("lead").as_int64() == 2);
  CHECK(body.at("request_id").as_string() == "req-1");
  CHECK(body.at("error").as_object().at("message") == body.at("title"));

  const base::Error required(base::ErrorKind::Unauthenticated, "session.required");
  CHECK(header(problem(required, program), "WWW-Authenticate") == "Bearer realm=\"Kehai\"");
  CHECK(header(problem(required, browser), "WWW-Authenticate").empty());
  const base::Error throttled(base::ErrorKind::Limit, "session.throttled", {{"seconds", "30"}});
  CHECK(header(problem(throttled, program), "Retry-After") == "30");
  CHECK(problem(throttled, program).body.find("30 seconds") != std::string::npos);
  CHECK(header(problem(base::Error(base::ErrorKind::Unavailable, "database.busy"), program),
               "Retry-After") == "5");

  const auto phone =
      base::Error::fields({{"mobile", "field.phone", {{"reason", "phone.several"}}}});
  CHECK(problem(phone, program).body.find("several numbers in one field") != std::string::npos);
  // A code without a text of its own: the common one, or the general one.
  CHECK(message_of(texts, base::Language::English, "toy.bad_transition", {}) ==
        texts.text(base::Language::English, "*.bad_transition"));
  CHECK(message_of(texts, base::Language::English, "toy.unheard_of", {}) ==
        texts.text(base::Language::English, "internal"));
}

}  // namespace kehai::api
