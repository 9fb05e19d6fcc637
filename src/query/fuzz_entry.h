// The fuzzer's door to this layer: one input, all oracles.
#pragma once

#include <string_view>

namespace kehai::query {

// Reads the bytes as every kind of query text. For what is accepted: printing and parsing again
// gives the same tree and text; what also passes the checker compiles on both databases with one
// `?` per parameter, brackets and quotes balanced, and evaluates. Throws std::logic_error when an
// oracle fails; base::Error never escapes.
void query_fuzz_one(std::string_view bytes);

}  // namespace kehai::query
