#include "query/random_expression.h"

#include "base/time.h"
#include "query/lexer.h"
#include "query/printer.h"
#include "query/test_schema.h"

namespace kehai::query::testing {
namespace {

constexpr Type kTypes[] = {Type::Boolean, Type::Integer, Type::Decimal, Type::Text,
                           Type::Date,    Type::Instant, Type::Duration};

std::string printed(FieldType type, base::Value value) {
  auto node = std::make_shared<Node>(NodeKind::Literal);
  node->literal = {type, std::move(value)};
  return print(NodePtr(node));
}

}  // namespace

std::string RandomExpression::one_of(std::initializer_list<std::string_view> words) {
  return std::string(*(words.begin() + below(words.size())));
}

Type RandomExpression::any_type() {
  return kTypes[below(std::size(kTypes))];
}

std::string RandomExpression::make(Type type, int depth) {
  if (depth <= 0) return below(3) == 0 ? literal(type) : field(type);
  if (below(12) == 0) return choice(type, depth - 1);
  switch (type) {
    case Type::Boolean:
      return condition(depth - 1);
    case Type::Integer:
      return integer(depth - 1);
    case Type::Decimal:
      return decimal(depth - 1);
    case Type::Text:
      return text(depth - 1);
    case Type::Date:
      return date(depth - 1);
    case Type::Instant:
      return instant(depth - 1);
    default:
      return duration(depth - 1);
  }
}

std::string RandomExpression::literal(Type type) {
  if (below(25) == 0) return "null";
  const auto& integers = tricky_integers();
  switch (type) {
    case Type::Boolean:
      return one_of({"true", "false"});
    case Type::Integer:
      if (below(6) == 0) return "@me";
      if (below(2) == 0) return std::to_string(below(12));
      return std::to_string(integers[below(integers.size())]);
    case Type::Decimal: {
      const FieldType decimal{Type::Decimal, static_cast<int>(below(9)) + 1};
      if (below(2) == 0) return printed(decimal, static_cast<std::int64_t>(below(3000)) - 1500);
      return printed(decimal, integers[below(integers.size())]);
    }
    case Type::Text:
      return printed({Type::Text, 0}, tricky_texts()[below(tricky_texts().size())]);
    case Type::Date: {
      const std::int64_t date = tricky_dates()[below(tricky_dates().size())];
      if (date < kFirstDate || date > kLastDate) return "@today";
      return printed({Type::Date, 0}, date);
    }
    case Type::Instant: {
      const std::int64_t instant = tricky_instants()[below(tricky_instants().size())];
      if (instant < kFirstInstant || instant > kLastInstant) return "@now";
      return printed({Type::Instant, 0}, instant);
    }
    default:
      if (below(2) == 0) {
        return one_of({"duration'P1D'", "duration'-PT1H'", "duration'P7DT0.001S'",
                       "duration'P100000D'", "duration'PT0S'"});
      }
      return printed({Type::Duration, 0}, integers[below(integers.size())]);
  }
}

// Fields of accounts at the root (and behind children/parent), of opportunities inside their
// variables.
std::string RandomExpression::field(Type type) {
  const bool in_lambda = !variables_.empty() && below(3) != 0;
  if (in_lambda && variables_.back()[0] == 't') {
    if (type == Type::Text) return variables_.back();
  } else if (in_lambda && variables_.back()[0] == 'n') {
    if (type == Type::Integer) return variables_.back();
  } else if (in_lambda && variables_.back()[0] == 'o') {
    const std::string prefix = variables_.back() + "/";
    if (type == Type::Text)
      return prefix + one_of({"stage", "account/name", "account/region/name"});
    if (type == Type::Decimal) return prefix + "amount";
    if (type == Type::Date) return prefix + "close_date";
    if (type == Type::Integer) return prefix + one_of({"id", "account_id", "account/level"});
  }
  std::string prefix;
  if (in_lambda && variables_.back()[0] == 'c') prefix = variables_.back() + "/";
  if (below(6) == 0) prefix += "parent/";
  switch (type) {
    case Type::Boolean:
      return prefix + "is_vip";
    case Type::Integer:
      return prefix + one_of({"level", "owner_id", "region_id", "region/rank", "id", "tags/$count",
                              "numbers/$count", "opportunities/$count"});
    case Type::Decimal:
      return prefix + one_of({"amount", "price"});
    case Type::Text:
      return prefix + one_of({"name", "industry", "region/name"});
    case Type::Date:
      return prefix + "founded";
    case Type::Instant:
      return prefix + "created_at";
    default:
      return in_brackets(prefix + "created_at sub " + literal(Type::Instant));
  }
}

std::string RandomExpression::choice(Type type, int depth) {
  std::string result = "case(";
  const std::uint64_t pairs = below(2) + 1;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    if (i > 0) result += ",";
    result += condition(depth - 1) + ":" + make(type, depth);
  }
  if (below(2) == 0) result += ",true:" + make(type, depth);
  return result + ")";
}

std::string RandomExpression::comparison(int depth) {
  const std::string sign = " " + one_of({"eq", "ne", "gt", "ge", "lt", "le"}) + " ";
  const auto operand = [&](Type type) { return in_brackets(make(type, depth)); };
  switch (below(6)) {
    case 0: {  // mixed numbers
      const Type left = below(2) == 0 ? Type::Integer : Type::Decimal;
      return operand(left) + sign + operand(below(2) == 0 ? Type::Integer : Type::Decimal);
    }
    case 1: {  // days
      const bool swapped = below(2) == 0;
      return operand(swapped ? Type::Date : Type::Instant) + sign +
             operand(swapped ? Type::Instant : Type::Date);
    }
    case 2: {  // buckets against constants
      const std::string function = one_of({"year", "yearmonth", "yearquarter", "month"});
      const std::string value =
          one_of({"2026", "202603", "20261", "1986", "198605", "1", "9999", "0", "999912"});
      return function + in_brackets(field(below(2) == 0 ? Type::Date : Type::Instant)) + sign +
             value;
    }
    default: {
      const Type type = any_type();
      return operand(type) + sign + operand(type);
    }
  }
}

std::string RandomExpression::membership(int depth) {
  const Type type = any_type();
  if (type == Type::Integer && below(4) == 0) return field(type) + " in @my_departments";
  std::string list;
  for (std::uint64_t i = below(6); i > 0; --i) list += (list.empty() ? "" : ",") + literal(type);
  return in_brackets(make(type, depth)) + " in (" + list + ")";
}

std::string RandomExpression::quantifier(int depth) {
  static constexpr std::string_view kCollections[] = {"opportunities", "children", "tags",
                                                      "numbers"};
  if (variables_.size() >= 2) return field(Type::Boolean);
  const std::string_view collection = kCollections[below(std::size(kCollections))];
  const std::string path = (below(5) == 0 ? "parent/" : "") + std::string(collection);
  if (below(6) == 0) return path + "/any()";
  const std::string variable = std::string(1, collection[0]) + std::to_string(variables_.size());
  variables_.push_back(variable);
  std::string result =
      path + "/" + one_of({"any", "all"}) + "(" + variable + ":" + condition(depth - 1) + ")";
  variables_.pop_back();
  return result;
}

std::string RandomExpression::condition(int depth) {
  if (depth < 0) return comparison(0);
  switch (below(10)) {
    case 0:
      return in_brackets(condition(depth - 1) + " and " + condition(depth - 1));
    case 1:
      return in_brackets(condition(depth - 1) + " or " + condition(depth - 1));
    case 2:
      return "not " + in_brackets(condition(depth - 1));
    case 3:
      return in_brackets(membership(depth));
    case 4:
    case 5:
      return one_of({"contains", "startswith", "endswith"}) + "(" + make(Type::Text, depth) + "," +
             make(Type::Text, depth) + ")";
    case 6:
      return quantifier(depth);
    case 7:
      return field(Type::Boolean);
    default:
      return in_brackets(comparison(depth));
  }
}

std::string RandomExpression::integer(int depth) {
  switch (below(8)) {
    case 0:
      return "length(" + make(Type::Text, depth) + ")";
    case 1:
      return "indexof(" + make(Type::Text, depth) + "," + make(Type::Text, depth) + ")";
    case 2:
      return one_of({"year", "month", "day", "yearmonth", "yearquarter"}) + "(" +
             make(below(2) == 0 ? Type::Date : Type::Instant, depth) + ")";
    case 3:
      return one_of({"hour", "minute", "second"}) + "(" + make(Type::Instant, depth) + ")";
    case 4:
      return "-" + in_brackets(make(Type::Integer, depth));
    default:
      return in_brackets(make(Type::Integer, depth) + " " +
                         one_of({"add", "sub", "mul", "div", "mod"}) + " " +
                         make(Type::Integer, depth));
  }
}

std::string RandomExpression::decimal(int depth) {
  if (below(8) == 0) return "-" + in_brackets(make(Type::Decimal, depth));
  const Type other = below(3) == 0 ? Type::Integer : Type::Decimal;
  const std::string sign = " " + one_of({"add", "sub", "mul", "div", "mod"}) + " ";
  if (below(2) == 0) return in_brackets(make(other, depth) + sign + make(Type::Decimal, depth));
  return in_brackets(make(Type::Decimal, depth) + sign + make(other, depth));
}

std::string RandomExpression::text(int depth) {
  switch (below(4)) {
    case 0:
      return "concat(" + make(Type::Text, depth) + "," + make(Type::Text, depth) + ")";
    case 1:
      return "substring(" + make(Type::Text, depth) + "," + make(Type::Integer, depth) +
             (below(2) == 0 ? ")" : "," + make(Type::Integer, depth) + ")");
    case 2:
      return "substring(" + make(Type::Text, depth) + "," + std::to_string(below(4)) + "," +
             std::to_string(below(4)) + ")";
    default:
      return one_of({"tolower", "toupper", "trim"}) + "(" + make(Type::Text, depth) + ")";
  }
}

std::string RandomExpression::date(int depth) {
  if (below(2) == 0) return "date(" + make(Type::Instant, depth) + ")";
  return in_brackets(make(Type::Date, depth) + one_of({" add ", " sub "}) +
                     make(Type::Duration, depth));
}

std::string RandomExpression::instant(int depth) {
  if (below(10) == 0) return "now()";
  return in_brackets(make(Type::Instant, depth) + one_of({" add ", " sub "}) +
                     make(Type::Duration, depth));
}

std::string RandomExpression::duration(int depth) {
  switch (below(5)) {
    case 0:
      return in_brackets(make(Type::Instant, depth) + " sub " + make(Type::Instant, depth));
    case 1:
      return in_brackets(make(Type::Date, depth) + " sub " + make(Type::Date, depth));
    case 2:
      return in_brackets(make(Type::Duration, depth) + one_of({" mul ", " div "}) +
                         make(Type::Integer, depth));
    case 3:
      return "-" + in_brackets(make(Type::Duration, depth));
    default:
      return in_brackets(make(Type::Duration, depth) + one_of({" add ", " sub "}) +
                         make(Type::Duration, depth));
  }
}

}  // namespace kehai::query::testing
