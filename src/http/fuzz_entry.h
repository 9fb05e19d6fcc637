// The fuzzer's door to the edge: one input, all oracles. Pure: no sockets.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kehai::http {

// What a server with small limits would do with the bytes of one connection, as text: each request
// that it understood, then why it stopped. `cuts` are the ascending positions at which the network
// split the stream.
std::string stream_verdict(std::string_view stream, const std::vector<std::size_t>& cuts);

// Throws std::logic_error when an oracle fails; base::Error never escapes.
// The bytes as a connection's stream: the verdict is the same for each way of splitting it,
// accepted paths are canonical.
void fuzz_stream(std::string_view bytes);
// The bytes as values of header fields, as a query and a path: whatever is accepted comes back the
// same when written again.
void fuzz_fields(std::string_view bytes);
// The bytes as a form with the boundary "XX", whole and split.
void fuzz_form(std::string_view bytes);

}  // namespace kehai::http
