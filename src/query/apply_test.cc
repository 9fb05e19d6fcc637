// $apply on both databases against the same arithmetic done by hand over the records.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/arithmetic.h"
#include "base/error.h"
#include "db/test_databases.h"
#include "query/compile_sql.h"
#include "query/evaluate.h"
#include "query/parser.h"
#include "query/test_schema.h"

namespace kehai::query {
namespace {

class Fixture {
 public:
  Fixture()
      : zone("Asia/Shanghai"),
        environment(testing::toy_environment(zone)),
        data(schema, *base::make_seeded_random(5), 80) {}

  CheckedApply check(const std::string& apply, const std::string& order = {}) {
    return check_apply(parse_apply(apply),
                       order.empty() ? std::vector<OrderItem>() : parse_order(order),
                       schema.account, environment);
  }

  std::vector<base::Values> in_database(db::Database& database, const CheckedApply& apply) {
    SqlCompiler compiler(schema.account, database.dialect(), zone);
    const CompiledApply compiled = compiler.apply(apply);
    std::string sql = "SELECT ";
    base::Values parameters;
    const auto append = [&](const Fragment& fragment) {
      sql += fragment.text;
      parameters.insert(parameters.end(), fragment.parameters.begin(), fragment.parameters.end());
    };
    append(compiled.select);
    sql += " FROM account t0";
    append(compiler.joins());
    sql += " WHERE ";
    append(compiled.where);
    sql += compiled.group_by;
    append(compiled.order_by);
    std::vector<base::Values> rows;
    database.read([&](db::Reader& reader) {
      for (const base::Values& raw : reader.rows(sql, parameters))
        rows.push_back(finish_apply_row(apply, raw));
    });
    return rows;
  }

  // Rows by their printed key.
  std::map<std::string, base::Values> in_memory(const CheckedApply& apply) {
    const Evaluator evaluator(environment);
    std::map<std::string, std::vector<const testing::ToyRecord*>> groups;
    std::map<std::string, base::Values> keys;
    bool grouped = false;
    for (const auto& record : data.records(schema.account)) {
      if (!evaluator.matches({&schema.account, apply.filter}, *record)) continue;
      base::Values key;
      for (const ApplyColumn& column : apply.columns) {
        if (column.is_key) key.push_back(evaluator.value(column.expression, *record));
        grouped = grouped || column.is_key;
      }
      groups[printed(key)].push_back(record.get());
      keys[printed(key)] = key;
    }
    if (!grouped) groups[""];
    std::map<std::string, base::Values> rows;
    for (const auto& [key, records] : groups) {
      base::Values row = keys[key];
      for (const ApplyColumn& column : apply.columns) {
        if (!column.is_key) row.push_back(aggregate(column, records, evaluator));
      }
      rows[key] = row;
    }
    return rows;
  }

  static std::string printed(const base::Values& values) {
    std::string out;
    for (const base::Value& value : values) {
      out += value.is_null()  ? "null"
             : value.is_int() ? std::to_string(value.as_int())
                              : "'" + value.as_text() + "'";
      out += "|";
    }
    return out;
  }

  testing::ToySchema schema;
  base::TimeZone zone;
  Environment environment;
  testing::ToyData data;

 private:
  static base::Value aggregate(const ApplyColumn& column,
                               const std::vector<const testing::ToyRecord*>& records,
                               const Evaluator& evaluator) {
    std::vector<base::Value> values;
    for (const auto* record : records) {
      if (column.function == AggregateFunction::Count) continue;
      const base::Value value = evaluator.value(column.expression, *record);
      if (!value.is_null()) values.push_back(value);
    }
    const auto count = static_cast<std::int64_t>(values.size());
    if (column.function == AggregateFunction::Count)
      return static_cast<std::int64_t>(records.size());
    const auto less = [](const base::Value& a, const base::Value& b) {
      return a.is_int() ? a.as_int() < b.as_int() : a.as_text() < b.as_text();
    };
    if (column.function == AggregateFunction::CountDistinct) {
      return static_cast<std::int64_t>(
          std::set<base::Value, decltype(less)>(values.begin(), values.end(), less).size());
    }
    if (values.empty()) return {};
    if (column.function == AggregateFunction::Minimum)
      return *std::min_element(values.begin(), values.end(), less);
    if (column.function == AggregateFunction::Maximum)
      return *std::max_element(values.begin(), values.end(), less);
    base::Int128 sum = 0;
    for (const base::Value& value : values) sum += value.as_int();
    base::Exact result = base::narrow(sum);
    if (column.function == AggregateFunction::Average && result) {
      result = base::divide_scaled(
          *result, power_of_ten(column.type.scale - column.expression->type.scale), count);
    }
    return result ? base::Value(*result) : base::Value();
  }
};

TEST_CASE_FIXTURE(Fixture, "grouping and aggregation agree with arithmetic by hand") {
  const std::vector<std::string> vectors = {
      "aggregate($count as n)",
      "aggregate(level with sum as a,level with min as b,level with max as c,level with average as "
      "d)",
      "filter(level lt 1000 and level gt -1000)/aggregate(level with sum as s,level with average "
      "as a)",
      "filter(false)/aggregate($count as n,level with sum as s,level with average as a,name with "
      "max as m)",
      "groupby((industry))",
      "groupby((industry,is_vip),aggregate($count as n,amount with sum as s,amount with average as "
      "a))",
      "filter(amount lt 99999 and amount gt -99999)/groupby((region/name),aggregate(amount with "
      "sum as s,amount with "
      "average as a,price with countdistinct as d))",
      "groupby((year(created_at) as y),aggregate($count as n))",
      "groupby((yearmonth(created_at)),aggregate($count as n,founded with min as first,founded "
      "with max as last))",
      "compute(amount mul 2 as double,case(level gt 10:'big',true:'small') as "
      "size)/groupby((size),aggregate(double "
      "with max as m,name with min as x,created_at with max as y))",
      "groupby((level gt 5 as big),aggregate($count as n))",
      "groupby((parent/industry,month(founded) as m),aggregate(id with sum as s))",
      "aggregate(tags/$count with sum as tags,created_at sub @now with max as d)",
  };
  db::on_each_database([&](db::TestDatabase& database) {
    data.store(database.get());
    for (const std::string& text : vectors) {
      CAPTURE(database.name());
      CAPTURE(text);
      const CheckedApply apply = check(text);
      const auto expected = in_memory(apply);
      const auto rows = in_database(database.get(), apply);
      CHECK(rows.size() == expected.size());
      for (const base::Values& row : rows) {
        base::Values key;
        for (std::size_t i = 0; i < row.size(); ++i) {
          if (apply.columns[i].is_key) key.push_back(row[i]);
        }
        REQUIRE(expected.contains(printed(key)));
        CHECK(printed(row) == printed(expected.at(printed(key))));
      }
    }
  });
}

TEST_CASE_FIXTURE(Fixture, "groups come in the order asked for") {
  db::on_each_database([&](db::TestDatabase& database) {
    data.store(database.get());
    const CheckedApply apply =
        check("groupby((industry),aggregate(level with average as mean,$count as n))", "n desc");
    const auto rows = in_database(database.get(), apply);
    REQUIRE(rows.size() > 3);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const bool fewer = rows[i][2].as_int() < rows[i - 1][2].as_int();
      const bool equal = rows[i][2] == rows[i - 1][2];
      const std::string a = rows[i - 1][0].is_null() ? "" : "'" + rows[i - 1][0].as_text();
      const std::string b = rows[i][0].is_null() ? "" : "'" + rows[i][0].as_text();
      CHECK((fewer || (equal && a < b)));
    }
  });
}

TEST_CASE_FIXTURE(Fixture, "columns are named, typed and checked") {
  const CheckedApply apply = check(
      "groupby((yearmonth(created_at),region/name,level),aggregate(amount with average as a,level "
      "with average "
      "as b,price with average as c,created_at with max as d,$count as n))");
  std::string names;
  for (const ApplyColumn& column : apply.columns) names += column.name + " ";
  CHECK(names == "yearmonth_created_at region_name level a b c d n ");
  CHECK(apply.columns[3].type == FieldType{Type::Decimal, 2});
  CHECK(apply.columns[4].type == FieldType{Type::Decimal, 2});
  CHECK(apply.columns[5].type == FieldType{Type::Decimal, 6});
  CHECK(apply.columns[6].type == FieldType{Type::Instant, 0});
  const auto refused = [&](const std::string& text, const std::string& order = {}) {
    try {
      check(text, order);
      return std::string();
    } catch (const base::Error& error) {
      return error.code();
    }
  };
  CHECK(refused("aggregate(name with sum as s)") == "query.type_mismatch");
  CHECK(refused("aggregate(founded with average as s)") == "query.type_mismatch");
  CHECK(refused("aggregate(is_vip with max as s)") == "query.type_mismatch");
  CHECK(refused("aggregate(nope with sum as s)") == "query.unknown_field");
  CHECK(refused("aggregate(score with sum as s)") == "query.not_filterable");
  CHECK(refused("groupby((score))") == "query.not_filterable");
  CHECK(refused("groupby((tags))") == "query.type_mismatch");
  CHECK(refused("groupby((level,level))") == "query.duplicate_name");
  CHECK(refused("groupby((level),aggregate($count as level))") == "query.duplicate_name");
  CHECK(refused("compute(1 as level)/groupby((level))") == "query.duplicate_name");
  CHECK(refused("groupby((level add 1))") == "query.syntax");
  CHECK(refused("groupby((level),aggregate($count as n))", "nope") == "query.unknown_field");
  CHECK(refused("groupby((level),aggregate($count as n))", "amount") == "query.unknown_field");
  CHECK(refused("aggregate(level with average as a)", "a") == "query.not_sortable");
}

}  // namespace
}  // namespace kehai::query
