// Texts inside XLSX: what XML cannot hold is written as _xHHHH_.
#pragma once

#include <string>
#include <string_view>

namespace kehai::platform {

// "_x000D_" → CR.
void decode_xlsx_escapes(std::string& text);
// CR, other control characters, U+FFFE and U+FFFF → _xHHHH_; a literal "_x000D_" keeps its meaning.
std::string escape_xlsx_text(std::string_view text);
// Cuts valid UTF-8 to so many UTF-16 units, between characters; true when something was cut.
bool cut_utf16(std::string& text, std::size_t units);

}  // namespace kehai::platform
