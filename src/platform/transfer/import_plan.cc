#include "platform/transfer/import_plan.h"

#include <algorithm>
#include <set>

#include "platform/transfer/import_companions.h"

namespace kehai::platform {

using record::FieldDefinition;
using record::FieldType;

namespace {

bool is_authorship(std::string_view field) {
  return field == "created_at" || field == "created_by";
}

// What follows from work and decisions: given by actions, or by whoever may bring in history.
// Owner and pool are chosen for new records by everybody, within the rules of their modules.
bool is_history(const FieldDefinition& field) {
  return is_authorship(field.name) ||
         (field.state && field.name != "owner_id" && field.name != "pool_id");
}

bool is_filled(const ImportPlan& plan, const FieldDefinition& field) {
  const auto one = plan.defaults.values.find(field.name);
  if (one != plan.defaults.values.end() && !one->second.is_null()) return true;
  if (plan.defaults.many.contains(field.name) || !field.default_value.is_null()) return true;
  return std::any_of(plan.columns.begin(), plan.columns.end(),
                     [&](const PlannedColumn& column) { return column.field == &field; });
}

class Planner {
 public:
  // `link`: what the run itself fills in.
  Planner(record::Engine& engine, const record::Actor& actor, const FieldDefinition* link,
          ImportPlan& plan)
      : engine_(engine), actor_(actor), settings_(plan.settings), link_(link), plan_(plan) {}

  void add_columns(const std::vector<std::string>& names) {
    std::set<std::string> taken;
    for (const auto& [name, target] : settings_.mapping) {
      const auto at = std::find(names.begin(), names.end(), name);
      if (at == names.end()) {
        wrong("mapping", "import.unknown_column", {{"column", name}});
        continue;
      }
      if (target.empty() || !parse_mapping_target(target).companion.empty()) continue;
      add_column({static_cast<std::size_t>(at - names.begin()), name, nullptr, false, false},
                 target, taken);
    }
    // In the file's order, so that a province comes before its city.
    std::sort(plan_.columns.begin(), plan_.columns.end(),
              [](const PlannedColumn& a, const PlannedColumn& b) { return a.index < b.index; });
  }

  void add_defaults() {
    base::JsonObject defaults;
    for (const auto& member : settings_.defaults) {
      const auto* field = plan_.definition().field(std::string_view(member.key()));
      if (field != nullptr && lacks_right(*field)) {
        refuse_history("defaults." + field->name, *field);
      } else {
        defaults[member.key()] = member.value();
      }
    }
    if (settings_.owner_id != 0) defaults["owner_id"] = settings_.owner_id;
    if (settings_.pool_id != 0) defaults["pool_id"] = settings_.pool_id;
    record::WriteOptions ignored;
    try {
      plan_.defaults = engine_.coerce(actor_, *plan_.object, defaults, !settings_.update, ignored);
    } catch (const base::Error& error) {
      for (const auto& field : error.field_errors())
        wrong("defaults." + field.field, field.code, field.params);
    }
  }

  void check_complete() {
    if (!settings_.update) {
      for (const auto& field : plan_.definition().fields) {
        if (field.required && !field.system && &field != link_ && !is_filled(plan_, field))
          wrong(field.name, "import.column_missing", {});
      }
    } else if (std::none_of(plan_.columns.begin(), plan_.columns.end(),
                            [](const PlannedColumn& column) { return column.is_key; })) {
      wrong("key", settings_.key.empty() ? "field.required" : "import.key_not_mapped", {});
    }
    if (plan_.columns.empty()) wrong("mapping", "import.nothing_mapped", {});
  }

  void add_creates() {
    const auto creatable = creatable_references(engine_, *plan_.schema, actor_, plan_.definition());
    for (const auto& name : settings_.create_missing) {
      const auto found = std::find_if(creatable.begin(), creatable.end(),
                                      [&](const auto* field) { return field->name == name; });
      if (found == creatable.end()) {
        wrong("create_missing", "import.cannot_create", {{"field", name}});
      } else {
        plan_.creates.insert(*found);
      }
    }
  }

  // An update finds the record and changes it; it brings nothing along.
  void add_companions(const std::vector<std::string>& columns, bool complete) {
    std::map<std::string, std::map<std::string, std::string>> mappings;
    for (const auto& [column, target] : settings_.mapping) {
      const auto parsed = parse_mapping_target(target);
      if (!parsed.companion.empty()) mappings[parsed.companion][column] = parsed.field;
    }
    const auto links = companion_links(engine_, *plan_.schema, actor_, plan_.definition());
    for (const auto& [object, mapping] : mappings) {
      const auto link = std::find_if(links.begin(), links.end(),
                                     [&](const auto& each) { return each.object == object; });
      if (settings_.update || link == links.end()) {
        wrong("mapping", "import.unknown_field",
              {{"field", object + "." + mapping.begin()->second}});
        continue;
      }
      add_companion(*link, mapping, columns, complete);
    }
  }

  void finish() {
    if (!errors_.empty()) throw base::Error::fields(std::move(errors_));
  }

 private:
  void wrong(std::string field, std::string code, base::Params params) {
    errors_.push_back({std::move(field), std::move(code), std::move(params)});
  }

  void add_companion(const CompanionLink& link, const std::map<std::string, std::string>& mapping,
                     const std::vector<std::string>& columns, bool complete) {
    CompanionPlan companion;
    companion.link = link.field;
    companion.plan.schema = plan_.schema;
    companion.plan.object = &plan_.schema->at(link.object);
    companion.plan.settings.mapping = mapping;
    companion.plan.settings.source = settings_.source;
    companion.plan.settings.values = settings_.values;
    companion.plan.settings.duplicates = settings_.duplicates;
    Planner planner(engine_, actor_, link.field, companion.plan);
    planner.add_columns(columns);
    planner.add_defaults();
    if (complete) planner.check_complete();
    for (auto& error : planner.errors_) {
      // Errors of the mapping name the field among their values.
      std::string& named = error.field == "mapping" ? error.params["field"] : error.field;
      named.insert(0, link.object + ".");
      errors_.push_back(std::move(error));
    }
    plan_.companions.push_back(std::move(companion));
  }

  // Of fields that the person sees; of others nothing is said.
  bool lacks_right(const FieldDefinition& field) const {
    const auto& policy = engine_.access();
    return is_history(field) && !settings_.update &&
           policy.field_access(actor_, plan_.definition(), field) != record::FieldAccess::Hidden &&
           !policy.may(actor_, plan_.definition(), kImportHistory);
  }

  void refuse_history(std::string at, const FieldDefinition& field) {
    wrong(std::move(at), "import.needs_history", {{"field", field.labels.in(actor_.language)}});
  }

  void add_column(PlannedColumn column, const std::string& target, std::set<std::string>& taken) {
    const auto& definition = plan_.definition();
    column.is_key = settings_.update && target == settings_.key;
    const auto* field = definition.field(target);
    const bool finds_only = target == "id" || (target == "code" && field != nullptr);
    if (target == kExternalId) {
      column.is_external_id = true;
    } else if (finds_only) {
      if (!settings_.update)
        return;  // our own export read in as new records: their ids mean nothing
    } else if (field != nullptr && lacks_right(*field)) {
      return refuse_history("mapping", *field);
    } else if (field == nullptr ||
               !is_importable(engine_.access(), actor_, definition, *field, settings_.update)) {
      return wrong("mapping", "import.unknown_field", {{"field", target}});
    } else {
      column.field = field;
    }
    const bool several = field != nullptr && takes_several_columns(*field);
    if (!taken.insert(target).second && !several)
      return wrong("mapping", "import.mapped_twice", {{"field", target}});
    plan_.keeps_authorship = plan_.keeps_authorship || is_authorship(target);
    plan_.columns.push_back(std::move(column));
  }

  record::Engine& engine_;
  const record::Actor& actor_;
  const ImportSettings& settings_;
  const FieldDefinition* link_;
  ImportPlan& plan_;
  std::vector<base::FieldError> errors_;
};

}  // namespace

bool is_importable(const record::AccessPolicy& policy, const record::Actor& actor,
                   const record::ObjectDefinition& object, const FieldDefinition& field,
                   bool update) {
  if (is_history(field) && !policy.may(actor, object, kImportHistory)) return false;
  if (is_authorship(field.name)) {
    return !update && policy.field_access(actor, object, field) != record::FieldAccess::Hidden;
  }
  if (field.is_computed() || field.type == FieldType::File || field.type == FieldType::Serial)
    return false;
  if (field.state ? update : field.read_only) return false;
  return policy.field_access(actor, object, field) == record::FieldAccess::Edit;
}

bool takes_several_columns(const FieldDefinition& field) {
  return field.type == FieldType::Region || field.type == FieldType::Address ||
         field.type == FieldType::LongText;
}

std::vector<std::string> column_names(const TableInfo& info, std::size_t width) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < std::max(info.columns.size(), width); ++i) {
    std::string name = i < info.columns.size() ? info.columns[i] : "";
    if (name.empty()) name = "#" + std::to_string(i + 1);
    const std::string written = name;
    for (int copy = 2; !taken.insert(name).second; ++copy)
      name = written + " (" + std::to_string(copy) + ")";
    names.push_back(std::move(name));
  }
  return names;
}

ImportPlan make_plan(record::Engine& engine, const record::Actor& actor, const std::string& object,
                     const ImportSettings& settings, const std::vector<std::string>& columns,
                     bool complete) {
  ImportPlan plan;
  plan.schema = engine.schema();
  plan.object = &plan.schema->at(object);
  plan.settings = settings;
  Planner planner(engine, actor, nullptr, plan);
  planner.add_columns(columns);
  planner.add_defaults();
  planner.add_creates();
  planner.add_companions(columns, complete);
  if (complete) planner.check_complete();
  planner.finish();
  return plan;
}

}  // namespace kehai::platform
