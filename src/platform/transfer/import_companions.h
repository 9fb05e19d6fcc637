// Records of other objects that stand in the same row of a file: the contact beside its customer,
// the campaign that a lead names.
//
// A column of a customer file may be meant for "contact.name": an object whose required reference
// points to the imported one. And a reference may make what it names and nobody has yet, when a
// name is all that such a record needs. Nothing here knows which objects these are: the definitions
// say it.
#pragma once

#include <string>
#include <vector>

#include "record/engine.h"

namespace kehai::platform {

struct CompanionLink {
  std::string object;                              // of the companion
  const record::FieldDefinition* field = nullptr;  // its reference to the imported record
};

// Objects of which a row of `object` may bring a record along, within the rights of the actor. The
// fields live as long as the schema.
std::vector<CompanionLink> companion_links(record::Engine& engine, const record::Schema& schema,
                                           const record::Actor& actor,
                                           const record::ObjectDefinition& object);

// References of `object` whose missing record may be made from its name alone.
std::vector<const record::FieldDefinition*> creatable_references(
    record::Engine& engine, const record::Schema& schema, const record::Actor& actor,
    const record::ObjectDefinition& object);

// "contact.name" → {"contact", "name"}; {"", target} for a field of the imported object itself.
struct MappingTarget {
  std::string companion;
  std::string field;
};
MappingTarget parse_mapping_target(const std::string& target);

}  // namespace kehai::platform
