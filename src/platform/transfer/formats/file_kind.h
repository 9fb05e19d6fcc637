// What a file is, by its first bytes.
#pragma once

#include <string_view>

#include "platform/transfer/formats/table_reader.h"

namespace kehai::platform {

// `head` is the first few kilobytes. Throws the Error that names what the file is instead of a
// table.
TableFormat recognise_table(std::string_view head);

}  // namespace kehai::platform
