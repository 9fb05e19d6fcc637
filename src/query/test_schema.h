// A small company for the tests and the fuzzer: accounts with regions, parents, opportunities and
// tags, as entities, as records in memory, and as tables. The data is chosen to hurt: nulls,
// extremes, unicode, days when clocks changed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "db/database.h"
#include "query/checker.h"
#include "query/entity.h"
#include "query/evaluate.h"

namespace kehai::query::testing {

class ToyEntity final : public Entity {
 public:
  ToyEntity(std::string name, bool soft_delete)
      : name_(std::move(name)), soft_delete_(soft_delete) {}

  std::string_view name() const override { return name_; }
  std::string_view table() const override { return name_; }
  const Property* property(std::string_view name) const override;
  const Navigation* navigation(std::string_view name) const override;
  bool soft_delete() const override { return soft_delete_; }

  const RowAccess* row_access() const override { return restricted_ ? &access_ : nullptr; }
  void restrict_rows(RowAccess access);

  Property& add(std::string name, FieldType type);
  void add(Navigation navigation);
  // In order of addition; multi-valued ones too.
  const std::vector<std::unique_ptr<Property>>& properties() const { return properties_; }

 private:
  std::string name_;
  bool soft_delete_;
  bool restricted_ = false;
  RowAccess access_;
  std::vector<std::unique_ptr<Property>> properties_;
  std::vector<std::unique_ptr<Navigation>> navigations_;
};

// Entities that point at each other; not movable.
class ToySchema {
 public:
  ToySchema();
  ToySchema(const ToySchema&) = delete;
  ToySchema& operator=(const ToySchema&) = delete;

  ToyEntity account{"account", true};
  ToyEntity region{"region", false};
  ToyEntity opportunity{"opportunity", true};
};

std::string toy_fold(std::string_view text);

class ToyData;

class ToyRecord final : public RecordSource {
 public:
  ToyRecord(const ToyData& data, const ToyEntity& entity) : data_(data), entity_(entity) {}

  base::Value get(const Property& property) const override;
  const RecordSource* to_one(const Navigation& navigation) const override;
  void to_many(const Navigation& navigation,
               const std::function<bool(const RecordSource&)>& each) const override;
  base::Values values(const Property& property) const override;

  const ToyEntity& entity() const { return entity_; }
  // Neither deleted nor outside the rights: exists for navigations.
  bool is_visible() const;
  std::int64_t id() const { return fields.at("id").as_int(); }

  std::map<std::string, base::Value, std::less<>> fields;
  std::map<std::string, base::Values, std::less<>> multi;

 private:
  const ToyData& data_;
  const ToyEntity& entity_;
};

class ToyData {
 public:
  // The first account's level is the greatest integer but one.
  ToyData(const ToySchema& schema, base::Random& random, int accounts);
  ToyData(const ToyData&) = delete;
  ToyData& operator=(const ToyData&) = delete;

  const std::vector<std::unique_ptr<ToyRecord>>& records(const Entity& entity) const;
  // Creates the tables and inserts everything, in one migration.
  void store(db::Database& database) const;

 private:
  ToyRecord& add(const ToyEntity& entity);
  void fill(ToyRecord& record, base::Random& random);

  std::map<const Entity*, std::vector<std::unique_ptr<ToyRecord>>> records_;
};

// Values worth trying, as stored; also the source of the generator's literals.
const std::vector<std::string>& tricky_texts();
const std::vector<std::int64_t>& tricky_integers();
const std::vector<std::int64_t>& tricky_dates();
const std::vector<std::int64_t>& tricky_instants();

// Asia/Shanghai, a fixed now, user 7 of department 3 (and 4 below), toy_fold.
Environment toy_environment(const base::TimeZone& zone);

}  // namespace kehai::query::testing
