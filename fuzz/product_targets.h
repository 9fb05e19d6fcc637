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
// The bytes as a file to restore, and as the rows inside an otherwise sound one.
void fuzz_backup(std::string_view bytes);

}  // namespace kehai::fuzz
