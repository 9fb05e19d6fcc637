// Syntax tree to text. Parsing the printed text gives the same tree again (positions aside), and
// printing that gives the same text: the printed form is canonical and serves as a cache key and as
// the binding of page tokens.
#pragma once

#include <string>
#include <vector>

#include "query/ast.h"

namespace kehai::query {

std::string print(const NodePtr& node);
std::string print(const std::vector<OrderItem>& order);
std::string print(const std::vector<SelectItem>& select);
std::string print(const std::vector<ExpandItem>& expand);
std::string print(const Apply& apply);

}  // namespace kehai::query
