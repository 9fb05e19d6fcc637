// Which value of which record the master gets.
#pragma once

#include <map>
#include <string>

#include "platform/merge/merge_rules.h"

namespace kehai::platform {

using MergeChoices = std::map<std::string, record::RecordId>;  // by field

// Whether a person may say whose value stays; system fields, states and what the program keeps
// follow the master or the rules of a module.
bool is_choosable(const record::ObjectDefinition& object, const record::FieldDefinition& field);

// The record whose value stays: the chosen one, else the master, else the last changed one that has
// a value; 0 when none has.
record::RecordId value_source(const MergeSet& set, const record::FieldDefinition& field,
                              const MergeChoices& choices);

// What the master will hold, without what it holds already. Values of several are united. A
// reference to one of the records themselves becomes nothing.
record::Draft merged_values(const MergeSet& set, const MergeChoices& choices,
                            const MergeRules& rules);

}  // namespace kehai::platform
