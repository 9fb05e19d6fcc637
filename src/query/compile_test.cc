#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "query/compile_sql.h"
#include "query/parser.h"
#include "query/test_schema.h"

namespace kehai::query {
namespace {

class Fixture {
 public:
  Fixture() : zone("Asia/Shanghai"), environment(testing::toy_environment(zone)) {}

  struct Compiled {
    Fragment where;
    Fragment joins;
  };
  Compiled compile(const std::string& text, const db::Dialect& dialect = db::sqlite_dialect(),
                   Navigations how = Navigations::Joins) {
    const Filter filter = check_filter(parse_expression(text), schema.account, environment);
    SqlCompiler compiler(schema.account, dialect, zone, "t0", how);
    Compiled result;
    result.where = compiler.filter(filter);
    result.joins = compiler.joins();
    return result;
  }
  std::string sqlite(const std::string& text) { return compile(text).where.text; }
  std::string postgres(const std::string& text) {
    return compile(text, db::postgres_dialect()).where.text;
  }

  testing::ToySchema schema;
  base::TimeZone zone;
  Environment environment;
};

TEST_CASE_FIXTURE(Fixture, "plain comparisons stay what an index serves") {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"level eq 5", R"(t0."level" = ?)"},
      {"5 lt level", R"(t0."level" > ?)"},
      {"name eq 'x'", R"(t0."name" = ?)"},
      {"name eq null", R"(t0."name" IS NULL)"},
      {"name ne 'x'", R"(t0."name" IS NOT ?)"},
      {"name eq industry", R"(t0."name" IS t0."industry")"},
      {"is_vip", R"(t0."is_vip" = 1)"},
      {"is_vip eq true and level in (3,1,2)",
       R"((t0."is_vip" = ? AND t0."level" IN (?, ?, ?, ?)))"},
      {"not (level gt 5)", R"(((t0."level" > ?) IS NOT TRUE))"},
      {"startswith(industry,'华')", R"((t0."industry" >= ? AND t0."industry" < ?))"},
      {"contains(name,'x')", R"(instr(t0."name__fold", ?) > 0)"},
      {"created_at eq @today", R"((t0."created_at" >= ? AND t0."created_at" < ?))"},
      {"created_at ge @today sub duration'P7D'", R"(t0."created_at" >= ?)"},
      {"year(created_at) eq 2026", R"((t0."created_at" >= ? AND t0."created_at" < ?))"},
      {"owner_department_id in @my_departments", R"(t0."owner_department_id" IN (?, ?))"},
      {"level in ()", "1=0"},
      {"region/rank eq 1", R"(j1."rank" = ?)"},
      {"tags/any(t:t eq 'x')",
       R"(EXISTS (SELECT 1 FROM "account__tags" e1 WHERE e1."record_id" = t0."id" AND (e1."value" = ?)))"},
      {"children/all(c:c/level gt 1)",
       R"(NOT EXISTS (SELECT 1 FROM "account" e1 WHERE e1."parent_id" = t0."id" AND )"
       R"(e1."deleted_at" IS NULL AND (e1."level" > ?) IS NOT TRUE))"},
  };
  for (const auto& [text, sql] : vectors) {
    CAPTURE(text);
    CHECK(sqlite(text) == sql);
  }
  CHECK(postgres("level eq 5") == R"(t0."level" = CAST(? AS BIGINT))");
  CHECK(postgres("name eq 'x'") == R"(t0."name" = (CAST(? AS TEXT) COLLATE "C"))");
  CHECK(postgres("name ne 'x'") == R"(t0."name" IS DISTINCT FROM (CAST(? AS TEXT) COLLATE "C"))");
  CHECK(compile("is_vip").where.parameters.empty());
}

TEST_CASE_FIXTURE(Fixture, "related records are joined once, alive and within rights") {
  const Compiled joined = compile("parent/level gt parent/owner_id and region/rank eq 1");
  CHECK(joined.where.text == R"((j1."level" > j1."owner_id" AND j2."rank" = ?))");
  CHECK(joined.joins.text ==
        R"( LEFT JOIN "account" j1 ON j1."id" = t0."parent_id" AND j1."deleted_at" IS NULL)"
        R"( LEFT JOIN "region" j2 ON j2."id" = t0."region_id" AND (j2."id" IN (?, ?, ?, ?)))");
  CHECK(joined.joins.parameters == base::Values{1, 2, 3, 3});

  const Compiled alone = compile("region/rank eq 1", db::sqlite_dialect(), Navigations::Subselects);
  CHECK(alone.joins.text.empty());
  CHECK(alone.where.text ==
        R"((SELECT j1."rank" FROM "region" j1 WHERE j1."id" = t0."region_id" AND )"
        R"((j1."id" IN (?, ?, ?, ?))) = ?)");
  CHECK(alone.where.parameters == base::Values{1, 2, 3, 3, 1});

  schema.region.restrict_rows({});
  CHECK(compile("region/rank eq 1").joins.text ==
        R"( LEFT JOIN "region" j1 ON j1."id" = t0."region_id" AND 1=0)");
}

TEST_CASE_FIXTURE(Fixture, "values only ever become parameters") {
  const std::vector<std::string> attacks = {"'",
                                            "''",
                                            "' or 1=1 --",
                                            "'; DROP TABLE account; --",
                                            "\" or \"\"=\"",
                                            "\\'",
                                            "?",
                                            "?1",
                                            "$1",
                                            "%s",
                                            "*/ /*",
                                            "x' UNION SELECT * FROM account --",
                                            "\xE2\x80\x99",
                                            "%27",
                                            "{{7*7}}",
                                            "a\nb",
                                            ":x",
                                            "@x",
                                            "1=1"};
  for (const db::Dialect* dialect : {&db::sqlite_dialect(), &db::postgres_dialect()}) {
    for (const char* form : {"name eq ", "name ne ", "industry in ('a',", "contains(name,",
                             "endswith(industry,", "concat(industry,", "tags/any(t:t eq "}) {
      const std::string opening = form;
      const std::string closing =
          opening.ends_with("(t:t eq ") || opening.find('(') != std::string::npos
              ? (opening.starts_with("concat") ? ") eq 'y'" : ")")
              : "";
      const Compiled harmless = compile(opening + "'xyz'" + closing, *dialect);
      for (const std::string& attack : attacks) {
        std::string quoted;
        for (const char c : attack) quoted += c == '\'' ? "''" : std::string(1, c);
        const Compiled attacked = compile(opening + "'" + quoted + "'" + closing, *dialect);
        CAPTURE(opening);
        CAPTURE(attack);
        CHECK(attacked.where.text == harmless.where.text);
        CHECK(attacked.where.parameters.size() == harmless.where.parameters.size());
        const std::string expected =
            opening == "contains(name," ? testing::toy_fold(attack) : attack;
        CHECK(std::count(attacked.where.parameters.begin(), attacked.where.parameters.end(),
                         base::Value(expected)) >= 1);
      }
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "names that are not in the schema never reach SQL") {
  const std::vector<std::string> attacks = {"name;--",
                                            "name\"",
                                            "name'",
                                            "\"name\"",
                                            "`name`",
                                            "[name]",
                                            "name--",
                                            "name/**/",
                                            "account.name",
                                            "t0.name",
                                            "name)",
                                            "(select 1)",
                                            "1;select",
                                            "name union select",
                                            "name||'x'",
                                            "rowid",
                                            "oid",
                                            "ctid",
                                            "sqlite_master",
                                            "pg_sleep(10)",
                                            "load_extension('x')",
                                            "name collate nocase",
                                            "NAME",
                                            "name desc;--",
                                            "_rowid_",
                                            "name,id"};
  for (const std::string& attack : attacks) {
    CAPTURE(attack);
    CHECK_THROWS_AS(compile(attack + " eq 'x'"), base::Error);
    const auto order = [&](const std::string& text) {
      return check_order(parse_order(text), schema.account, environment);
    };
    // A list of two fields is a legal order; everything else is refused.
    if (attack != "name,id") CHECK_THROWS_AS(order(attack), base::Error);
    CHECK_THROWS_AS(
        check_apply(parse_apply("groupby((" + attack + "x))"), {}, schema.account, environment),
        base::Error);
    CHECK_THROWS_AS(check_apply(parse_apply("aggregate(" + attack + " with min as \"x)"), {},
                                schema.account, environment),
                    base::Error);
  }
}

TEST_CASE_FIXTURE(Fixture, "one shape of expression is one text") {
  CHECK(sqlite("level eq 5 or name eq 'a'") == sqlite("level eq -7 or name eq '华为技术'"));
  CHECK(sqlite("endswith(industry,'abc')") == sqlite("endswith(industry,'a')"));
  CHECK(sqlite("substring(name,1,2) eq 'x'") == sqlite("substring(name,0,99) eq ''"));
  CHECK(sqlite("amount gt 1.5") == sqlite("amount gt 1"));
  CHECK(sqlite("level in (1,2,3)") == sqlite("level in (7,8,9,10)"));
  CHECK(sqlite("level in (1,2,3,4,5)") == sqlite("level in (1,2,3,4,5,6,7,8)"));
  CHECK(sqlite("level in (1,1,1)") == sqlite("level in (2)"));
  CHECK(compile("level in (3,1,2)").where.parameters == base::Values{1, 2, 3, 3});
}

TEST_CASE_FIXTURE(Fixture, "work does not multiply with nesting") {
  // Each level needs its operand several times in SQL; the text must grow by a constant per level.
  std::string nested = "created_at";
  std::size_t last = 0;
  std::size_t growth = 0;
  for (int depth = 0; depth < 6; ++depth) {
    nested = "case(hour(" + nested + ") gt 3:@now,true:created_at)";
    const std::size_t size = sqlite(nested + " gt @now").size();
    if (depth > 1) {
      CAPTURE(depth);
      CHECK(size - last <= growth + 100);
    }
    growth = size - last;
    last = size;
  }
}

}  // namespace
}  // namespace kehai::query
