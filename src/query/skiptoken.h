// Page tokens: the last row's order keys, authenticated and bound to one object, filter, order and
// user.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "query/ast.h"

namespace kehai::query {

// What a token belongs to, as one text. `extra` carries what else changes the rows ($search, a
// view's id).
std::string token_binding(std::string_view entity, const NodePtr& filter,
                          const std::vector<OrderItem>& order, std::int64_t user_id,
                          std::string_view extra = {});

// URL-safe text. `secret` is the installation's key (>= 16 bytes).
std::string encode_skiptoken(const base::Values& key, std::string_view binding,
                             std::string_view secret);
// Throws Invalid "query.bad_token" for anything that encode_skiptoken did not make with the same
// binding and secret.
base::Values decode_skiptoken(std::string_view token, std::string_view binding,
                              std::string_view secret);

}  // namespace kehai::query
