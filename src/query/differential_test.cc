// The promise of docs/expression-language.md: in memory, SQLite and PostgreSQL agree on every
// expression.
//
// KEHAI_QUERY_SEED repeats a run, KEHAI_QUERY_EXPRESSIONS makes it longer.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "db/test_databases.h"
#include "query/compile_sql.h"
#include "query/evaluate.h"
#include "query/parser.h"
#include "query/printer.h"
#include "query/random_expression.h"
#include "query/test_schema.h"

namespace kehai::query {
namespace {

using testing::RandomExpression;
using testing::ToyData;
using testing::ToySchema;

std::uint64_t setting(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

struct Sample {
  std::string text;
  ExpressionPtr expression;
};

void append(base::Values& to, const base::Values& from) {
  to.insert(to.end(), from.begin(), from.end());
}

std::string shown(const base::Value& value) {
  if (value.is_null()) return "null";
  return value.is_int() ? std::to_string(value.as_int()) : "'" + value.as_text() + "'";
}

class Differential {
 public:
  Differential(std::uint64_t seed, const char* zone_name)
      : random_(base::make_seeded_random(seed)),
        zone_(zone_name),
        environment_(testing::toy_environment(zone_)),
        data_(schema_, *random_, 40) {}

  const ToyData& data() const { return data_; }
  std::uint64_t refused() const { return refused_; }

  std::vector<Sample> samples(std::size_t count) {
    RandomExpression generator(*random_);
    std::vector<Sample> result;
    while (result.size() < count) {
      const std::string text =
          generator.make(generator.any_type(), static_cast<int>(random_->below(5)));
      try {
        const NodePtr node = parse_expression(text);
        REQUIRE_MESSAGE(same(node, parse_expression(print(node))), text);
        result.push_back({text, check_value(node, schema_.account, environment_)});
      } catch (const base::Error& error) {
        // Literals that do not fit and limits are the generator's fault; anything else is a defect.
        const bool expected =
            error.code() == "query.out_of_range" || error.code() == "query.too_complex";
        REQUIRE_MESSAGE(expected, error.code() << " for " << text);
        ++refused_;
      }
    }
    return result;
  }

  Sample sample(const std::string& text) const {
    return {text, check_value(parse_expression(text), schema_.account, environment_)};
  }

  // All rows of all samples, row by row.
  std::vector<base::Values> in_memory(const std::vector<Sample>& samples) const {
    const Evaluator evaluator(environment_);
    std::vector<base::Values> rows;
    for (const auto& record : data_.records(schema_.account)) {
      base::Values row;
      for (const Sample& sample : samples)
        row.push_back(evaluator.value(sample.expression, *record));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  std::vector<base::Values> in_database(db::Database& database, const std::vector<Sample>& samples,
                                        Navigations how) const {
    SqlCompiler compiler(schema_.account, database.dialect(), zone_, "t0", how);
    std::string columns;
    base::Values parameters;
    for (const Sample& sample : samples) {
      const Fragment fragment = compiler.value(sample.expression);
      columns += (columns.empty() ? "" : ", ") + fragment.text;
      append(parameters, fragment.parameters);
    }
    const Fragment joins = compiler.joins();
    const std::string sql =
        "SELECT " + columns + " FROM account t0" + joins.text + " ORDER BY t0.id";
    append(parameters, joins.parameters);
    std::vector<base::Values> rows;
    database.read([&](db::Reader& reader) { rows = reader.rows(sql, parameters); });
    return rows;
  }

  // The same expressions as conditions of WHERE.
  void check_where(db::Database& database, const Sample& sample) const {
    if (sample.expression->type.type != Type::Boolean) return;
    const Filter filter{&schema_.account, sample.expression};
    SqlCompiler compiler(schema_.account, database.dialect(), zone_);
    const Fragment where = compiler.filter(filter);
    const Fragment joins = compiler.joins();
    const std::string sql =
        "SELECT t0.id FROM account t0" + joins.text + " WHERE " + where.text + " ORDER BY t0.id";
    base::Values parameters = joins.parameters;
    append(parameters, where.parameters);
    std::string found;
    database.read([&](db::Reader& reader) {
      reader.query(sql, parameters,
                   [&](const db::Row& row) { found += std::to_string(row.get_int(0)) + " "; });
    });
    std::string expected;
    const Evaluator evaluator(environment_);
    for (const auto& record : data_.records(schema_.account)) {
      if (evaluator.matches(filter, *record)) expected += std::to_string(record->id()) + " ";
    }
    REQUIRE_MESSAGE(found == expected, sample.text << "\n" << where.text);
  }

 private:
  std::unique_ptr<base::Random> random_;
  ToySchema schema_;
  base::TimeZone zone_;
  Environment environment_;
  ToyData data_;
  std::uint64_t refused_ = 0;
};

void compare(const std::vector<Sample>& samples, const std::vector<base::Values>& expected,
             const std::vector<base::Values>& found, const std::string& database) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t row = 0; row < expected.size(); ++row) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (found[row][i] == expected[row][i]) continue;
      FAIL(database << " says " << shown(found[row][i]) << " and memory " << shown(expected[row][i])
                    << " for account " << row + 1 << ": " << samples[i].text);
    }
  }
}

// How many of the samples are not the same for every row: what makes the comparison worth
// something.
std::size_t varying(const std::vector<base::Values>& rows) {
  std::size_t result = 0;
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    const auto differs = [&](const base::Values& row) { return row[i] != rows[0][i]; };
    result += std::any_of(rows.begin(), rows.end(), differs) ? 1 : 0;
  }
  return result;
}

void run(const char* zone, std::uint64_t count) {
  const std::uint64_t seed = setting(
      "KEHAI_QUERY_SEED",
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()));
  std::printf("differential test: seed %llu, zone %s\n", static_cast<unsigned long long>(seed),
              zone);
  INFO("KEHAI_QUERY_SEED=" << seed);
  Differential differential(seed, zone);
  std::vector<std::unique_ptr<db::TestDatabase>> databases;
  for (const db::Kind kind : db::test_kinds()) {
    databases.push_back(std::make_unique<db::TestDatabase>(kind));
    differential.data().store(databases.back()->get());
  }
  constexpr std::size_t kBatch = 25;
  std::size_t worthwhile = 0;
  for (std::uint64_t done = 0; done < count; done += kBatch) {
    const std::vector<Sample> samples = differential.samples(kBatch);
    const std::vector<base::Values> expected = differential.in_memory(samples);
    worthwhile += varying(expected);
    const Navigations how = done % 2 == 0 ? Navigations::Joins : Navigations::Subselects;
    for (const auto& database : databases) {
      compare(samples, expected, differential.in_database(database->get(), samples, how),
              database->name());
      differential.check_where(database->get(), samples[0]);
    }
  }
  CHECK(differential.refused() < count);
  CHECK(worthwhile > count / 3);
}

TEST_CASE("memory, SQLite and PostgreSQL agree on the hard cases") {
  Differential differential(17, "Asia/Shanghai");
  std::vector<Sample> samples;
  for (const char* text :
       {// The quotient is 1e-17 below a half: sixteen digits are not enough.
        "level div 4521149989880040.1", "level mul 0.000000001", "level div 0.000000001",
        "level mul level", "level add 1 add 1", "-(level sub -1) sub 2", "level mod 0.3",
        "(level mul 1.00) div level", "price mul price", "amount div price", "price div amount",
        "level div 0", "level mod 0", "amount mod price", "amount div 0.00", "level gt amount",
        "amount ge price", "price eq level", "level in (null,9223372036854775806)",
        // Every day around every change of the clocks is in the data.
        "date(created_at)", "hour(created_at)", "minute(created_at)", "second(created_at)",
        "yearquarter(created_at)", "yearmonth(founded)", "day(founded)",
        "date(created_at) eq founded", "founded add (created_at sub @now)", "created_at eq founded",
        "created_at ge 1986-05-04", "trim(name)", "toupper(concat(name,industry))",
        "substring(name,level)", "substring(name,level mod 3,region_id)", "indexof(name,industry)",
        "endswith(name,industry)", "startswith(name,industry)",
        "startswith(industry,substring(industry,0,1))", "industry lt name",
        "industry ge '\xEE\x80\x80'", "name in ('',' ',null)"}) {
    samples.push_back(differential.sample(text));
  }
  const auto expected = differential.in_memory(samples);
  db::on_each_database([&](db::TestDatabase& database) {
    differential.data().store(database.get());
    for (const Navigations how : {Navigations::Joins, Navigations::Subselects}) {
      compare(samples, expected, differential.in_database(database.get(), samples, how),
              database.name());
    }
  });
}

TEST_CASE("memory, SQLite and PostgreSQL agree on random expressions") {
  const std::uint64_t count = setting("KEHAI_QUERY_EXPRESSIONS", 10000);
  run("Asia/Shanghai", count * 7 / 10);
  run("America/New_York", count * 3 / 10);
}

}  // namespace
}  // namespace kehai::query
