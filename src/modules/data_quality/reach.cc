#include "modules/data_quality/reach.h"

#include "base/error.h"
#include "record/field_reader.h"

namespace kehai::modules {

using record::Actor;
using record::Engine;

void need_right(Engine& engine, const Actor& actor, const char* object, const char* right) {
  const auto schema = engine.schema();
  if (!engine.access().may(actor, schema->at(object).definition(), right))
    throw base::Error(base::ErrorKind::Forbidden, "access.denied");
}

Reach::Reach(Engine& engine, const Actor& actor, const record::ObjectDefinition& object) {
  if (!engine.access().may(actor, object, "read")) return;
  const auto scope = engine.access().scope(actor, object, "read");
  all_ = scope.all;
  for (const auto& branch : scope.branches) {
    auto* const target = branch.column == "owner_id"              ? &owners_
                         : branch.column == "scope_department_id" ? &departments_
                                                                  : nullptr;
    if (target != nullptr) target->insert(branch.values.begin(), branch.values.end());
  }
}

std::string name_in(const Names& names, record::RecordId id) {
  const auto found = names.find(id);
  return found == names.end() ? record::kVeil : found->second;
}

Names names_of(Engine& engine, const Actor& actor, const char* object,
               const std::set<record::RecordId>& ids) {
  return engine.titles(actor, object, {ids.begin(), ids.end()});
}

std::string rule_label(Engine& engine, const Actor& actor, const std::string& rule) {
  const std::string key = "quality.rule." + rule;
  const auto& texts = engine.texts();
  return texts.text(actor.language, texts.has(actor.language, key) ? key : "quality.rule.other");
}

std::string field_label(const Actor& actor, const record::ObjectDefinition& object,
                        const std::string& name) {
  const auto* field = object.field(name);
  return field == nullptr ? name : field->labels.in(actor.language);
}

}  // namespace kehai::modules
