// Text to syntax tree. Recursive descent; bounded by length, depth and number of nodes.
//
// All functions throw base::Error: Invalid "query.syntax" {position, expected}, Invalid
// "query.too_complex" {limit}, Invalid "query.out_of_range" {position}, NotImplemented
// "query.not_supported" {name}. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "query/ast.h"

namespace kehai::query {

inline constexpr std::size_t kMaximumLength = 8 * 1024;  // bytes of one option
inline constexpr int kMaximumDepth = 64;
inline constexpr int kMaximumNodes = 1000;
inline constexpr int kMaximumListItems = 1000;
inline constexpr int kMaximumExpandDepth = 3;

// A whole expression ($filter, a rule's condition, a formula). Empty text is a syntax error.
NodePtr parse_expression(std::string_view text);
// The value of a request-defined alias: a literal, or a parenthesised list of literals.
NodePtr parse_alias_value(std::string_view text);
std::vector<OrderItem> parse_order(std::string_view text);
std::vector<SelectItem> parse_select(std::string_view text);
std::vector<ExpandItem> parse_expand(std::string_view text);
Apply parse_apply(std::string_view text);

}  // namespace kehai::query
