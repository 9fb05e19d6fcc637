#include "query/printer.h"

#include <string_view>

#include "base/time.h"
#include "query/lexer.h"

namespace kehai::query {
namespace {

// How tightly a node binds; a child prints in brackets when it binds less tightly than its place
// asks.
enum Precedence { kOr, kAnd, kEquality, kRelation, kSum, kProduct, kUnary, kMembership, kPrimary };

Precedence precedence(const Node& node) {
  const std::string& name = node.name;
  switch (node.kind) {
    case NodeKind::Logic:
      return name == "or" ? kOr : kAnd;
    case NodeKind::Binary:
      if (name == "eq" || name == "ne") return kEquality;
      if (name == "add" || name == "sub") return kSum;
      if (name == "mul" || name == "div" || name == "mod") return kProduct;
      return kRelation;
    case NodeKind::Not:
    case NodeKind::Negate:
      return kUnary;
    case NodeKind::In:
      return kMembership;
    default:
      return kPrimary;
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '\'';
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  out += '\'';
}

void append_decimal(std::string& out, std::int64_t value, int scale) {
  std::string digits = std::to_string(value);
  const bool negative = digits[0] == '-';
  if (negative) digits.erase(0, 1);
  const auto width = static_cast<std::size_t>(scale);
  if (digits.size() <= width) digits.insert(0, width + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - width, 1, '.');
  if (negative) out += '-';
  out += digits;
}

void append_literal(std::string& out, const Literal& literal) {
  if (literal.value.is_null()) {
    out += "null";
    return;
  }
  switch (literal.type.type) {
    case Type::Boolean:
      out += literal.value.as_int() != 0 ? "true" : "false";
      break;
    case Type::Text:
      append_quoted(out, literal.value.as_text());
      break;
    case Type::Date:
      base::append_date(out, literal.value.as_int());
      break;
    case Type::Instant:
      base::append_instant(out, literal.value.as_int());
      break;
    case Type::Duration:
      out += "duration";
      append_quoted(out, format_duration(literal.value.as_int()));
      break;
    default:
      append_decimal(out, literal.value.as_int(), literal.type.scale);
  }
}

class Printer {
 public:
  void node(const Node& node);
  void order(const std::vector<OrderItem>& items);
  void select(const std::vector<SelectItem>& items);
  void expand(const std::vector<ExpandItem>& items);
  void apply(const Apply& apply);
  std::string take() { return std::move(out_); }

 private:
  void child(const Node& child, Precedence least);
  void separated(const std::vector<NodePtr>& children, std::string_view separator,
                 Precedence least);
  void path(const std::vector<std::string>& path);
  void operation(const Node& node);
  void call(const Node& node);
  void case_call(const Node& node);
  void expand_options(const ExpandItem& item);
  void named(const std::vector<NamedItem>& items);
  void aggregates(const std::vector<AggregateItem>& items);

  std::string out_;
};

void Printer::child(const Node& child, Precedence least) {
  const bool brackets = precedence(child) < least;
  if (brackets) out_ += '(';
  node(child);
  if (brackets) out_ += ')';
}

void Printer::separated(const std::vector<NodePtr>& children, std::string_view separator,
                        Precedence least) {
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (i > 0) out_ += separator;
    child(*children[i], least);
  }
}

void Printer::path(const std::vector<std::string>& path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0) out_ += '/';
    out_ += path[i];
  }
}

void Printer::node(const Node& node) {
  switch (node.kind) {
    case NodeKind::Literal:
      append_literal(out_, node.literal);
      break;
    case NodeKind::Path:
      path(node.path);
      break;
    case NodeKind::Alias:
      out_ += '@';
      out_ += node.name;
      break;
    case NodeKind::List:
      out_ += '(';
      separated(node.children, ",", kPrimary);
      out_ += ')';
      break;
    case NodeKind::Call:
    case NodeKind::Case:
    case NodeKind::Lambda:
      call(node);
      break;
    default:
      operation(node);
  }
}

void Printer::operation(const Node& node) {
  const Precedence own = precedence(node);
  switch (node.kind) {
    case NodeKind::Not:
      out_ += "not ";
      child(*node.children[0], node.children[0]->kind == NodeKind::Not ? kUnary : kPrimary);
      break;
    case NodeKind::Negate:
      out_ += '-';
      // "-5" would be read as a literal.
      if (node.children[0]->kind == NodeKind::Literal) {
        out_ += '(';
        this->node(*node.children[0]);
        out_ += ')';
      } else {
        child(*node.children[0], kPrimary);
      }
      break;
    case NodeKind::In:
      child(*node.children[0], kPrimary);
      out_ += " in ";
      this->node(*node.children[1]);
      break;
    case NodeKind::Logic:
      separated(node.children, " " + node.name + " ", static_cast<Precedence>(own + 1));
      break;
    default:  // Binary: left-associative
      child(*node.children[0], own);
      out_ += ' ';
      out_ += node.name;
      out_ += ' ';
      child(*node.children[1], static_cast<Precedence>(own + 1));
  }
}

void Printer::call(const Node& node) {
  if (node.kind == NodeKind::Case) return case_call(node);
  if (node.kind == NodeKind::Lambda) {
    path(node.path);
    out_ += '/';
  }
  out_ += node.name;
  out_ += '(';
  if (!node.variable.empty()) {
    out_ += node.variable;
    out_ += ':';
  }
  separated(node.children, ",", kOr);
  out_ += ')';
}

void Printer::case_call(const Node& node) {
  out_ += "case(";
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out_ += i % 2 == 0 ? ',' : ':';
    this->node(*node.children[i]);
  }
  out_ += ')';
}

void Printer::order(const std::vector<OrderItem>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_ += ',';
    node(*items[i].expression);
    if (items[i].descending) out_ += " desc";
  }
}

void Printer::select(const std::vector<SelectItem>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_ += ',';
    path(items[i].path);
  }
}

void Printer::expand(const std::vector<ExpandItem>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_ += ',';
    out_ += items[i].navigation;
    expand_options(items[i]);
  }
}

void Printer::expand_options(const ExpandItem& item) {
  char before = '(';
  const auto option = [&](std::string_view name) {
    out_ += before;
    out_ += name;
    before = ';';
  };
  if (!item.select.empty()) {
    option("$select=");
    select(item.select);
  }
  if (item.filter) {
    option("$filter=");
    node(*item.filter);
  }
  if (!item.order.empty()) {
    option("$orderby=");
    order(item.order);
  }
  if (item.top >= 0) {
    option("$top=");
    out_ += std::to_string(item.top);
  }
  if (item.count) option("$count=true");
  if (!item.expand.empty()) {
    option("$expand=");
    expand(item.expand);
  }
  if (before == ';') out_ += ')';
}

void Printer::named(const std::vector<NamedItem>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_ += ',';
    node(*items[i].expression);
    if (!items[i].name.empty()) out_ += " as " + items[i].name;
  }
}

void Printer::aggregates(const std::vector<AggregateItem>& items) {
  static constexpr std::string_view kNames[] = {"",    "sum", "average",
                                                "min", "max", "countdistinct"};
  out_ += "aggregate(";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_ += ',';
    if (items[i].function == AggregateFunction::Count) {
      out_ += "$count";
    } else {
      node(*items[i].expression);
      out_ += " with ";
      out_ += kNames[static_cast<std::size_t>(items[i].function)];
    }
    out_ += " as " + items[i].name;
  }
  out_ += ')';
}

void Printer::apply(const Apply& apply) {
  if (apply.filter) {
    out_ += "filter(";
    node(*apply.filter);
    out_ += ")/";
  }
  if (!apply.compute.empty()) {
    out_ += "compute(";
    named(apply.compute);
    out_ += ")/";
  }
  if (apply.grouped) {
    out_ += "groupby((";
    named(apply.keys);
    out_ += ')';
    if (!apply.aggregates.empty()) out_ += ',';
  }
  if (!apply.aggregates.empty()) aggregates(apply.aggregates);
  if (apply.grouped) out_ += ')';
}

}  // namespace

std::string print(const NodePtr& node) {
  if (!node) return {};
  Printer printer;
  printer.node(*node);
  return printer.take();
}
std::string print(const std::vector<OrderItem>& order) {
  Printer printer;
  printer.order(order);
  return printer.take();
}
std::string print(const std::vector<SelectItem>& select) {
  Printer printer;
  printer.select(select);
  return printer.take();
}
std::string print(const std::vector<ExpandItem>& expand) {
  Printer printer;
  printer.expand(expand);
  return printer.take();
}
std::string print(const Apply& apply) {
  Printer printer;
  printer.apply(apply);
  return printer.take();
}

}  // namespace kehai::query
