#include "record/indexes.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/random.h"

namespace kehai::record {

namespace {

using Columns = std::vector<std::string>;

class Wanted {
 public:
  void add(const Columns& columns, const Columns& include) {
    auto& included = indexes_[columns];
    for (const auto& column : include) {
      const bool known = std::find(columns.begin(), columns.end(), column) != columns.end() ||
                         std::find(included.begin(), included.end(), column) != included.end();
      if (!known) included.push_back(column);
    }
  }
  bool leads_with(const std::string& column) const {
    return std::any_of(indexes_.begin(), indexes_.end(),
                       [&](const auto& index) { return index.first.front() == column; });
  }
  const std::map<Columns, Columns>& all() const { return indexes_; }

 private:
  std::map<Columns, Columns> indexes_;
};

std::string name_of(const ObjectDefinition& object, const Columns& columns,
                    const Columns& include) {
  std::string name = "ix_" + object.name;
  for (const auto& column : columns) name += "__" + column;
  name += "__id";
  for (const auto& column : include) name += "__" + column;
  // PostgreSQL cuts names at 63 bytes, which would make two long ones equal.
  if (name.size() > 60) name = name.substr(0, 48) + "_" + base::sha256_hex(name).substr(0, 10);
  return name;
}

// What lies below somebody's customers is little per person: its other orders are sorted when asked
// for.
bool is_small_branch(std::string_view column) {
  return column == "parent_owner_id";
}

void add_orders(const ObjectDefinition& object, Wanted& wanted) {
  // Lists are nearly always narrowed by the state.
  Columns include;
  if (!object.status_field.empty()) include.push_back(object.status_field);
  for (std::size_t i = 0; i < object.list_orders.size(); ++i) {
    const std::string column = sort_column(object, object.list_orders[i]);
    wanted.add({column}, include);
    for (const auto& branch : object.branch_columns) {
      if (i == 0 || !is_small_branch(branch)) wanted.add({branch, column}, include);
    }
  }
}

void add_declared(const ObjectDefinition& object, Wanted& wanted) {
  for (const auto& index : object.indexes) {
    wanted.add(index.columns, index.include);
    if (!index.per_branch) continue;
    for (const auto& branch : object.branch_columns) {
      if (is_small_branch(branch)) continue;
      Columns columns{branch};
      columns.insert(columns.end(), index.columns.begin(), index.columns.end());
      wanted.add(columns, index.include);
    }
  }
}

void add_references(const ObjectDefinition& object, Wanted& wanted) {
  for (const auto& field : object.fields) {
    const bool reference = field.type == FieldType::Reference && !field.multiple && !field.system;
    if (reference && !wanted.leads_with(field.name)) wanted.add({field.name}, {});
  }
}

}  // namespace

std::string sort_column(const ObjectDefinition& object, const std::string& field) {
  const auto* definition = object.field(field);
  return definition != nullptr && definition->sort_key ? field + "__sort" : field;
}

std::vector<Index> indexes_of(const ObjectDefinition& object) {
  Wanted wanted;
  add_orders(object, wanted);
  add_declared(object, wanted);
  add_references(object, wanted);
  std::vector<Index> out;
  for (const auto& [columns, include] : wanted.all()) {
    out.push_back({name_of(object, columns, include), columns, include});
  }
  return out;
}

}  // namespace kehai::record
