#include "api/visible.h"

#include <algorithm>
#include <array>

namespace kehai::api {

namespace {

constexpr std::array<std::string_view, 7> kBasicRights = {"read",   "create", "edit",     "delete",
                                                          "import", "export", "configure"};

void add_right(VisibleObject& object, const ApiContext& context, const std::string& right) {
  if (object.has(right) ||
      !context.engine().access().may(context.actor(), object.definition(), right))
    return;
  object.rights.push_back(right);
}

void add_fields(VisibleObject& object, const ApiContext& context) {
  const auto& access = context.engine().access();
  const auto& definition = object.definition();
  for (std::size_t i = 0; i < definition.fields.size(); ++i) {
    const auto& field = definition.fields[i];
    const auto allowed = access.field_access(context.actor(), definition, field);
    if (allowed == record::FieldAccess::Hidden) continue;
    VisibleField visible;
    visible.definition = &field;
    visible.property = &object.schema->properties()[i];
    visible.read_only =
        field.read_only || field.state || field.system || allowed != record::FieldAccess::Edit;
    visible.masked = access.is_masked(context.actor(), definition, field);
    object.fields.push_back(visible);
  }
}

}  // namespace

bool VisibleObject::has(std::string_view right) const {
  return std::find(rights.begin(), rights.end(), right) != rights.end();
}

const VisibleField* VisibleObject::field(std::string_view name) const {
  for (const auto& candidate : fields) {
    if (candidate.definition->name == name) return &candidate;
  }
  return nullptr;
}

std::vector<VisibleObject> visible_objects(const ApiContext& context) {
  std::vector<VisibleObject> out;
  for (const auto& schema : context.schema().objects()) {
    const auto& definition = schema->definition();
    if (definition.internal || !context.engine().access().may(context.actor(), definition, "read"))
      continue;
    VisibleObject object;
    object.schema = schema.get();
    for (const auto right : kBasicRights) add_right(object, context, std::string(right));
    for (const auto& right : definition.rights) add_right(object, context, right);
    for (const auto& action : context.engine().registry().actions()) {
      if (action.object != definition.name) continue;
      const auto& right = action.right.empty() ? action.name : action.right;
      add_right(object, context, right);
      const bool needs_more =
          !action.needs.empty() &&
          !context.engine().access().may(context.actor(), definition, action.needs);
      if (object.has(right) && !needs_more) object.actions.push_back(&action);
    }
    add_fields(object, context);
    out.push_back(std::move(object));
  }
  return out;
}

}  // namespace kehai::api
