#include "base/json.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace kehai::base;

TEST_CASE("json: refuses what is not one strict document") {
  for (const char* text : {"", "{", "{\"a\":1,}", "[1] 2", "{\"a\":1,\"a\":2}", "nul", "\"\xff\"",
                           "// x\n1", "{\"a\":{\"b\":1,\"b\":1}}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_json(text), Error);
  }
  CHECK(parse_json(" {\"a:b\":\":\", \"c\":[{\"d\":1}]} ").as_object().size() == 2);
  CHECK_THROWS_AS(parse_json(std::string(40, '[') + std::string(40, ']')), Error);
}

TEST_CASE("json: writes exact text") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .key("a")
      .text("\"\\\n\x01</客")
      .key("b")
      .begin_array()
      .integer(-5)
      .decimal(-12345, 2)
      .decimal(5, 2)
      .null()
      .boolean(true)
      .end_array()
      .key("c")
      .begin_object()
      .end_object()
      .end_object();
  CHECK(out ==
        "{\"a\":\"\\\"\\\\\\n\\u0001\\u003c/客\",\"b\":[-5,-123.45,0.05,null,true],\"c\":{}}");
  std::string broken;
  append_json_string(broken, "a\xff\xc0z");
  CHECK(broken == "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"");
  std::string smallest;
  append_json_decimal(smallest, INT64_MIN, 2);
  CHECK(smallest == "-92233720368547758.08");
}
