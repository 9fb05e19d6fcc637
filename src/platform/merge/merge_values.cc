#include "platform/merge/merge_values.h"

#include <algorithm>

namespace kehai::platform {

using record::Draft;
using record::FieldDefinition;
using record::Record;
using record::RecordId;
using record::Value;
using record::Values;

std::vector<const Record*> MergeSet::losers() const {
  std::vector<const Record*> out;
  for (std::size_t i = 1; i < records.size(); ++i) out.push_back(&records[i]);
  return out;
}

bool MergeSet::contains(RecordId id) const {
  return std::any_of(records.begin(), records.end(),
                     [&](const Record& record) { return record.id() == id; });
}

void MergeCheck::refuse(std::string code, base::Params params) const {
  refusals.emplace_back(base::ErrorKind::Conflict, std::move(code), std::move(params));
}

std::vector<const MergeHooks*> MergeRules::hooks(std::string_view object) const {
  std::vector<const MergeHooks*> out;
  for (const auto& hooks : hooks_) {
    if (hooks.object.empty() || hooks.object == object) out.push_back(&hooks);
  }
  return out;
}

namespace {

bool refers_to_set(const MergeSet& set, const FieldDefinition& field, const Value& value) {
  return field.target == set.object->name() && value.is_int() && set.contains(value.as_int());
}

bool has_value(const MergeSet& set, const FieldDefinition& field, const Record& record) {
  const auto& value = record.get(field.name);
  return !value.is_null() && !refers_to_set(set, field, value);
}

Values united(const MergeSet& set, const FieldDefinition& field) {
  Values out;
  for (const auto& record : set.records) {
    for (const auto& value : record.many(field.name)) {
      if (!refers_to_set(set, field, value) &&
          std::find(out.begin(), out.end(), value) == out.end())
        out.push_back(value);
    }
  }
  return out;
}

const Record* find(const MergeSet& set, RecordId id) {
  for (const auto& record : set.records) {
    if (record.id() == id) return &record;
  }
  return nullptr;
}

}  // namespace

bool is_choosable(const record::ObjectDefinition& object, const FieldDefinition& field) {
  return !field.system && !field.read_only && !field.state && !field.is_computed() &&
         field.name != "owner_id" && field.name != object.parent_field;
}

RecordId value_source(const MergeSet& set, const FieldDefinition& field,
                      const MergeChoices& choices) {
  if (const auto chosen = choices.find(field.name); chosen != choices.end()) return chosen->second;
  if (has_value(set, field, set.master())) return set.master().id();
  const Record* newest = nullptr;
  for (const auto* loser : set.losers()) {
    if (!has_value(set, field, *loser)) continue;
    if (newest == nullptr || loser->integer("updated_at") > newest->integer("updated_at"))
      newest = loser;
  }
  return newest == nullptr ? 0 : newest->id();
}

Draft merged_values(const MergeSet& set, const MergeChoices& choices, const MergeRules& rules) {
  Draft draft;
  const auto& object = set.object->definition();
  for (const auto& field : object.fields) {
    if (field.multiple && !field.system && !field.is_computed()) {
      draft.many[field.name] = united(set, field);
    } else if (is_choosable(object, field)) {
      const auto* source = find(set, value_source(set, field, choices));
      const bool blank = source == nullptr || !has_value(set, field, *source);
      draft.set(field.name, blank ? Value() : source->get(field.name));
    } else if (refers_to_set(set, field, set.master().get(field.name))) {
      draft.set(field.name, Value());
    }
  }
  for (const auto* hooks : rules.hooks(object.name)) {
    if (hooks->adjust) hooks->adjust(set, draft);
  }
  std::erase_if(draft.values,
                [&](const auto& entry) { return set.master().get(entry.first) == entry.second; });
  std::erase_if(draft.many,
                [&](const auto& entry) { return set.master().many(entry.first) == entry.second; });
  return draft;
}

}  // namespace kehai::platform
