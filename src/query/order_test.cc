// Paging by key gives every row once and in order, whatever the order and wherever nulls are.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "db/test_databases.h"
#include "query/compile_sql.h"
#include "query/parser.h"
#include "query/test_schema.h"

namespace kehai::query {
namespace {

// Nulls lowest, text by bytes.
int order_of(const base::Value& a, const base::Value& b) {
  if (a.is_null() || b.is_null())
    return static_cast<int>(b.is_null()) - static_cast<int>(a.is_null());
  if (a.is_int()) return a.as_int() < b.as_int() ? -1 : a.as_int() > b.as_int() ? 1 : 0;
  return a.as_text().compare(b.as_text());
}

class Pages {
 public:
  Pages(db::Database& database, const Entity& entity, const Order& order,
        const base::TimeZone& zone)
      : database_(database),
        compiler_(entity, database.dialect(), zone),
        order_(order),
        compiled_(compiler_.order(order)) {}

  // Keys of at most `limit` rows; each branch is run until the page is full.
  std::vector<base::Values> page(const base::Values* after, int limit) {
    std::vector<base::Values> rows;
    const std::vector<Fragment> branches =
        after ? compiler_.after(order_, *after) : std::vector<Fragment>{{"1=1", {}}};
    for (const Fragment& branch : branches) {
      for (base::Values& row : select(branch, limit - static_cast<int>(rows.size()))) {
        rows.push_back(std::move(row));
      }
      if (rows.size() == static_cast<std::size_t>(limit)) break;
    }
    return rows;
  }

 private:
  std::vector<base::Values> select(const Fragment& branch, int limit) {
    std::string sql = "SELECT ";
    base::Values parameters;
    const auto append = [&](const Fragment& fragment) {
      sql += fragment.text;
      parameters.insert(parameters.end(), fragment.parameters.begin(), fragment.parameters.end());
    };
    for (std::size_t i = 0; i < compiled_.keys.size(); ++i) {
      if (i > 0) sql += ", ";
      append(compiled_.keys[i]);
    }
    sql += " FROM account t0";
    append(compiler_.joins());
    sql += " WHERE ";
    append(branch);
    sql += " ORDER BY ";
    append(compiled_.order_by);
    sql += " LIMIT " + std::to_string(limit);
    std::vector<base::Values> rows;
    database_.read([&](db::Reader& reader) { rows = reader.rows(sql, parameters); });
    return rows;
  }

  db::Database& database_;
  SqlCompiler compiler_;
  const Order& order_;
  CompiledOrder compiled_;
};

TEST_CASE("pages by key cover every row once and in order") {
  const auto random = base::make_seeded_random(11);
  const testing::ToySchema schema;
  const testing::ToyData data(schema, *random, 60);
  const base::TimeZone zone("Asia/Shanghai");
  const Environment environment = testing::toy_environment(zone);
  const std::vector<std::string> terms = {
      "name",         "industry",         "level",      "amount",      "is_vip",
      "founded",      "created_at",       "updated_at", "region/name", "region/rank",
      "parent/level", "length(industry)", "level gt 5", "tags/$count", "id"};
  db::on_each_database([&](db::TestDatabase& database) {
    data.store(database.get());
    for (int round = 0; round < 120; ++round) {
      std::string text;
      for (std::uint64_t count = random->below(4); count > 0; --count) {
        text += (text.empty() ? "" : ",") + terms[random->below(terms.size())];
        if (random->below(2) == 0) text += " desc";
      }
      CAPTURE(text);
      const Order order = check_order(text.empty() ? std::vector<OrderItem>() : parse_order(text),
                                      schema.account, environment);
      Pages pages(database.get(), schema.account, order, zone);
      const std::vector<base::Values> all = pages.page(nullptr, 1000);
      REQUIRE(all.size() == 60);
      const auto before = [&](const base::Values& a, const base::Values& b) {
        for (std::size_t i = 0; i < order.terms.size(); ++i) {
          const int by = order_of(a[i], b[i]);
          if (by != 0) return (by < 0) != order.terms[i].descending;
        }
        return false;
      };
      REQUIRE(std::is_sorted(all.begin(), all.end(), before));
      std::vector<base::Values> walked;
      const int limit = static_cast<int>(random->below(9)) + 1;
      for (;;) {
        const base::Values last = walked.empty() ? base::Values() : walked.back();
        const auto page = pages.page(walked.empty() ? nullptr : &last, limit);
        walked.insert(walked.end(), page.begin(), page.end());
        if (page.size() < static_cast<std::size_t>(limit) || walked.size() > 100) break;
      }
      REQUIRE(walked == all);
    }
  });
}

TEST_CASE("the usual orders continue with one row comparison") {
  const testing::ToySchema schema;
  const base::TimeZone zone("Asia/Shanghai");
  const Environment environment = testing::toy_environment(zone);
  const auto branches = [&](const std::string& text, const base::Values& key) {
    const Order order = check_order(parse_order(text), schema.account, environment);
    SqlCompiler compiler(schema.account, db::sqlite_dialect(), zone);
    std::vector<std::string> texts;
    for (const Fragment& fragment : compiler.after(order, key)) texts.push_back(fragment.text);
    return texts;
  };
  using Texts = std::vector<std::string>;
  CHECK(branches("updated_at desc", {5, 9}) == Texts{R"((t0."updated_at", t0."id") < (?, ?))"});
  CHECK(branches("updated_at", {5, 9}) == Texts{R"((t0."updated_at", t0."id") > (?, ?))"});
  CHECK(branches("level", {5, 9}) == Texts{R"((t0."level", t0."id") > (?, ?))"});
  CHECK(branches("level desc", {5, 9}) ==
        Texts{R"((t0."level", t0."id") < (?, ?))", R"(t0."level" IS NULL)"});
  CHECK(branches("level desc", {nullptr, 9}) == Texts{R"(t0."level" IS NULL AND t0."id" < ?)"});
  CHECK(branches("level", {nullptr, 9}) ==
        Texts{R"(t0."level" IS NULL AND t0."id" > ?)", R"(t0."level" IS NOT NULL)"});
  CHECK(branches("name,level desc", {"x", 5, 9}) ==
        Texts{R"(t0."name__sort" = ? AND (t0."level", t0."id") < (?, ?))",
              R"(t0."name__sort" = ? AND t0."level" IS NULL)", R"(t0."name__sort" > ?)"});
  CHECK_THROWS_AS(branches("level", {"x", 9}), base::Error);
  CHECK_THROWS_AS(branches("level", {5}), base::Error);
}

}  // namespace
}  // namespace kehai::query
