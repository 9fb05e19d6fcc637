// An immutable snapshot of all definitions with what follows from them: query properties,
// navigations, column lists. Shared by pointer; a change of the schema makes a new snapshot.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "db/row_insert.h"
#include "query/checker.h"
#include "query/entity.h"
#include "record/definition.h"
#include "record/indexes.h"

namespace kehai::record {

// The formulas that Tx computes with every write, with their types.
struct StoredFormulas {
  query::Environment environment;
  struct Formula {
    std::size_t field = 0;
    query::ExpressionPtr expression;
  };
  std::vector<Formula> formulas;
  std::vector<std::size_t> kept;  // fields that follow the children
};

// The unrestricted view of one object for rules and code; requests use EntityView (entity_view.h).
class ObjectSchema : public query::Entity {
 public:
  explicit ObjectSchema(ObjectDefinition definition);

  const ObjectDefinition& definition() const { return definition_; }
  const std::vector<query::Property>& properties() const { return properties_; }  // by field index
  const std::vector<query::Navigation>& navigations() const { return navigations_; }
  // Stored columns in field order with the given alias ("t0"); multi-valued fields are not among
  // them.
  const std::vector<std::size_t>& stored_fields() const { return stored_fields_; }
  const std::vector<Index>& indexes() const { return indexes_; }
  // How rows go into the object's own table, and values into that of a multi-valued field.
  const std::shared_ptr<const db::RowInsert>& row_insert() const { return row_insert_; }
  const std::shared_ptr<const db::RowInsert>& value_insert(std::size_t field) const;
  // The statement that Store loads rows with, up to its condition on the id.
  const std::string& select_by_id() const { return select_by_id_; }
  // Checked once; a schema has one time zone, its engine's.
  const StoredFormulas& stored_formulas(const base::TimeZone& zone) const;
  // Reference field behind a to-one navigation, null for to-many.
  const FieldDefinition* navigation_field(std::string_view navigation) const;

  std::string_view name() const override { return definition_.name; }
  std::string_view table() const override { return definition_.name; }
  const query::Property* property(std::string_view name) const override;
  const query::Navigation* navigation(std::string_view name) const override;
  bool soft_delete() const override { return !definition_.configuration; }

 private:
  friend class Schema;
  ObjectDefinition definition_;
  std::vector<query::Property> properties_;
  std::vector<query::Navigation> navigations_;
  std::vector<std::size_t> stored_fields_;
  std::vector<Index> indexes_;
  std::shared_ptr<const db::RowInsert> row_insert_;
  std::unordered_map<std::size_t, std::shared_ptr<const db::RowInsert>> value_inserts_;
  std::string select_by_id_;
  mutable std::once_flag formulas_checked_;
  mutable StoredFormulas formulas_;
};

// A kept column (FieldDefinition::kept) and the reference of the children that it follows.
struct KeptColumn {
  const ObjectSchema* parent = nullptr;
  std::size_t field = 0;
  const ObjectSchema* child = nullptr;
  std::string reference;
};

class Schema {
 public:
  explicit Schema(const std::vector<ObjectDefinition>& definitions);
  const ObjectSchema* find(std::string_view object) const;
  const ObjectSchema* by_collection(std::string_view collection) const;
  // Throws Internal for unknown objects: only code asks this way.
  const ObjectSchema& at(std::string_view object) const;
  const std::vector<std::unique_ptr<ObjectSchema>>& objects() const { return objects_; }
  const std::vector<KeptColumn>& kept() const { return kept_; }

 private:
  std::vector<std::unique_ptr<ObjectSchema>> objects_;
  std::unordered_map<std::string, ObjectSchema*> by_name_;
  std::unordered_map<std::string, ObjectSchema*> by_collection_;
  std::vector<KeptColumn> kept_;
};

// Table of a multi-valued field: <object>__<field>(record_id, position, value).
std::string multi_table(const ObjectDefinition& object, const FieldDefinition& field);

}  // namespace kehai::record
