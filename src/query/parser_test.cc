#include "query/parser.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "query/lexer.h"
#include "query/printer.h"

namespace kehai::query {
namespace {

// "code position" of the error, or "" when the text is accepted.
template <typename Parse>
std::string refusal(Parse parse, const std::string& text) {
  try {
    parse(text);
    return "";
  } catch (const base::Error& error) {
    const auto position = error.params().find("position");
    const auto limit = error.params().find("limit");
    const auto name = error.params().find("name");
    std::string out = error.code();
    if (position != error.params().end()) out += " " + position->second;
    if (limit != error.params().end()) out += " " + limit->second;
    if (name != error.params().end()) out += " " + name->second;
    return out;
  }
}

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST_CASE("expressions print in one canonical form") {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"status eq 'following'", "status eq 'following'"},
      {"  a   eq\t1\r\n", "a eq 1"},
      {"a eq 1 and b eq 2 or c eq 3", "a eq 1 and b eq 2 or c eq 3"},
      {"(a eq 1 and b eq 2) or c eq 3", "a eq 1 and b eq 2 or c eq 3"},
      {"a eq 1 and (b eq 2 or c eq 3)", "a eq 1 and (b eq 2 or c eq 3)"},
      {"a and (b and c) and d", "a and b and c and d"},
      {"(a or b) or (c or d)", "a or b or c or d"},
      {"not (a eq 1)", "not (a eq 1)"},
      {"not not a", "not not a"},
      {"not a eq true", "not a eq true"},
      {"(not a) eq true", "not a eq true"},
      {"not (a in (1,2))", "not (a in (1,2))"},
      {"not a in (1)", "not (a in (1))"},
      {"a add b sub c", "a add b sub c"},
      {"a sub (b sub c)", "a sub (b sub c)"},
      {"(a sub b) sub c", "a sub b sub c"},
      {"a add b mul c", "a add b mul c"},
      {"(a add b) mul c", "(a add b) mul c"},
      {"a mod b div c", "a mod b div c"},
      {"-a", "-a"},
      {"- a", "-a"},
      {"-(a add b)", "-(a add b)"},
      {"--5", "-(-5)"},
      {"- 5", "-(5)"},
      {"-5", "-5"},
      {"a in ()", "a in ()"},
      {"a in ( 1 , 'x' , null , @me )", "a in (1,'x',null,@me)"},
      {"a in @ids", "a in @ids"},
      {"a eq 1 eq true", "a eq 1 eq true"},
      {"a eq (1 eq 2)", "a eq (1 eq 2)"},
      {"a gt b eq (c lt d)", "a gt b eq c lt d"},
      {"(a eq b) gt c", "(a eq b) gt c"},
      {"contains( company , '华为' )", "contains(company,'华为')"},
      {"now()", "now()"},
      {"case(a eq 1:'x',true:'y')", "case(a eq 1:'x',true:'y')"},
      {"case(d eq 2026-03-01:1,d eq 2026-03-01T10:00:00Z:2,true:3)",
       "case(d eq 2026-03-01:1,d eq 2026-03-01T10:00:00Z:2,true:3)"},
      {"case(d eq 2026-03-01T10:00:00+08:00:2)", "case(d eq 2026-03-01T02:00:00Z:2)"},
      {"account/region/name ne null", "account/region/name ne null"},
      {"$it/name eq 'x'", "$it/name eq 'x'"},
      {"opportunities/any()", "opportunities/any()"},
      {"opportunities/any( o : o/amount gt 5 )", "opportunities/any(o:o/amount gt 5)"},
      {"account/tags/all(t:t ne '')", "account/tags/all(t:t ne '')"},
      {"opportunities/$count gt 3", "opportunities/$count gt 3"},
      {"'it''s'", "'it''s'"},
      {"''", "''"},
      {"12.50", "12.50"},
      {"-0.05", "-0.05"},
      {"0.000000001", "0.000000001"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"2026-03-01", "2026-03-01"},
      {"2026-03-01T09:30:00.5+08:00", "2026-03-01T01:30:00.500Z"},
      {"duration'P1DT2H30M0.25S'", "duration'P1DT2H30M0.250S'"},
      {"duration'-PT90M'", "duration'-PT1H30M'"},
      {"duration'P0D'", "duration'P0D'"},
      {"true", "true"},
      {"null", "null"},
      {"any eq 1", "any eq 1"},
      {"case eq 1", "case eq 1"},
  };
  for (const auto& [text, printed] : vectors) {
    CAPTURE(text);
    const NodePtr node = parse_expression(text);
    CHECK(print(node) == printed);
    CHECK(same(node, parse_expression(printed)));
  }
}

TEST_CASE("different expressions are different trees") {
  CHECK_FALSE(same(parse_expression("a"), parse_expression("b")));
  CHECK_FALSE(same(parse_expression("a eq 1"), parse_expression("a ne 1")));
  CHECK_FALSE(same(parse_expression("1.0"), parse_expression("1")));
  CHECK_FALSE(same(parse_expression("a in (1)"), parse_expression("a in (1,1)")));
  CHECK_FALSE(same(parse_expression("t/any(x:x)"), parse_expression("t/any(y:y)")));
  CHECK_FALSE(same(parse_expression("a"), nullptr));
}

TEST_CASE("what is not in the grammar is refused at its place") {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"", "query.syntax 0"},
      {"   ", "query.syntax 3"},
      {"a eq", "query.syntax 4"},
      {"a eq 1 b", "query.syntax 7"},
      {"eq 1", "query.syntax 0"},
      {"(a eq 1", "query.syntax 7"},
      {"a eq 1)", "query.syntax 6"},
      {"a = 1", "query.syntax 2"},
      {"a eq 'x", "query.syntax 7"},
      {"a eq \"x\"", "query.syntax 5"},
      {"a; drop", "query.syntax 1"},
      {"a in 1", "query.syntax 5"},
      {"a in (1,)", "query.syntax 8"},
      {"a in (b)", "query.syntax 6"},
      {"1e5", "query.syntax 1"},
      {"12abc", "query.syntax 2"},
      {"1.", "query.syntax 2"},
      {".5", "query.syntax 0"},
      {"1.0000000001", "query.syntax 11"},
      {"5-3", "query.syntax 1"},
      {"9223372036854775808", "query.out_of_range 0"},
      {"-9223372036854775809", "query.out_of_range 0"},
      {"92233720368547758.080", "query.out_of_range 0"},
      {"2026-13-01", "query.syntax 0"},
      {"2026-02-29", "query.syntax 0"},
      {"2026-3-1", "query.syntax 0"},
      {"2026-03-01T10:00:00", "query.syntax 0"},
      {"2026-03-01T10:00:00Zx", "query.syntax 20"},
      {"0001-01-01T00:00:00+08:00", "query.out_of_range 0"},
      {"duration'P1Y'", "query.syntax 0"},
      {"duration'PT'", "query.syntax 0"},
      {"duration'P'", "query.syntax 0"},
      {"duration'P1H'", "query.syntax 0"},
      {"duration'PT1D'", "query.syntax 0"},
      {"duration'PT1M1H'", "query.syntax 0"},
      {"duration'PT1HT1M'", "query.syntax 0"},
      {"duration'P1DT'", "query.syntax 0"},
      {"duration'PT1.5M'", "query.syntax 0"},
      {"duration'PT1'", "query.syntax 0"},
      {"duration'1D'", "query.syntax 0"},
      {"duration'PT0.1234S'", "query.syntax 0"},
      {"duration'P999999999999999D'", "query.syntax 0"},
      {"guid'x'", "query.not_supported guid"},
      {"geo.distance(a,b) lt 5", "query.not_supported geo.distance"},
      {"a has b", "query.not_supported has"},
      {"a divby 2", "query.not_supported divby"},
      {"a/some(x:x)", "query.not_supported some"},
      {"$root/x", "query.not_supported $root"},
      {"$it", "query.syntax 3"},
      {"$count", "query.syntax 0"},
      {"a/$value", "query.not_supported $value"},
      {"@ eq 1", "query.syntax 0"},
      {"t/all()", "query.syntax 6"},
      {"t/any(x)", "query.syntax 7"},
      {"case()", "query.syntax 5"},
      {"case(a)", "query.syntax 6"},
      {"f(a,)", "query.syntax 4"},
      {"a/", "query.syntax 2"},
      {std::string("a\0b", 3), "query.syntax 0"},
      {"'\xC3'", "query.syntax 0"},
      {"名称 eq 1", "query.syntax 0"},
  };
  for (const auto& [text, expected] : vectors) {
    CAPTURE(text);
    CHECK(refusal(parse_expression, text) == expected);
  }
}

TEST_CASE("size is bounded") {
  CHECK(refusal(parse_expression, "'" + std::string(kMaximumLength, 'x') + "'") ==
        "query.too_complex length");
  CHECK(refusal(parse_expression, repeated("(", 63) + "a" + repeated(")", 63)) ==
        "query.too_complex depth");
  CHECK(refusal(parse_expression, repeated("(", 3000) + "a") == "query.too_complex depth");
  CHECK(refusal(parse_expression, repeated("not ", 100) + "a") == "query.too_complex depth");
  CHECK(refusal(parse_expression, repeated("- ", 3000) + "a") == "query.too_complex depth");
  CHECK(refusal(parse_expression, "a" + repeated(" add a", 100)) == "query.too_complex depth");
  CHECK(refusal(parse_expression, "a" + repeated(" or a", 400)) == "");
  CHECK(refusal(parse_expression, "a" + repeated(" or a", 1100)) == "query.too_complex nodes");
  CHECK(refusal(parse_expression, "a in (1" + repeated(",1", 999) + ")") == "");
  CHECK(refusal(parse_expression, "a in (1" + repeated(",1", 1000) + ")") ==
        "query.too_complex list");
}

TEST_CASE("durations are read and written exactly") {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{999}, std::int64_t{1000},
        std::int64_t{86'400'000}, std::int64_t{-90'061'001}, INT64_MAX, INT64_MIN}) {
    CHECK(parse_duration(format_duration(value)) == value);
  }
}

TEST_CASE("order, selection, expansion and aggregation print in one canonical form") {
  CHECK(print(parse_order("a asc , b desc,length(c)")) == "a,b desc,length(c)");
  CHECK(print(parse_select(" * , a , b/c ")) == "*,a,b/c");
  const std::string expand =
      "owner($select=name,id),opportunities($filter=amount gt 5 or stage eq 'x';$orderby=amount "
      "desc,id;$top=3;$count=true;$expand=account($select=name))";
  CHECK(print(parse_expand(expand)) == expand);
  CHECK(print(parse_expand("owner(select=name)")) == "owner($select=name)");
  CHECK(print(parse_expand("owner($count=false)")) == "owner");
  const std::string apply =
      "filter(a gt 1)/compute(yearmonth(created_at) as month)/groupby((month,stage_id,year(d) as "
      "y),aggregate(amount with sum as total,$count as n,a with countdistinct as c))";
  CHECK(print(parse_apply(apply)) == apply);
  CHECK(print(parse_apply("aggregate(a mul b with average as x)")) ==
        "aggregate(a mul b with average as x)");
  CHECK(print(parse_apply("groupby((a))")) == "groupby((a))");
}

TEST_CASE("broken options are refused at their place") {
  CHECK(refusal(parse_order, "a desc b") == "query.syntax 7");
  CHECK(refusal(parse_order, "a,") == "query.syntax 2");
  CHECK(refusal(parse_select, "a,,b") == "query.syntax 2");
  CHECK(refusal(parse_select, "a'b") == "query.not_supported a");
  CHECK(refusal(parse_expand, "*") == "query.not_supported $expand=*");
  CHECK(refusal(parse_expand, "owner/$ref") == "query.not_supported $expand with a path");
  CHECK(refusal(parse_expand, "owner($levels=2)") == "query.not_supported $levels inside $expand");
  CHECK(refusal(parse_expand, "owner($top=-1)") == "query.syntax 11");
  CHECK(refusal(parse_expand, "owner($top=1;$top=2)") == "query.syntax 13");
  CHECK(refusal(parse_expand, "a($expand=b($expand=c))") == "");
  CHECK(refusal(parse_expand, "a($expand=b($expand=c($expand=d)))") == "query.too_complex expand");
  CHECK(refusal(parse_apply, "filter(a eq 1)") == "query.syntax 0");
  CHECK(refusal(parse_apply, "topcount(5,a)") == "query.not_supported topcount");
  CHECK(refusal(parse_apply, "groupby((a))/filter(b gt 1)") ==
        "query.not_supported $apply: filter after a later step");
  CHECK(refusal(parse_apply, "groupby((a),topcount(1,b))") ==
        "query.not_supported $apply: groupby with another step than aggregate");
  CHECK(refusal(parse_apply, "aggregate(a with median as m)") == "query.not_supported median");
  CHECK(refusal(parse_apply, "aggregate(a with sum)") == "query.syntax 20");
  CHECK(refusal(parse_apply, "compute(a)/groupby((a))") == "query.syntax 9");
}

}  // namespace
}  // namespace kehai::query
