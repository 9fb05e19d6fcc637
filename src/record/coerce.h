// Values of a request's JSON as fields hold them. Thread-safe, no state.
#pragma once

#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "record/record.h"
#include "record/registry.h"

namespace kehai::record {

// Puts the value into the draft, or what is wrong with it into `errors`.
void coerce_field(const base::Json& json, const FieldDefinition& field, Draft& draft,
                  std::vector<base::FieldError>& errors);

// The input of an action: declared fields plus write options, which go into `options`; required
// ones must be there. Throws field errors.
Draft coerce_input(const Registry& registry, const std::vector<FieldDefinition>& input,
                   const base::JsonObject& body, WriteOptions& options);

}  // namespace kehai::record
