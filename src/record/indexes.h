// Which indexes an object's table has: they follow from its definition, so that the migrator makes
// them and the lists know them. Pure.
//
// Every index ends in the id (rows of equal keys are paged by it) and holds live rows only, except
// for configuration objects. What is included stands behind the id: conditions on it cost no look
// at the row.
#pragma once

#include <string>
#include <vector>

#include "record/definition.h"

namespace kehai::record {

struct Index {
  std::string name;
  std::vector<std::string> columns;  // physical columns, without the id
  std::vector<std::string> include;
};

std::vector<Index> indexes_of(const ObjectDefinition& object);

// The column that carries the order of a field: itself or its sort key.
std::string sort_column(const ObjectDefinition& object, const std::string& field);

}  // namespace kehai::record
