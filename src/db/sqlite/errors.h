// From SQLite result codes to base::Error.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;

namespace kehai::db::sqlite {

// The Error for a result code; `context` (usually the SQL text) goes to the detail.
base::Error make_error(int code, std::string_view message, std::string_view context);
// The same with the message of the connection's last failure.
base::Error make_error(sqlite3* connection, int code, std::string_view context);

// Failures after which the disk or the file can no longer be trusted: the writer stops for good.
bool is_fatal(int code);

}  // namespace kehai::db::sqlite
