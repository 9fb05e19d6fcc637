#include "http/fields.h"

#include <doctest/doctest.h>

#include "base/language.h"
#include "http/encoding.h"
#include "http/response_head.h"

using namespace kehai::http;
using kehai::base::Language;

namespace {
Request with(const std::string& name, const std::string& value) {
  Request request;
  request.headers.emplace_back(name, value);
  return request;
}
}  // namespace

TEST_CASE("cookies") {
  const Request request = with("cookie", "a=1; session=abc==;b = 2 ;session2=x");
  CHECK(cookie(request, "session") == "abc==");
  CHECK(cookie(request, "b") == "2");
  CHECK(cookie(request, "session2") == "x");
  CHECK_FALSE(cookie(request, "c"));
  // Somebody on a sibling domain planted a second one.
  CHECK_FALSE(cookie(with("cookie", "session=good; session=evil"), "session"));
  CHECK(cookie(with("cookie", "session=same; session=same"), "session") == "same");
  CookieOptions options;
  options.secure = true;
  options.max_age = 0;
  CHECK(set_cookie("__Host-s", "v", options) ==
        "__Host-s=v; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
}

TEST_CASE("credentials") {
  CHECK(bearer_token(with("authorization", "Bearer abc")) == "abc");
  CHECK(bearer_token(with("authorization", "bearer  abc ")) == "abc");
  CHECK(bearer_token(with("authorization", "Basic abc")).empty());
  CHECK(bearer_token(with("authorization", "Bearer")).empty());
  const auto basic = basic_credentials(with("authorization", "Basic dXNlcjpwYTpzcw=="));
  REQUIRE(basic);
  CHECK(basic->user == "user");
  CHECK(basic->password == "pa:ss");
  CHECK_FALSE(basic_credentials(with("authorization", "Basic dXNlcg==")));
  CHECK_FALSE(basic_credentials(with("authorization", "Basic %%%")));
  CHECK_FALSE(basic_credentials(Request()));
  CHECK(base64_decode("") == "");
  CHECK(base64_decode("YQ==") == "a");
  CHECK(base64_decode("YWI=") == "ab");
  CHECK(base64_decode("YWJj") == "abc");
  CHECK_FALSE(base64_decode("YWJjZ"));
  CHECK_FALSE(base64_decode("YW=j"));
}

TEST_CASE("media types") {
  CHECK(media_type("Application/JSON; charset=utf-8") == "application/json");
  CHECK(media_type("") == "");
  CHECK(media_parameter("multipart/form-data; boundary=abc", "boundary") == "abc");
  CHECK(media_parameter("a/b; x=\"1;boundary=no\"; Boundary=\"a\\\"b c\" ; y=2", "boundary") ==
        "a\"b c");
  CHECK(media_parameter("a/b; x=1", "boundary") == "");
  CHECK(media_parameter("a/b; boundary=\"open", "boundary") == "");
}

TEST_CASE("languages") {
  const auto choose = [](const char* field) {
    return choose_language(field, Language::SimplifiedChinese);
  };
  CHECK(choose("") == Language::SimplifiedChinese);
  CHECK(choose("zh-TW,zh;q=0.9,en;q=0.8") == Language::TraditionalChinese);
  CHECK(choose("zh-hant-hk") == Language::TraditionalChinese);
  CHECK(choose("zh-CN,zh;q=0.9") == Language::SimplifiedChinese);
  CHECK(choose("en-US,en;q=0.9,zh;q=0.8") == Language::English);
  CHECK(choose("de, en;q=0.5, zh-TW;q=0.7") == Language::TraditionalChinese);
  CHECK(choose("en;q=0, zh-TW;q=0.1") == Language::TraditionalChinese);
  CHECK(choose("de, *;q=0.5") == Language::SimplifiedChinese);
  CHECK(choose("en;q=2, zh-TW") == Language::TraditionalChinese);
  CHECK(choose(";;;,,,q=") == Language::SimplifiedChinese);
  CHECK(choose_language("fr", Language::English) == Language::English);
}

TEST_CASE("entity tags") {
  const auto tags = parse_entity_tags("W/\"7\", \"a,b\" ,\"\"");
  REQUIRE(tags);
  CHECK(tags->tags == std::vector<EntityTag>{{true, "7"}, {false, "a,b"}, {false, ""}});
  CHECK(tags->match("7"));
  CHECK_FALSE(tags->match("8"));
  CHECK(parse_entity_tags("*")->match("anything"));
  for (const char* broken : {"", "7", "\"7", "W/7", "\"7\" \"8\"", "\"7\",", "w/\"7\""}) {
    CAPTURE(broken);
    CHECK_FALSE(parse_entity_tags(broken));
  }
}

TEST_CASE("file names in answers") {
  CHECK(content_disposition("report.csv") == "attachment; filename=\"report.csv\"");
  CHECK(content_disposition("客户.xlsx", false) ==
        "inline; filename=\"__.xlsx\"; filename*=UTF-8''%E5%AE%A2%E6%88%B7.xlsx");
  CHECK(content_disposition("a\"b%41.txt") ==
        "attachment; filename=\"a_b_41.txt\"; filename*=UTF-8''a%22b%2541.txt");
  CHECK(content_disposition("../../etc/passwd") == "attachment; filename=\"etcpasswd\"");
  CHECK(content_disposition("a\r\nSet-Cookie: x") == "attachment; filename=\"aSet-Cookie: x\"");
  CHECK(content_disposition("fdp.\xE2\x80\xAE"
                            "exe") == "attachment; filename=\"fdp.exe\"");
  CHECK(content_disposition("") == "attachment; filename=\"file\"");
  CHECK(content_disposition("\xff\xfe") == "attachment; filename=\"file\"");
  CHECK(content_disposition(std::string(1000, 'a')).size() < 260);
}

TEST_CASE("queries and paths") {
  const auto query = parse_query("a=1&b=%E5%8D%8E+x&&c&a=2&d=%2B%26=");
  REQUIRE(query);
  CHECK(*query == QueryParameters{{"a", "1"}, {"b", "华 x"}, {"c", ""}, {"a", "2"}, {"d", "+&="}});
  for (const char* broken : {"a=%", "a=%4", "a=%zz", "%ff=1", "a=%00", "a=%c0%80"}) {
    CAPTURE(broken);
    CHECK_FALSE(parse_query(broken));
  }
  std::string many;
  for (int i = 0; i < 257; ++i) many += "a&";
  CHECK_FALSE(parse_query(many));
  CHECK(canonical_path("/") == "/");
  CHECK(canonical_path("/a/%E5%8D%8E/") == "/a/华/");
  CHECK(canonical_path("/...") == "/...");
  CHECK_FALSE(canonical_path("/.."));
  CHECK_FALSE(canonical_path("/%2E"));
  CHECK_FALSE(canonical_path(""));
  CHECK(percent_encode("a/华 ~") == "a%2F%E5%8D%8E%20~");
  CHECK(percent_encode("a/b", true) == "a/b");
  CHECK(percent_decode(percent_encode("100% /?&=+华为"), false) == "100% /?&=+华为");
}

TEST_CASE("dates") {
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
}
