// Targets of layers that have no fuzz entry of their own. Each returns for input that is read or
// refused as it should be and throws std::logic_error otherwise.
#pragma once

#include <string_view>

namespace kehai::fuzz {

// The bytes as a phone number, a registration number, a company's name, an address, words to find:
// comparable forms stay what they are when they are made again, tokens are what the databases take.
void fuzz_names(std::string_view bytes);
// The bytes as what a request carries to say who sends it: cookies, Authorization, languages, a
// path with keys.
void fuzz_credentials(std::string_view bytes);
// Two bytes that choose an encoding and a place, then the bytes of a text file: its text and its
// rows are the same wherever the pieces end that it is read in.
void fuzz_text(std::string_view bytes);
// The bytes as a cell and as JSON for a field of every type: what is taken can be stored, shown and
// read again.
void fuzz_fields(std::string_view bytes);
// Requests to the whole product on SQLite: no answer says that the product is at fault.
void fuzz_requests(std::string_view bytes);
// The bytes as a file to restore, and as the rows inside an otherwise sound one.
void fuzz_backup(std::string_view bytes);

}  // namespace kehai::fuzz
