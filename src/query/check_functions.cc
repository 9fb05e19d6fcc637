// The functions of the language: names, operands, results.
#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "query/checker_internal.h"
#include "query/lexer.h"

namespace kehai::query {
namespace {

constexpr int kMaximumZoneFunctions = 16;

struct Function {
  std::string_view name;
  Operation operation;
  std::size_t least;
  std::size_t most;
};

constexpr std::array<Function, 20> kFunctions = {{
    {"contains", Operation::Contains, 2, 2},   {"startswith", Operation::StartsWith, 2, 2},
    {"endswith", Operation::EndsWith, 2, 2},   {"length", Operation::Length, 1, 1},
    {"indexof", Operation::IndexOf, 2, 2},     {"substring", Operation::Substring, 2, 3},
    {"tolower", Operation::ToLower, 1, 1},     {"toupper", Operation::ToUpper, 1, 1},
    {"trim", Operation::Trim, 1, 1},           {"concat", Operation::Concat, 2, 2},
    {"date", Operation::LocalDate, 1, 1},      {"year", Operation::Year, 1, 1},
    {"month", Operation::Month, 1, 1},         {"day", Operation::Day, 1, 1},
    {"yearmonth", Operation::YearMonth, 1, 1}, {"yearquarter", Operation::YearQuarter, 1, 1},
    {"hour", Operation::Hour, 1, 1},           {"minute", Operation::Minute, 1, 1},
    {"second", Operation::Second, 1, 1},       {"now", Operation::Constant, 0, 0},
}};

constexpr std::array<std::string_view, 17> kForeignFunctions = {
    "cast",           "isof",         "round",
    "floor",          "ceiling",      "fractionalseconds",
    "time",           "totalseconds", "totaloffsetminutes",
    "mindatetime",    "maxdatetime",  "matchespattern",
    "matchesPattern", "hassubset",    "hassubsequence",
    "substringof",    "replace"};

const Function* find_function(std::string_view name) {
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [&](const Function& f) { return f.name == name; });
  return found == kFunctions.end() ? nullptr : &*found;
}

bool has_fold_column(const ExpressionPtr& expression) {
  return expression->operation == Operation::Column &&
         !expression->column.property->fold_column.empty();
}

ExpressionPtr folded_column(const ExpressionPtr& column) {
  auto copy = std::make_shared<Expression>(*column);
  copy->column.form = ColumnForm::Folded;
  return copy;
}

}  // namespace

ExpressionPtr Checker::argument(const Node& node, std::size_t index, Type type) {
  ExpressionPtr result = value(*node.children[index]);
  if (result->type.type != type && result->type.type != Type::Null) {
    throw_mismatch(node.children[index]->position, type_name(type), type_name(result->type.type));
  }
  return result;
}

ExpressionPtr Checker::date_argument(const Node& node, std::size_t index) {
  ExpressionPtr result = value(*node.children[index]);
  if (result->type.type == Type::Instant) return local_date(result);
  if (result->type.type != Type::Date && result->type.type != Type::Null) {
    throw_mismatch(node.children[index]->position, "date or instant", type_name(result->type.type));
  }
  return result;
}

void Checker::count_zone_function(const ExpressionPtr& operand) {
  if (!operand->is_constant() && ++zone_functions_ > kMaximumZoneFunctions)
    throw_too_complex("time zone");
}

ExpressionPtr Checker::local_date(const ExpressionPtr& instant) {
  count_zone_function(instant);
  return strict(Operation::LocalDate, kDate, {instant});
}

// Searching is done in the folded column when both sides can be folded.
void Checker::fold_search(ExpressionPtr& text, ExpressionPtr& needle) const {
  if (!has_fold_column(text)) return;
  if (has_fold_column(needle)) {
    needle = folded_column(needle);
  } else if (needle->is_constant() && needle->value.is_text()) {
    const std::string& plain = needle->value.as_text();
    needle = constant(kText, environment_.fold ? environment_.fold(plain) : plain);
  } else {
    return;
  }
  text = folded_column(text);
}

ExpressionPtr Checker::text_search(const Node& node, Operation kind) {
  ExpressionPtr text = argument(node, 0, Type::Text);
  ExpressionPtr needle = argument(node, 1, Type::Text);
  fold_search(text, needle);
  return strict(kind, kBoolean, {std::move(text), std::move(needle)});
}

ExpressionPtr Checker::call(const Node& node) {
  const Function* function = find_function(node.name);
  if (function == nullptr) {
    if (std::find(kForeignFunctions.begin(), kForeignFunctions.end(), node.name) !=
        kForeignFunctions.end()) {
      throw_not_supported(node.name);
    }
    throw base::Error(base::ErrorKind::Invalid, "query.unknown_function",
                      {{"name", node.name}, {"position", std::to_string(node.position)}});
  }
  const Operation kind = function->operation;
  if (node.children.size() < function->least || node.children.size() > function->most) {
    throw base::Error(base::ErrorKind::Invalid, "query.operand_count",
                      {{"position", std::to_string(node.position)},
                       {"name", node.name},
                       {"count", std::to_string(function->least)},
                       {"given", std::to_string(node.children.size())}});
  }
  switch (kind) {
    case Operation::Contains:
    case Operation::StartsWith:
    case Operation::EndsWith:
      return text_search(node, kind);
    case Operation::Length:
      return strict(kind, kInteger, {argument(node, 0, Type::Text)});
    case Operation::IndexOf:
      return strict(kind, kInteger, {argument(node, 0, Type::Text), argument(node, 1, Type::Text)});
    case Operation::ToLower:
    case Operation::ToUpper:
    case Operation::Trim:
      return strict(kind, kText, {argument(node, 0, Type::Text)});
    case Operation::Concat:
      return strict(kind, kText, {argument(node, 0, Type::Text), argument(node, 1, Type::Text)});
    case Operation::Substring: {
      std::vector<ExpressionPtr> operands = {argument(node, 0, Type::Text),
                                             argument(node, 1, Type::Integer)};
      if (node.children.size() == 3) operands.push_back(argument(node, 2, Type::Integer));
      return strict(kind, kText, std::move(operands));
    }
    case Operation::LocalDate:
      return date_argument(node, 0);
    case Operation::Hour:
    case Operation::Minute:
    case Operation::Second: {
      ExpressionPtr instant = argument(node, 0, Type::Instant);
      count_zone_function(instant);
      return strict(kind, kInteger, {std::move(instant)});
    }
    case Operation::Constant:
      return constant(kInstant, environment_.now);
    default:  // parts of a date
      return strict(kind, kInteger, {date_argument(node, 0)});
  }
}

}  // namespace kehai::query
