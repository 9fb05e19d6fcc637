// Statement texts that a schema keeps for its store.
#pragma once

#include <string>

#include "record/schema.h"

namespace kehai::record {

// Reads the stored fields of rows, in their order; the condition on "id" is still missing.
std::string select_by_id_text(const ObjectSchema& schema);

}  // namespace kehai::record
