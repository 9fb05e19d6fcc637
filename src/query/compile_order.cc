// ORDER BY and the predicates that continue after a row.
#include "base/error.h"
#include "query/compile_internal.h"

namespace kehai::query {
namespace {

bool is_plain(const OrderTerm& term) {
  return term.expression->operation == Operation::Column;
}

// The first term from which one row comparison says "after": all terms of one direction, plain,
// with values; when descending, absent values of later terms would be lost, so those must not be
// nullable.
std::size_t row_comparison_start(const Order& order, const base::Values& key) {
  std::size_t start = order.terms.size();
  while (start > 0) {
    const OrderTerm& term = order.terms[start - 1];
    const bool same_direction = term.descending == order.terms.back().descending;
    if (!is_plain(term) || !same_direction || key[start - 1].is_null()) break;
    const bool has_later = start < order.terms.size();
    if (has_later && term.descending && order.terms[start].nullable) break;
    --start;
  }
  return start;
}

class Branches {
 public:
  Branches(SqlCompiler::State& state, const Order& order, const base::Values& key)
      : state_(state), order_(order), key_(key) {}

  std::vector<Fragment> make() {
    std::size_t next = order_.terms.size();
    const std::size_t start = row_comparison_start(order_, key_);
    if (next - start > 1) {
      rows_after(start);
      next = start;
    }
    while (next-- > 0) after_term(next);
    return std::move(branches_);
  }

 private:
  void begin(SqlWriter& writer, std::size_t equal) {
    for (std::size_t i = 0; i < equal; ++i) {
      writer.value(*order_.terms[i].expression);
      if (key_[i].is_null()) {
        writer.text(" IS NULL AND ");
      } else {
        writer.text(" = ");
        writer.parameter(key_[i], type_of(i));
        writer.text(" AND ");
      }
    }
  }

  // Text and everything else are told apart by the value, because a sort key is text.
  Type type_of(std::size_t i) const { return key_[i].is_text() ? Type::Text : Type::Integer; }

  void after_term(std::size_t i) {
    const OrderTerm& term = order_.terms[i];
    if (key_[i].is_null()) {
      if (!term.descending) add(i, [&](SqlWriter& writer) { writer.text(" IS NOT NULL"); });
      return;
    }
    add(i, [&](SqlWriter& writer) {
      writer.text(term.descending ? " < " : " > ");
      writer.parameter(key_[i], type_of(i));
    });
    if (term.descending && term.nullable) add_null(i);
  }

  void rows_after(std::size_t start) {
    SqlWriter writer(state_);
    begin(writer, start);
    writer.text("(");
    for (std::size_t i = start; i < order_.terms.size(); ++i) {
      if (i > start) writer.text(", ");
      writer.value(*order_.terms[i].expression);
    }
    writer.text(order_.terms[start].descending ? ") < (" : ") > (");
    for (std::size_t i = start; i < order_.terms.size(); ++i) {
      if (i > start) writer.text(", ");
      writer.parameter(key_[i], type_of(i));
    }
    writer.text(")");
    branches_.push_back(writer.take());
    if (order_.terms[start].descending && order_.terms[start].nullable) add_null(start);
  }

  void add_null(std::size_t i) {
    add(i, [](SqlWriter& writer) { writer.text(" IS NULL"); });
  }

  void add(std::size_t i, const std::function<void(SqlWriter&)>& test) {
    SqlWriter writer(state_);
    begin(writer, i);
    writer.value(*order_.terms[i].expression);
    test(writer);
    branches_.push_back(writer.take());
  }

  SqlCompiler::State& state_;
  const Order& order_;
  const base::Values& key_;
  std::vector<Fragment> branches_;
};

}  // namespace

CompiledOrder SqlCompiler::order(const Order& order) {
  CompiledOrder result;
  SqlWriter by(*state_);
  // A lone id is served by the primary key, whose index does not say where nulls would go.
  const bool plain = order.terms.size() == 1 && !order.terms[0].nullable;
  for (std::size_t i = 0; i < order.terms.size(); ++i) {
    const OrderTerm& term = order.terms[i];
    if (i > 0) by.text(", ");
    by.value(*term.expression);
    if (plain) {
      by.text(term.descending ? " DESC" : "");
    } else {
      by.text(term.descending ? state_->dialect.order_descending()
                              : state_->dialect.order_ascending());
    }
    result.keys.push_back(value(term.expression));
  }
  result.order_by = by.take();
  return result;
}

std::vector<Fragment> SqlCompiler::after(const Order& order, const base::Values& key) {
  bool fits = key.size() == order.terms.size();
  for (std::size_t i = 0; fits && i < key.size(); ++i) {
    const Expression& term = *order.terms[i].expression;
    const bool is_text = term.type.type == Type::Text;
    fits = key[i].is_null() || key[i].is_text() == is_text;
  }
  if (!fits) throw base::Error(base::ErrorKind::Invalid, "query.bad_token");
  return Branches(*state_, order, key).make();
}

}  // namespace kehai::query
