#include "query/fuzz_entry.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "query/checker.h"
#include "query/compile_sql.h"
#include "query/evaluate.h"
#include "query/options.h"
#include "query/parser.h"
#include "query/printer.h"
#include "query/skiptoken.h"
#include "query/test_schema.h"

namespace kehai::query {
namespace {

void require(bool holds, std::string_view what, std::string_view input) {
  if (!holds) throw std::logic_error(std::string(what) + ": " + std::string(input));
}

// Counts placeholders outside quotes and checks that brackets balance.
void check_shape(const Fragment& fragment, std::string_view input) {
  std::size_t marks = 0;
  int depth = 0;
  char quote = '\0';
  for (const char c : fragment.text) {
    if (quote != '\0') {
      if (c == quote) quote = '\0';
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == '?') ++marks;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    require(depth >= 0 && c != ';', "unbalanced SQL", input);
  }
  require(depth == 0 && quote == '\0', "unbalanced SQL", input);
  require(marks == fragment.parameters.size(), "parameters do not fit the SQL", input);
}

template <typename Parse>
auto round_trip(Parse parse, std::string_view bytes) {
  const auto parsed = parse(bytes);
  const std::string printed = print(parsed);
  const std::string again = print(parse(printed));
  require(printed == again, "printed text is not stable", bytes);
  return parsed;
}

template <typename Body>
void attempt(Body body) {
  try {
    body();
  } catch (const base::Error&) {  // refused: a fine answer
  }
}

struct World {
  World() : zone("Asia/Shanghai"), environment(testing::toy_environment(zone)) {
    const auto random = base::make_seeded_random(1);
    data = std::make_unique<testing::ToyData>(schema, *random, 6);
  }
  testing::ToySchema schema;
  base::TimeZone zone;
  Environment environment;
  std::unique_ptr<testing::ToyData> data;
};

void fuzz_filter(World& world, std::string_view bytes) {
  const NodePtr node = round_trip(parse_expression, bytes);
  require(same(node, parse_expression(print(node))), "printed text means another tree", bytes);
  const Filter filter = check_filter(node, world.schema.account, world.environment);
  for (const db::Dialect* dialect : {&db::sqlite_dialect(), &db::postgres_dialect()}) {
    for (const Navigations how : {Navigations::Joins, Navigations::Subselects}) {
      SqlCompiler compiler(world.schema.account, *dialect, world.zone, "t0", how);
      check_shape(compiler.filter(filter), bytes);
    }
  }
  const Evaluator evaluator(world.environment);
  for (const auto& record : world.data->records(world.schema.account))
    evaluator.matches(filter, *record);
}

void fuzz_order(World& world, std::string_view bytes) {
  const Order order =
      check_order(round_trip(parse_order, bytes), world.schema.account, world.environment);
  SqlCompiler compiler(world.schema.account, db::postgres_dialect(), world.zone);
  check_shape(compiler.order(order).order_by, bytes);
}

void fuzz_apply(World& world, std::string_view bytes) {
  const CheckedApply apply =
      check_apply(round_trip(parse_apply, bytes), {}, world.schema.account, world.environment);
  SqlCompiler compiler(world.schema.account, db::sqlite_dialect(), world.zone);
  const CompiledApply compiled = compiler.apply(apply);
  check_shape(compiled.select, bytes);
  check_shape(compiled.where, bytes);
}

}  // namespace

void query_fuzz_one(std::string_view bytes) {
  static World world;  // built once; only read afterwards
  attempt([&] { fuzz_filter(world, bytes); });
  attempt([&] { fuzz_order(world, bytes); });
  attempt([&] { fuzz_apply(world, bytes); });
  attempt([&] { round_trip(parse_select, bytes); });
  attempt([&] { round_trip(parse_expand, bytes); });
  attempt([&] { parse_alias_value(bytes); });
  attempt([&] { decode_skiptoken(bytes, "binding", "0123456789abcdef"); });
}

}  // namespace kehai::query
