// The schema as one caller sees it: what /meta, $metadata, the service document and OpenAPI are
// written from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "record/registry.h"
#include "record/schema.h"

namespace kehai::api {

struct VisibleField {
  const record::FieldDefinition* definition = nullptr;
  const query::Property* property = nullptr;
  bool read_only = false;  // for this caller
  bool masked = false;
};

struct VisibleObject {
  const record::ObjectSchema* schema = nullptr;
  std::vector<std::string> rights;
  std::vector<VisibleField> fields;
  std::vector<const record::Action*> actions;

  const record::ObjectDefinition& definition() const { return schema->definition(); }
  bool has(std::string_view right) const;
  const VisibleField* field(std::string_view name) const;
};

// Readable objects in the order of their registration; internal ones are left out. Points into the
// context's schema.
std::vector<VisibleObject> visible_objects(const ApiContext& context);

}  // namespace kehai::api
