#include "record/schema.h"

#include "base/error.h"
#include "record/fields/field_kit.h"
#include "record/formulas.h"
#include "record/migrator.h"
#include "record/store_text.h"

namespace kehai::record {

std::string multi_table(const ObjectDefinition& object, const FieldDefinition& field) {
  return object.name + "__" + field.name;
}

ObjectSchema::ObjectSchema(ObjectDefinition definition) : definition_(std::move(definition)) {
  indexes_ = indexes_of(definition_);
  for (std::size_t i = 0; i < definition_.fields.size(); ++i) {
    const auto& field = definition_.fields[i];
    query::Property property;
    property.name = field.name;
    property.type = field_kit(field.type).query_type(field);
    if (field.sort_key) property.sort_column = field.name + "__sort";
    if (field.fold) property.fold_column = field.name + "__fold";
    property.sortable = field.sortable;
    property.filterable = field.filterable;
    if (field.multiple) property.multi_table = multi_table(definition_, field);
    if (field.is_stored()) stored_fields_.push_back(i);
    properties_.push_back(std::move(property));
    if (field.multiple) {
      value_inserts_.emplace(
          i, std::make_shared<const db::RowInsert>(values_table(definition_, field)));
    }
  }
  row_insert_ = std::make_shared<const db::RowInsert>(object_table(definition_));
  select_by_id_ = select_by_id_text(*this);
}

const std::shared_ptr<const db::RowInsert>& ObjectSchema::value_insert(std::size_t field) const {
  return value_inserts_.at(field);
}

const StoredFormulas& ObjectSchema::stored_formulas(const base::TimeZone& zone) const {
  std::call_once(formulas_checked_, [&] {
    formulas_.environment = formula_environment(zone);
    for (std::size_t i = 0; i < definition_.fields.size(); ++i) {
      const auto& field = definition_.fields[i];
      if (!field.is_computed() || field.at_read) continue;
      if (field.kept) {
        formulas_.kept.push_back(i);
      } else {
        formulas_.formulas.push_back(
            {i, query::check_value(field.formula_tree, *this, formulas_.environment)});
      }
    }
  });
  return formulas_;
}

const query::Property* ObjectSchema::property(std::string_view name) const {
  const int found = definition_.field_index(name);
  return found < 0 ? nullptr : &properties_[static_cast<std::size_t>(found)];
}

const query::Navigation* ObjectSchema::navigation(std::string_view name) const {
  for (const auto& navigation : navigations_) {
    if (navigation.name == name) return &navigation;
  }
  return nullptr;
}

const FieldDefinition* ObjectSchema::navigation_field(std::string_view name) const {
  for (const auto& field : definition_.fields) {
    if (field.is_reference() && field.navigation() == name) return &field;
  }
  return nullptr;
}

Schema::Schema(const std::vector<ObjectDefinition>& definitions) {
  for (const auto& definition : definitions) {
    objects_.push_back(std::make_unique<ObjectSchema>(definition));
    by_name_.emplace(definition.name, objects_.back().get());
    by_collection_.emplace(definition.collection, objects_.back().get());
  }
  for (const auto& object : objects_) {
    for (const auto& field : object->definition_.fields) {
      if (!field.is_reference() || field.multiple) continue;
      const auto target = by_name_.find(field.target);
      if (target == by_name_.end()) {
        throw base::Error(
            base::ErrorKind::Invalid, "definition.invalid",
            {{"object", object->definition_.name}, {"reason", "unknown target " + field.target}});
      }
      object->navigations_.push_back({field.navigation(), target->second, false, field.name});
      // Users and departments own nearly everything; their reverse side would be noise.
      if (field.type != FieldType::Reference || field.system) continue;
      auto& reverse = target->second->navigations_;
      std::string name = object->definition_.collection;
      if (target->second->navigation(name) != nullptr) name += "_by_" + field.navigation();
      reverse.push_back({name, object.get(), true, field.name});
    }
  }
  for (const auto& object : objects_) {
    const auto& fields = object->definition_.fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!fields[i].kept) continue;
      const auto* children = object->navigation(fields[i].formula_tree->path.front());
      if (children == nullptr || !children->to_many) {
        throw base::Error(base::ErrorKind::Invalid, "definition.invalid",
                          {{"object", object->definition_.name},
                           {"reason", fields[i].name + " follows no children"}});
      }
      kept_.push_back({object.get(), i, find(children->target->name()), children->foreign_key});
    }
  }
}

const ObjectSchema* Schema::find(std::string_view object) const {
  const auto found = by_name_.find(std::string(object));
  return found == by_name_.end() ? nullptr : found->second;
}

const ObjectSchema* Schema::by_collection(std::string_view collection) const {
  const auto found = by_collection_.find(std::string(collection));
  return found == by_collection_.end() ? nullptr : found->second;
}

const ObjectSchema& Schema::at(std::string_view object) const {
  const auto* found = find(object);
  if (found == nullptr) {
    throw base::Error(base::ErrorKind::Internal, "internal", {},
                      "unknown object " + std::string(object));
  }
  return *found;
}

}  // namespace kehai::record
