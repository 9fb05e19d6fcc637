#include "record/formulas.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/text/fold.h"
#include "query/evaluate.h"
#include "record/entity_view.h"
#include "record/fields/field_kit.h"
#include "record/record_view.h"

namespace kehai::record {

namespace {

bool has_computed_at_read(const ObjectSchema& object) {
  const auto& fields = object.definition().fields;
  return std::any_of(fields.begin(), fields.end(),
                     [](const auto& field) { return field.is_computed() && field.at_read; });
}

// The records of one kind that a page of records leads to, loaded together.
class Level {
 public:
  Level(db::Reader& reader, Engine& engine, const Actor& actor, const ObjectSchema& object)
      : reader_(reader), engine_(engine), actor_(actor), object_(object) {}

  void add(const Record& record) { views_.try_emplace(record.id(), *this, record); }
  const query::RecordSource* find(RecordId id) const {
    const auto found = views_.find(id);
    return found == views_.end() ? nullptr : &found->second;
  }

 private:
  class View : public RecordView {
   public:
    View(Level& level, const Record& record) : RecordView(record), level_(level) {}
    const query::RecordSource* to_one(const query::Navigation& navigation) const override {
      return level_.behind(navigation).find(record().integer(navigation.foreign_key));
    }

   private:
    Level& level_;
  };

  Level& behind(const query::Navigation& navigation) {
    auto& level = behind_[navigation.name];
    if (level) return *level;
    const auto schema = engine_.schema();
    const auto& target = schema->at(navigation.target->name());
    level = std::make_unique<Level>(reader_, engine_, actor_, target);
    std::set<RecordId> ids;
    for (const auto& [id, view] : views_) {
      const auto target_id = view.record().integer(navigation.foreign_key);
      if (target_id != 0) ids.insert(target_id);
    }
    level->load({ids.begin(), ids.end()});
    return *level;
  }

  // Rows that hide fields are left out whole, as navigations of filters do.
  void load(const std::vector<RecordId>& ids) {
    if (!engine_.access().may(actor_, object_.definition(), "read")) return;
    const RowScope scope = engine_.access().scope(actor_, object_.definition(), "read");
    for (auto& record : engine_.store().load_many(reader_, object_, ids)) {
      std::vector<std::string> hidden;
      if (record.is_null("deleted_at") && admits(scope, record, &hidden) && hidden.empty())
        add(*loaded_.emplace_back(std::make_unique<Record>(std::move(record))));
    }
  }

  db::Reader& reader_;
  Engine& engine_;
  const Actor& actor_;
  const ObjectSchema& object_;
  std::vector<std::unique_ptr<Record>> loaded_;
  std::map<RecordId, View> views_;
  std::map<std::string, std::unique_ptr<Level>> behind_;
};

// Null when this reader may not look at what the formula reads.
query::ExpressionPtr visible_formula(const FieldDefinition& field, const query::Entity& entity,
                                     const query::Environment& environment) {
  try {
    return query::check_value(field.formula_tree, entity, environment);
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::Invalid) throw;
    return nullptr;
  }
}

bool reads_changed(const FieldDefinition& field, const Record& before, const Record& after) {
  return std::any_of(field.reads.begin(), field.reads.end(), [&](const std::string& name) {
    return !(before.get(name) == after.get(name));
  });
}

}  // namespace

query::Environment formula_environment(const base::TimeZone& zone) {
  query::Environment environment;
  environment.zone = &zone;
  environment.fold = [](std::string_view text) { return text::fold(text); };
  return environment;
}

void check_formulas(const Schema& schema, const base::TimeZone& zone) {
  constexpr std::int64_t kNobody = 1;
  auto environment = query::Environment::make(zone, 0, kNobody, kNobody, {});
  environment.fold = formula_environment(zone).fold;
  for (const auto& object : schema.objects()) {
    for (const auto& field : object->definition().fields) {
      if (!field.is_computed()) continue;
      const auto refuse = [&](const std::string& reason) {
        throw base::Error(
            base::ErrorKind::Invalid, "definition.invalid",
            {{"object", object->definition().name}, {"reason", field.name + ": " + reason}});
      };
      try {
        const auto expression = query::check_value(field.formula_tree, *object, environment);
        const auto& type = expression->type;
        if (type.type != query::Type::Null && !(type == field_kit(field.type).query_type(field)))
          refuse("the formula gives another type or scale than its result");
      } catch (const base::Error& error) {
        if (error.code() == "definition.invalid") throw;
        refuse(error.code());
      }
    }
  }
}

bool is_read_by_changes(const ObjectDefinition& object, std::size_t field, const Record& before,
                        const Record& after) {
  const auto& name = object.fields[field].name;
  return std::any_of(object.fields.begin(), object.fields.end(), [&](const auto& computed) {
    return computed.is_computed() && !computed.at_read &&
           std::find(computed.reads.begin(), computed.reads.end(), name) != computed.reads.end() &&
           reads_changed(computed, before, after);
  });
}

void compute_stored(const ObjectSchema& object, const base::TimeZone& zone, Record& record,
                    const Record* before) {
  const auto& stored = object.stored_formulas(zone);
  const auto& fields = object.definition().fields;
  for (const std::size_t i : stored.kept) {
    if (record.at(i).is_null()) record.at(i) = Value(false);
  }
  const query::Evaluator evaluator(stored.environment);
  const RecordView view(record);
  for (const auto& [i, expression] : stored.formulas) {
    if (before != nullptr && !reads_changed(fields[i], *before, record)) continue;
    record.at(i) = evaluator.value(expression, view);
  }
}

void compute_at_read(db::Reader& reader, Engine& engine, const Actor& actor,
                     const ObjectSchema& object, std::vector<TypedRow>& rows) {
  if (rows.empty() || !has_computed_at_read(object)) return;
  const auto schema = engine.schema();
  EntityView view(*schema, engine.access(), actor);
  const auto environment = engine.environment(actor);
  const query::Evaluator evaluator(environment);
  Level page(reader, engine, actor, object);
  for (const auto& row : rows) page.add(row.record);
  const auto& fields = object.definition().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].at_read) continue;
    const auto expression = visible_formula(fields[i], view.entity(object), environment);
    if (!expression) continue;
    for (auto& row : rows)
      row.record.at(i) = evaluator.value(expression, *page.find(row.record.id()));
  }
}

}  // namespace kehai::record
