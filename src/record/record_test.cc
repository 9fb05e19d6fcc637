#include <doctest/doctest.h>

#include "base/error.h"
#include "record/definition.h"

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
