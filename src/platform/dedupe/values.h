// The values of a field as texts: as somebody wants to write them, and as they will be stored.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "record/record.h"

namespace kehai::platform {

// References as their number.
std::vector<std::string> texts_of(const record::Draft& draft, const std::string& field);
std::vector<std::string> texts_of(const record::Record& record, const std::string& field);

}  // namespace kehai::platform
