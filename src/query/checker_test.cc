#include "query/checker.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "query/evaluate.h"
#include "query/options.h"
#include "query/parser.h"
#include "query/test_schema.h"

namespace kehai::query {
namespace {

class Fixture {
 public:
  Fixture() : zone_("Asia/Shanghai"), environment(testing::toy_environment(zone_)) {
    record_data_ = std::make_unique<testing::ToyData>(schema, *base::make_seeded_random(3), 4);
  }

  // The code and parameters of the refusal, or "".
  std::string refusal(const std::string& text) {
    try {
      check_filter(parse_expression(text), schema.account, environment);
      return "";
    } catch (const base::Error& error) {
      return described(error);
    }
  }

  static std::string described(const base::Error& error) {
    std::string out = error.code();
    for (const auto& [name, value] : error.params()) out += " " + name + "=" + value;
    return out;
  }

  bool holds(const std::string& text) {
    const Filter filter = check_filter(parse_expression(text), schema.account, environment);
    return Evaluator(environment).matches(filter, record());
  }

  base::Value value(const std::string& text) {
    const ExpressionPtr checked = check_value(parse_expression(text), schema.account, environment);
    return Evaluator(environment).value(checked, record());
  }

  testing::ToyRecord& record() const { return *record_data_->records(schema.account)[0]; }

  testing::ToySchema schema;

 private:
  base::TimeZone zone_;
  std::unique_ptr<testing::ToyData> record_data_;

 public:
  Environment environment;
};

TEST_CASE_FIXTURE(Fixture, "what has no meaning is refused with its reason") {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"nope eq 1", "query.unknown_field field=nope position=0"},
      {"level eq 1 and nope/x eq 1", "query.unknown_field field=nope/x position=15"},
      {"region/nope eq 1", "query.unknown_field field=region/nope position=0"},
      {"level/x eq 1", "query.unknown_field field=level/x position=0"},
      {"region eq 1", "query.unknown_field field=region position=0"},
      {"name__fold eq 'x'", "query.unknown_field field=name__fold position=0"},
      {"deleted_at eq null", "query.unknown_field field=deleted_at position=0"},
      {"score gt 1", "query.not_filterable field=score position=0"},
      {"level gt 1 and parent/score gt 1", "query.not_filterable field=parent/score position=15"},
      {"level eq 'x'", "query.type_mismatch expected=integer found=text position=6"},
      {"name gt 5", "query.type_mismatch expected=text found=integer position=5"},
      {"founded eq duration'P1D'", "query.type_mismatch expected=date found=duration position=8"},
      {"is_vip eq 1", "query.type_mismatch expected=boolean found=integer position=7"},
      {"level", "query.type_mismatch expected=boolean found=integer position=0"},
      {"not name", "query.type_mismatch expected=boolean found=text position=4"},
      {"level and is_vip", "query.type_mismatch expected=boolean found=integer position=0"},
      {"name add 1 eq 2", "query.bad_operands left=text name=add position=5 right=integer"},
      {"founded add founded eq null",
       "query.bad_operands left=date name=add position=8 right=date"},
      {"created_at mul 2 eq null",
       "query.bad_operands left=instant name=mul position=11 right=integer"},
      {"-name eq 'x'", "query.type_mismatch expected=a number found=text position=0"},
      {"length(level) eq 1", "query.type_mismatch expected=text found=integer position=7"},
      {"length() eq 1", "query.operand_count count=1 given=0 name=length position=0"},
      {"contains(name) eq true", "query.operand_count count=2 given=1 name=contains position=0"},
      {"hour(founded) eq 1", "query.type_mismatch expected=instant found=date position=5"},
      {"year(level) eq 1", "query.type_mismatch expected=date or instant found=integer position=5"},
      {"case(level:1) eq 1", "query.type_mismatch expected=boolean found=integer position=5"},
      {"case(is_vip:1,true:'x') eq 1",
       "query.type_mismatch expected=integer found=text position=19"},
      {"level in (1,'x')", "query.type_mismatch expected=integer found=text position=6"},
      {"tags eq 'x'", "query.type_mismatch expected=any, all or $count found=tags position=0"},
      {"opportunities/amount gt 1",
       "query.type_mismatch expected=any, all or $count found=opportunities position=0"},
      {"region/any()", "query.type_mismatch expected=a collection found=region position=0"},
      {"name/any()", "query.type_mismatch expected=a collection found=name position=0"},
      {"tags/any(t:t gt 1)", "query.type_mismatch expected=text found=integer position=13"},
      {"tags/any(t:t/x eq 1)", "query.unknown_field field=t/x position=11"},
      {"opportunities/any(o:o)", "query.type_mismatch expected=a field found=o position=20"},
      {"opportunities/any(o:o/nope eq 1)", "query.unknown_field field=o/nope position=20"},
      {"opportunities/any(o:o/amount gt 1) and o/amount gt 1",
       "query.unknown_field field=o/amount position=39"},
      {"round(amount) eq 1", "query.not_supported name=round"},
      {"cast(level) eq 1", "query.not_supported name=cast"},
      {"sqlite_version() eq 'x'", "query.unknown_function name=sqlite_version position=0"},
      {"level eq @nope", "query.unknown_alias name=@nope position=9"},
      {"level in @nope", "query.unknown_alias name=@nope position=9"},
      {"level in @me", "query.type_mismatch expected=a list found=@me position=9"},
      {"level eq @my_departments",
       "query.type_mismatch expected=a value found=@my_departments position=9"},
      {"amount gt 9223372036854775807", "query.out_of_range position=7"},
      {"level gt 12345678901.5", ""},
      {"parent/parent/parent/parent/level eq 1", ""},
      {"parent/parent/parent/parent/parent/level eq 1", "query.too_complex limit=hops"},
      {"children/any(a:a/children/any(b:b/children/any(c:c/level eq 1)))", ""},
      {"children/any(a:a/children/any(b:b/children/any(c:c/children/any())))",
       "query.too_complex limit=nesting"},
  };
  for (const auto& [text, expected] : vectors) {
    CAPTURE(text);
    CHECK(refusal(text) == expected);
  }
  std::string many = "tags/any()";
  for (int i = 0; i < 8; ++i) many += " or tags/any()";
  CHECK(refusal(many) == "query.too_complex limit=collections");
  std::string zone = "hour(created_at) eq 1";
  for (int i = 0; i < 16; ++i) zone += " or hour(created_at) eq 1";
  CHECK(refusal(zone) == "query.too_complex limit=time zone");
}

TEST_CASE_FIXTURE(Fixture, "a hidden field and a field that does not exist are refused alike") {
  const auto message = [&](const std::string& name) {
    std::string text = refusal(name + " eq 1");
    return text.replace(text.find(name), name.size(), "X");
  };
  // Hidden means that the entity does not answer to the name.
  CHECK(message("deleted_at") == message("abcdefghij"));
}

TEST_CASE_FIXTURE(Fixture, "order takes sortable fields and ends with the id") {
  const auto order = [&](const std::string& text) {
    return check_order(parse_order(text), schema.account, environment);
  };
  const Order by_name = order("name desc, region/rank");
  REQUIRE(by_name.terms.size() == 3);
  CHECK(by_name.terms[0].expression->column.form == ColumnForm::SortKey);
  CHECK(by_name.terms[0].descending);
  CHECK(by_name.terms[1].nullable);
  CHECK(by_name.terms[2].expression->column.property->name == "id");
  CHECK_FALSE(by_name.terms[2].descending);
  CHECK_FALSE(by_name.terms[2].nullable);
  const Order recent = order("updated_at desc");
  REQUIRE(recent.terms.size() == 2);
  CHECK_FALSE(recent.terms[0].nullable);
  CHECK(recent.terms[1].descending);
  CHECK(order("id desc,name").terms.size() == 1);
  CHECK(check_order({}, schema.account, environment).terms.size() == 1);
  CHECK(order("5,null,@me").terms.size() == 1);
  const auto refused = [&](const std::string& text) {
    try {
      order(text);
      return std::string();
    } catch (const base::Error& error) {
      return described(error);
    }
  };
  CHECK(refused("remark") == "query.not_sortable field=remark position=0");
  CHECK(refused("length(remark)") == "query.not_sortable field=remark position=7");
  CHECK(refused("score") == "query.not_filterable field=score position=0");
  CHECK(refused("tags") == "query.type_mismatch expected=any, all or $count found=tags position=0");
}

TEST_CASE_FIXTURE(Fixture, "what a rule depends on is known") {
  const auto names = [&](const std::string& text) {
    const Filter filter = check_filter(parse_expression(text), schema.account, environment);
    std::string out;
    for (const Property* property : used_properties(filter.root)) out += property->name + " ";
    return out + (uses_navigation(filter.root) ? "+" : "");
  };
  CHECK(names("level eq 1 and (name eq 'x' or level gt 3)") == "level name ");
  CHECK(names("year(created_at) eq 2026") == "created_at ");
  CHECK(names("region/rank eq 1 and is_vip") == "is_vip +");
  CHECK(names("tags/any(t:t eq 'x')") == "tags ");
  CHECK(names("opportunities/any(o:o/amount gt 1 and level eq 1)") == "level +");
}

TEST_CASE_FIXTURE(Fixture, "null, truth and comparison follow the table") {
  record().fields["level"] = base::Value();
  record().fields["owner_id"] = 7;
  record().fields["is_vip"] = base::Value();
  record().fields["amount"] = 1250;
  for (const char* text : {"level eq null",
                           "not (level ne null)",
                           "level ne 1",
                           "not (level eq 1)",
                           "not (level gt 1)",
                           "not (level le 1)",
                           "level in (1,null)",
                           "not (level in (1,2))",
                           "null eq null",
                           "owner_id ne null",
                           "owner_id ne level",
                           "not is_vip",
                           "not (null)",
                           "not (null and true)",
                           "null or true",
                           "is_vip ne true",
                           "is_vip eq null",
                           "level add 1 eq null",
                           "owner_id eq @me",
                           "owner_id in (@me)",
                           "not contains(null,'a')",
                           "amount eq 12.5",
                           "amount eq 12.50",
                           "amount eq 12.500000000",
                           "amount ne 12.505",
                           "amount gt 12.499",
                           "amount lt 12.501",
                           "amount ge 12.5",
                           "amount gt 12",
                           "amount in (12.5)",
                           "amount in (1,12.505,12.50)",
                           "12.4 lt amount",
                           "13 gt amount",
                           "amount mul 2 eq 25",
                           "owner_id gt 6.999",
                           "owner_id le 7.001",
                           "not (owner_id eq 7.5)",
                           "'a' lt 'b'",
                           "'B' lt 'a'",
                           "'z' lt '华'",
                           "not (owner_id in ())"}) {
    CAPTURE(text);
    CHECK(holds(text));
  }
  for (const char* text : {"level gt 1", "level lt 1", "level eq 1", "level in (1)", "null",
                           "null eq 1", "null gt null", "null ge null", "is_vip", "is_vip eq false",
                           "owner_id in ()", "level in ()", "null in ()", "amount eq 12.505",
                           "amount in (12.505)", "contains(industry,null)", "(1 div 0) gt 0"}) {
    CAPTURE(text);
    CHECK_FALSE(holds(text));
  }
}

TEST_CASE_FIXTURE(Fixture, "an alias without a value opens nothing") {
  environment = Environment::make(*environment.zone, environment.now, 7, 0, {});
  record().fields["owner_department_id"] = base::Value();
  for (const char* text :
       {"owner_department_id eq @my_department", "owner_department_id in @my_departments",
        "owner_department_id in (@my_department)", "@my_department eq @my_department",
        "owner_department_id gt @my_department", "owner_department_id eq @my_department add 0",
        "not (owner_department_id ne @my_department)", "@my_department ne null"}) {
    CAPTURE(text);
    CHECK_FALSE(holds(text));
  }
  CHECK(holds("@my_department eq null"));
  CHECK(holds("owner_department_id ne @my_department"));
  record().fields["owner_department_id"] = 3;
  CHECK_FALSE(holds("owner_department_id eq @my_department"));
}

TEST_CASE_FIXTURE(Fixture, "request aliases are constants and never shadow reserved ones") {
  environment.request_aliases = parse_options({{"@x", "5"}, {"@list", "(5,null)"}}).aliases;
  record().fields["level"] = 5;
  CHECK(holds("level eq @x"));
  CHECK(holds("level in @list"));
  CHECK(holds("level in (@x)"));
  CHECK_FALSE(holds("level ne @x"));
  CHECK(refusal("level eq @list") == "query.type_mismatch expected=a value found=@list position=9");
  CHECK(refusal("level in @x") == "query.type_mismatch expected=a list found=@x position=9");
  environment.request_aliases["me"] = parse_alias_value("999");
  CHECK(value("@me") == base::Value(7));
}

TEST_CASE_FIXTURE(Fixture, "arithmetic is exact, checked and half-up") {
  const std::vector<std::pair<std::string, base::Value>> vectors = {
      {"1 add 2 mul 3", 7},
      {"7 div 2", 3},
      {"-7 div 2", -3},
      {"7 mod -2", 1},
      {"-7 mod 2", -1},
      {"1 div 0", nullptr},
      {"1 mod 0", nullptr},
      {"9223372036854775807 add 1", nullptr},
      {"-9223372036854775808 div -1", nullptr},
      {"-9223372036854775808 mod -1", 0},
      {"-(-9223372036854775808)", nullptr},
      {"4611686018427387904 mul 2", nullptr},
      {"4611686018427387904 mul -2", INT64_MIN},
      {"1.5 add 1", 25},
      {"1.05 mul 1.5", 158},  // 1.575 → 1.58
      {"-1.05 mul 1.5", -158},
      {"1.5 mul 0.1", 2},  // 0.15 → 0.2
      {"1.4 mul 0.1", 1},
      {"10 div 4.0", 25},
      {"1.00 div 3", 33},
      {"2.00 div 3", 67},
      {"0.05 div 10.00", 1},  // 0.005 → 0.01
      {"0.04 div 10.00", 0},
      {"-0.05 div 10.00", -1},
      {"5.5 mod 2", 15},
      {"9223372036854775807 mul 1.0", nullptr},
      {"92233720368547758.07 mul 1.00", INT64_MAX},
      {"92233720368547758.07 mul 10.00 div 10.00", nullptr},
      {"case(false:1)", nullptr},
      {"case(false:1,true:2.50)", 250},
      {"case(null:1,true:2)", 2},
      {"duration'P1D' mul 3", 259'200'000},
      {"duration'PT1S' div 3", 333},
      {"2026-03-01 add duration'P1DT23H'", base::date_from_civil(2026, 3, 2)},
      {"2026-03-01 sub duration'PT23H'", base::date_from_civil(2026, 3, 1)},
      {"2026-03-01 sub 2026-02-01", std::int64_t{28} * 86'400'000},
      {"2026-03-01T00:00:00Z sub 2026-02-28T23:00:00Z", 3'600'000},
  };
  for (const auto& [text, expected] : vectors) {
    CAPTURE(text);
    CHECK(value(text) == expected);
  }
}

TEST_CASE_FIXTURE(Fixture, "text functions count code points") {
  const std::vector<std::pair<std::string, base::Value>> vectors = {
      {"length('华为😀')", 3},
      {"length('')", 0},
      {"indexof('a华b','b')", 2},
      {"indexof('abc','x')", -1},
      {"indexof('abc','')", 0},
      {"substring('华为技术',1)", "为技术"},
      {"substring('华为技术',1,2)", "为技"},
      {"substring('华为技术',-5,2)", "华为"},
      {"substring('华为技术',9)", ""},
      {"substring('华为技术',1,-1)", ""},
      {"substring('华为技术',9223372036854775807,9223372036854775807)", ""},
      {"tolower('ÀBC华')", "Àbc华"},
      {"toupper('àbc')", "àBC"},
      {"trim(' \t\xE3\x80\x80x y\xC2\xA0 ')", "x y"},
      {"trim('   ')", ""},
      {"concat('a',concat('b','c'))", "abc"},
      {"concat('a',null)", nullptr},
      {"length(null)", nullptr},
  };
  for (const auto& [text, expected] : vectors) {
    CAPTURE(text);
    CHECK(value(text) == expected);
  }
}

TEST_CASE_FIXTURE(Fixture, "dates are the organisation's") {
  const std::vector<std::pair<std::string, base::Value>> vectors = {
      {"date(2026-02-28T16:00:00Z)", base::date_from_civil(2026, 3, 1)},
      {"date(2026-02-28T15:59:59.999Z)", base::date_from_civil(2026, 2, 28)},
      {"year(2025-12-31T16:00:00Z)", 2026},
      {"hour(2026-02-28T16:30:45Z)", 0},
      {"minute(2026-02-28T16:30:45Z)", 30},
      {"second(2026-02-28T16:30:45Z)", 45},
      {"hour(1986-07-01T00:00:00Z)", 9},  // summer time in Shanghai
      {"yearmonth(2026-03-01)", 202603},
      {"yearquarter(2026-03-31)", 20261},
      {"yearquarter(2026-04-01)", 20262},
      {"month(@today)", 3},
      {"@today", base::date_from_civil(2026, 3, 1)},
      {"now() eq @now", 1},
      {"year(9999-12-31 add duration'P1D')", nullptr},
      {"day(0001-01-01)", 1},
  };
  for (const auto& [text, expected] : vectors) {
    CAPTURE(text);
    CHECK(value(text) == expected);
  }
  record().fields["created_at"] = *base::parse_instant("2026-02-28T16:00:00Z");  // 1 March, 00:00
  for (const char* text :
       {"created_at eq 2026-03-01", "created_at eq @today", "created_at le 2026-03-01",
        "created_at ge 2026-03-01", "created_at gt 2026-02-28", "created_at lt 2026-03-02",
        "created_at in (2026-01-01,2026-03-01)", "date(created_at) eq 2026-03-01",
        "2026-03-01 eq created_at", "year(created_at) eq 2026", "year(created_at) in (2025,2026)",
        "yearmonth(created_at) gt 202602", "yearquarter(created_at) eq 20261"}) {
    CAPTURE(text);
    CHECK(holds(text));
  }
  for (const char* text :
       {"created_at ne 2026-03-01", "created_at lt 2026-03-01", "created_at gt 2026-03-01",
        "created_at eq 2026-02-28", "yearmonth(created_at) le 202602"}) {
    CAPTURE(text);
    CHECK_FALSE(holds(text));
  }
  record().fields["created_at"] = base::Value();
  CHECK(holds("created_at ne 2026-03-01"));
  CHECK_FALSE(holds("created_at le 2026-03-01"));
}

TEST_CASE_FIXTURE(Fixture, "searching folds case, width and script where the field does") {
  record().fields["name"] = "華為ABC";
  record().fields["industry"] = "ABC";
  for (const char* text : {"contains(name,'华为a')", "contains(name,'為')", "startswith(name,'华')",
                           "endswith(name,'ａBc')", "contains(name,'')", "contains(name,name)",
                           "endswith(name,'')", "contains(industry,'BC')"}) {
    CAPTURE(text);
    CHECK(holds(text));
  }
  for (const char* text :
       {"contains(industry,'bc')", "name eq '华为ABC'", "contains(concat(name,''),'华')",
        "startswith(name,'bc')", "indexof(name,'华') ge 0"}) {
    CAPTURE(text);
    CHECK_FALSE(holds(text));
  }
}

}  // namespace
}  // namespace kehai::query
