#include "query/compile_sql.h"

#include <utility>

#include "query/compile_internal.h"

namespace kehai::query {

SqlCompiler::SqlCompiler(const Entity& root, const db::Dialect& dialect, const base::TimeZone& zone,
                         std::string alias, Navigations navigations)
    : state_(std::make_unique<State>(root, dialect, zone, std::move(alias), navigations)) {}

SqlCompiler::~SqlCompiler() = default;

Fragment SqlCompiler::filter(const Filter& filter) {
  if (!filter.root) return {"1=1", {}};
  SqlWriter writer(*state_);
  writer.condition(*filter.root);
  return writer.take();
}

Fragment SqlCompiler::value(const ExpressionPtr& expression) {
  SqlWriter writer(*state_);
  writer.value(*expression);
  return writer.take();
}

Fragment SqlCompiler::column(const std::vector<const Navigation*>& path, const Property& property) {
  SqlWriter writer(*state_);
  writer.column({0, path, &property, ColumnForm::Plain});
  return writer.take();
}

Fragment SqlCompiler::joins() const {
  return state_->scopes[0].joins;
}

}  // namespace kehai::query
