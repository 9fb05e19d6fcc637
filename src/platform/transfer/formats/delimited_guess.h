// Which character separates the cells of a text table.
#pragma once

#include <string>
#include <string_view>

namespace kehai::platform {

struct DelimiterGuess {
  char delimiter = ',';        // '\0' = one column
  std::size_t skip_bytes = 0;  // length of a "sep=;" line with its line end
};

// `sample` is the beginning of the file in UTF-8; `whole` says that nothing follows it.
DelimiterGuess guess_delimiter(std::string_view sample, char quote, bool whole);

}  // namespace kehai::platform
