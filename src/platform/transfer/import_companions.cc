#include "platform/transfer/import_companions.h"

#include <algorithm>

#include "platform/transfer/import_plan.h"

namespace kehai::platform {

using record::FieldDefinition;
using record::ObjectDefinition;

namespace {

bool may_make(const record::AccessPolicy& policy, const record::Actor& actor,
              const ObjectDefinition& object) {
  return !object.internal && policy.may(actor, object, "create");
}

// What somebody has to fill in.
bool is_open(const FieldDefinition& field) {
  return field.required && !field.system && field.default_value.is_null() && !field.is_computed();
}

}  // namespace

std::vector<CompanionLink> companion_links(record::Engine& engine, const record::Schema& schema,
                                           const record::Actor& actor,
                                           const ObjectDefinition& object) {
  const auto& policy = engine.access();
  std::vector<CompanionLink> out;
  for (const auto& other : schema.objects()) {
    const auto& definition = other->definition();
    if (definition.name == object.name || !may_make(policy, actor, definition) ||
        !policy.may(actor, definition, "import"))
      continue;
    for (const auto& field : definition.fields) {
      if (!field.required || field.multiple || !field.is_reference() ||
          field.target != object.name || !is_importable(policy, actor, definition, field, false))
        continue;
      out.push_back({definition.name, &field});
      break;
    }
  }
  return out;
}

std::vector<const FieldDefinition*> creatable_references(record::Engine& engine,
                                                         const record::Schema& schema,
                                                         const record::Actor& actor,
                                                         const ObjectDefinition& object) {
  const auto& policy = engine.access();
  std::vector<const FieldDefinition*> out;
  for (const auto& field : object.fields) {
    if (!field.is_reference() || field.multiple || field.state || field.system ||
        field.target == object.name || !is_importable(policy, actor, object, field, false))
      continue;
    const auto* target = schema.find(field.target);
    if (target == nullptr || target->definition().title_field.empty() ||
        !may_make(policy, actor, target->definition()))
      continue;
    const auto& fields = target->definition().fields;
    const bool named_only = std::all_of(fields.begin(), fields.end(), [&](const auto& other) {
      return !is_open(other) || other.name == target->definition().title_field;
    });
    if (named_only) out.push_back(&field);
  }
  return out;
}

MappingTarget parse_mapping_target(const std::string& target) {
  const auto dot = target.find('.');
  if (dot == std::string::npos) return {"", target};
  return {target.substr(0, dot), target.substr(dot + 1)};
}

}  // namespace kehai::platform
