// What a merge would do, side by side, in the words of one person.
#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "platform/merge/merge.h"
#include "record/field_reader.h"
#include "record/fields/field_kit.h"
#include "record/files.h"
#include "record/render.h"

namespace kehai::platform {

using record::FieldDefinition;
using record::Record;
using record::RecordId;
using record::Value;

namespace {

class Texts {
 public:
  Texts(record::Engine& engine, const record::Actor& actor) : engine_(engine), actor_(actor) {}

  void want(const FieldDefinition& field, const Record& record) {
    for (const RecordId file : record::files_in(record, field)) wanted_files_.push_back(file);
    if (!field.is_reference()) return;
    const auto add = [&](const Value& value) {
      if (value.is_int()) wanted_[field.target].insert(value.as_int());
    };
    if (!field.multiple) return add(record.get(field.name));
    for (const auto& value : record.many(field.name)) add(value);
  }
  void load() {
    for (const auto& [object, ids] : wanted_)
      names_[object] = engine_.titles(actor_, object, {ids.begin(), ids.end()});
    if (wanted_files_.empty()) return;
    engine_.database().read(
        [&](db::Reader& reader) { files_ = record::file_infos(reader, wanted_files_); });
  }
  std::string text(const FieldDefinition& field, const Record& record) const {
    if (!field.multiple) return one(field, record.get(field.name), record.definition());
    std::string out;
    for (const auto& value : record.many(field.name))
      out += (out.empty() ? "" : "、") + one(field, value, record.definition());
    return out;
  }
  std::string name(const std::string& object, std::int64_t id) const {
    const auto found = names_.find(object);
    if (id == 0) return "";
    if (found == names_.end() || !found->second.contains(id)) return record::kVeil;
    return found->second.at(id);
  }

 private:
  std::string one(const FieldDefinition& field, const Value& value,
                  const record::ObjectDefinition& object) const {
    if (value.is_null()) return "";
    if (field.is_reference()) return name(field.target, value.int_or(0));
    if (engine_.access().is_masked(actor_, object, field)) return record::masked_text(field, value);
    if (field.type == record::FieldType::File) return record::file_name(value, files_);
    const record::TextContext context{actor_.language, &engine_.zone()};
    return record::field_kit(field.type).show(value, field, context);
  }

  record::Engine& engine_;
  const record::Actor& actor_;
  std::map<std::string, std::set<RecordId>> wanted_;
  std::map<std::string, std::map<RecordId, std::string>> names_;
  std::vector<RecordId> wanted_files_;
  record::FileInfos files_;
};

bool differs(const MergeSet& set, const FieldDefinition& field) {
  return std::any_of(set.records.begin(), set.records.end(), [&](const Record& record) {
    return field.multiple ? record.many(field.name) != set.master().many(field.name)
                          : !(record.get(field.name) == set.master().get(field.name));
  });
}

bool is_empty(const MergeSet& set, const FieldDefinition& field) {
  return std::all_of(set.records.begin(), set.records.end(), [&](const Record& record) {
    return field.multiple ? record.many(field.name).empty() : record.is_null(field.name);
  });
}

// Fields that a person decides about, and who has the record.
bool is_shown(const record::ObjectDefinition& object, const FieldDefinition& field) {
  return is_choosable(object, field) || field.state || field.name == "owner_id";
}

std::vector<const FieldDefinition*> shown_fields(record::Engine& engine, const record::Actor& actor,
                                                 const MergeSet& set) {
  const auto& object = set.object->definition();
  std::set<std::string> hidden;
  const auto scope = engine.access().scope(actor, object, "read");
  for (const auto& record : set.records) {
    std::vector<std::string> names;
    admits(scope, record, &names);
    hidden.insert(names.begin(), names.end());
  }
  std::vector<const FieldDefinition*> out;
  for (const auto& field : object.fields) {
    if (!is_shown(object, field) || hidden.contains(field.name) || is_empty(set, field) ||
        engine.access().field_access(actor, object, field) == record::FieldAccess::Hidden)
      continue;
    out.push_back(&field);
  }
  return out;
}

std::int64_t count_equal(db::Reader& reader, const MergeSet& set, const EqualChildren& rule) {
  std::map<std::string, std::set<RecordId>> parents;
  const db::Table table(rule.child);
  constexpr int kEnough = 2000;
  for (const auto& record : set.records) {
    table.select_each(
        reader,
        {{rule.key},
         {{rule.reference, db::Compare::Equal, record.id()},
          {"deleted_at", db::Compare::IsNull, {}},
          {rule.key, db::Compare::IsNotNull, {}}},
         {},
         kEnough,
         false},
        [&](const db::Row& row) { parents[std::string(row.get_text(0))].insert(record.id()); });
  }
  return std::count_if(parents.begin(), parents.end(),
                       [](const auto& entry) { return entry.second.size() > 1; });
}

}  // namespace

MergePreview Merges::preview(record::Engine& engine, const record::Actor& actor,
                             const MergeRequest& request) const {
  MergePreview out;
  out.schema = engine.schema();
  check_request_of(engine, actor, request);
  MergeSet set;
  engine.database().read([&](db::Reader& reader) {
    out.children.clear();
    set = load(engine, actor, *out.schema, request, [&](RecordId id) {
      auto record = engine.store().load(reader, out.schema->at(request.object), id, false);
      if (record && !record->is_null("deleted_at")) record.reset();
      return record;
    });
    out.refusals = refusals(engine, reader, actor, set);
    std::vector<RecordId> losers;
    for (const auto* loser : set.losers()) losers.push_back(loser->id());
    for (const auto& object : out.schema->objects()) {
      const auto& definition = object->definition();
      if (definition.internal || !engine.access().may(actor, definition, "read")) continue;
      MergePreview::Child child{definition.name, 0, 0};
      for (const auto& field : definition.fields) {
        if (field.target == request.object && field.is_reference())
          child.count += record::count_referrers(reader, *object, field, losers);
      }
      for (const auto& rule : rules_->equal_children()) {
        if (rule.object == request.object && rule.child == definition.name && child.count > 0)
          child.equal += count_equal(reader, set, rule);
      }
      if (child.count > 0) out.children.push_back(child);
    }
  });
  const auto& object = set.object->definition();
  const auto fields = shown_fields(engine, actor, set);
  Texts texts(engine, actor);
  const auto* owner = object.owned ? object.field("owner_id") : nullptr;
  for (const auto& record : set.records) {
    for (const auto* field : fields) texts.want(*field, record);
    if (owner != nullptr) texts.want(*owner, record);
  }
  texts.load();
  const record::FieldReader reader(engine.access(), actor, object);
  for (const auto& record : set.records) {
    out.titles.push_back(reader.title(record));
    out.owners.push_back(owner == nullptr ? "" : texts.name("user", record.integer("owner_id")));
  }
  for (const auto* field : fields) {
    MergePreview::Field shown;
    shown.definition = field;
    for (const auto& record : set.records) shown.texts.push_back(texts.text(*field, record));
    shown.differs = differs(set, *field);
    shown.choosable =
        !field->multiple && is_choosable(object, *field) &&
        engine.access().field_access(actor, object, *field) == record::FieldAccess::Edit;
    if (field->multiple) {
      for (const auto& record : set.records) shown.chosen.push_back(record.id());
    } else if (is_choosable(object, *field)) {
      if (const auto source = value_source(set, *field, request.choices); source != 0)
        shown.chosen.push_back(source);
    } else {
      shown.chosen.push_back(set.master().id());
    }
    out.fields.push_back(std::move(shown));
  }
  out.records = std::move(set.records);
  return out;
}

}  // namespace kehai::platform
