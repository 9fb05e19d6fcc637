#include <doctest/doctest.h>

#include "base/error.h"
#include "record/definition.h"
#include "record/fields/field_kit.h"

using namespace kehai;

TEST_CASE("definition: system fields, owner and parent columns follow from the flags") {
  const auto object =
      record::parse_definition(base::parse_json(R"({"object":"toy","collection":"toys","owned":true,
    "title_field":"name","fields":[{"name":"name","type":"text","required":true,"sort_key":true}]})"));
  CHECK(object.field("owner_id") != nullptr);
  CHECK(object.field("scope_department_id") != nullptr);
  CHECK(object.field("name")->max_length == 200);
  CHECK_THROWS_AS(record::parse_definition(base::parse_json(R"({"object":"toy","collection":"toys",
    "fields":[{"name":"a","type":"nothing"}]})")),
                  base::Error);
}

TEST_CASE("a web address is as long as it is with the scheme that a bare host name gets") {
  const auto field = record::parse_field_definition(
      "toy", base::parse_json(R"({"name":"website","type":"url","max_length":20})").as_object());
  const auto& kit = record::field_kit(field.type);
  base::Value taken;
  CHECK(!kit.coerce(base::parse_json(R"("kehai678.com")"), field, taken));
  CHECK(taken.as_text() == "https://kehai678.com");
  const auto error = kit.coerce(base::parse_json(R"("kehai6789.com")"), field, taken);
  REQUIRE(error.has_value());
  CHECK(error->code == "field.too_long");
}
