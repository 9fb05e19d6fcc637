// Guesses which field a column of a file is meant for, from its header in Chinese or English.
//
// Pure; safe from any thread. The words stand in column_words.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "record/definition.h"

namespace kehai::platform {

struct ColumnGuess {
  std::string field;   // "" = none
  int confidence = 0;  // percent
};

// `importable` says which fields may be filled. Each field is given to at most one column, except
// those that several fill. A column of codes finds the record when updating; of new records it is
// the key in the other system.
std::vector<ColumnGuess> guess_mapping(
    const record::ObjectDefinition& object, const std::vector<std::string>& headers,
    const std::function<bool(const record::FieldDefinition&)>& importable, bool update);

// Adds the columns that are meant for an object whose records stand in the same rows
// ("contact.name"): those that the imported object has no use for or means less surely, and only
// when they fill all that such a record needs besides `link`, its reference to the imported one.
void guess_companion(const record::ObjectDefinition& companion, const record::FieldDefinition& link,
                     const std::vector<std::string>& headers,
                     const std::function<bool(const record::FieldDefinition&)>& importable,
                     std::vector<ColumnGuess>& guesses);

// Stands for a file's columns: what a person chose for them is remembered under it.
std::string header_key(const std::vector<std::string>& names);

// Headers compare without case, width, script, blanks, punctuation and hints such as "（必填）".
std::string normal_header(std::string_view header);

}  // namespace kehai::platform
