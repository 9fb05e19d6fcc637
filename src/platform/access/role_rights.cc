#include "platform/access/role_rights.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace kehai::platform {

namespace {

const db::Table kRight("role_right");
const db::Table kRule("role_field_rule");

constexpr std::array<std::string_view, 7> kScopeNames = {
    "none", "own", "subordinates", "department", "department_below", "departments", "all"};
constexpr std::array<std::string_view, 3> kAccessNames = {"hidden", "read", "edit"};
constexpr std::size_t kMaximumActions = 200;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

ObjectRights rights_of(const db::Row& row, int first) {
  ObjectRights rights;
  rights.actions = split(row.get_text(first));
  // A word that this version does not know grants nothing.
  rights.scope = parse_scope(row.get_text(first + 1)).value_or(Scope::None);
  for (const auto& word : split(row.get_text(first + 2))) {
    std::int64_t id = 0;
    std::from_chars(word.data(), word.data() + word.size(), id);
    if (id != 0) rights.departments.push_back(id);
  }
  return rights;
}

FieldRule rule_of(const db::Row& row, int first) {
  return {parse_field_access(row.get_text(first)).value_or(record::FieldAccess::Hidden),
          row.get_int(first + 1) != 0};
}

bool is_word(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= 60 && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), allowed);
}

const record::ObjectDefinition* find_object(const record::Registry& registry,
                                            const std::string& name) {
  for (const auto& definition : registry.definitions()) {
    if (definition.name == name) return &definition;
  }
  return nullptr;
}

}  // namespace

std::string_view scope_name(Scope scope) {
  return kScopeNames[static_cast<std::size_t>(scope)];
}

std::optional<Scope> parse_scope(std::string_view name) {
  const auto found = std::find(kScopeNames.begin(), kScopeNames.end(), name);
  if (found == kScopeNames.end()) return std::nullopt;
  return static_cast<Scope>(found - kScopeNames.begin());
}

std::string_view field_access_name(record::FieldAccess access) {
  return kAccessNames[static_cast<std::size_t>(access)];
}

std::optional<record::FieldAccess> parse_field_access(std::string_view name) {
  const auto found = std::find(kAccessNames.begin(), kAccessNames.end(), name);
  if (found == kAccessNames.end()) return std::nullopt;
  return static_cast<record::FieldAccess>(found - kAccessNames.begin());
}

std::vector<db::TableDefinition> role_right_tables() {
  return {
      {"role_right",
       {{"role_id", false, true},
        {"object", true, true},
        {"actions", true, true},
        {"scope", true, true},
        {"departments", true, true}},
       {"role_id", "object"},
       {},
       false},
      {"role_field_rule",
       {{"role_id", false, true},
        {"object", true, true},
        {"field", true, true},
        {"access", true, true},
        {"mask", false, true}},
       {"role_id", "object", "field"},
       {},
       false},
      // Which defaults have been given once, so that a later start does not undo what an
      // administrator took away.
      {"role_seed", {{"role", true, true}, {"object", true, true}}, {"role", "object"}, {}, false}};
}

std::map<std::int64_t, RightsByObject> read_all_role_rights(db::Reader& reader) {
  std::map<std::int64_t, RightsByObject> out;
  kRight.select_each(reader,
                     {{"role_id", "object", "actions", "scope", "departments"}, {}, {}, 0, false},
                     [&](const db::Row& row) {
                       out[row.get_int(0)][std::string(row.get_text(1))] = rights_of(row, 2);
                     });
  kRule.select_each(
      reader, {{"role_id", "object", "field", "access", "mask"}, {}, {}, 0, false},
      [&](const db::Row& row) {
        out[row.get_int(0)][std::string(row.get_text(1))].fields[std::string(row.get_text(2))] =
            rule_of(row, 3);
      });
  return out;
}

RightsByObject read_role_rights(db::Reader& reader, std::int64_t role_id) {
  RightsByObject out;
  const std::vector<db::Condition> where{{"role_id", db::Compare::Equal, db::Value(role_id)}};
  kRight.select_each(
      reader, {{"object", "actions", "scope", "departments"}, where, {}, 0, false},
      [&](const db::Row& row) { out[std::string(row.get_text(0))] = rights_of(row, 1); });
  kRule.select_each(reader, {{"object", "field", "access", "mask"}, where, {}, 0, false},
                    [&](const db::Row& row) {
                      out[std::string(row.get_text(0))].fields[std::string(row.get_text(1))] =
                          rule_of(row, 2);
                    });
  return out;
}

void write_object_rights(db::Writer& writer, std::int64_t role_id, const std::string& object,
                         const ObjectRights& rights) {
  const std::vector<db::Condition> where{{"role_id", db::Compare::Equal, db::Value(role_id)},
                                         {"object", db::Compare::Equal, db::Value(object)}};
  kRight.erase(writer, where);
  kRule.erase(writer, where);
  std::string departments;
  for (const std::int64_t id : rights.departments)
    departments += (departments.empty() ? "" : " ") + std::to_string(id);
  kRight.insert(writer, {{"role_id", role_id},
                         {"object", object},
                         {"actions", join(rights.actions)},
                         {"scope", scope_name(rights.scope)},
                         {"departments", departments}});
  for (const auto& [field, rule] : rights.fields) {
    kRule.insert(writer, {{"role_id", role_id},
                          {"object", object},
                          {"field", field},
                          {"access", field_access_name(rule.access)},
                          {"mask", rule.mask}});
  }
}

void erase_role_rights(db::Writer& writer, std::int64_t role_id) {
  const std::vector<db::Condition> where{{"role_id", db::Compare::Equal, db::Value(role_id)}};
  kRight.erase(writer, where);
  kRule.erase(writer, where);
}

void write_role_rights(db::Writer& writer, std::int64_t role_id, const RightsByObject& rights) {
  erase_role_rights(writer, role_id);
  for (const auto& [object, granted] : rights)
    write_object_rights(writer, role_id, object, granted);
}

std::vector<base::FieldError> check_role_rights(const RightsByObject& rights,
                                                const record::Registry& registry) {
  std::vector<base::FieldError> errors;
  for (const auto& [object, granted] : rights) {
    if (!is_word(object)) {
      errors.push_back({object, "role.bad_object", {}});
      continue;
    }
    const bool words = std::all_of(granted.actions.begin(), granted.actions.end(), is_word);
    if (!words || granted.actions.size() > kMaximumActions)
      errors.push_back({object + ".actions", "role.bad_action", {}});
    if (granted.scope == Scope::Departments && granted.departments.empty()) {
      errors.push_back({object + ".departments", "field.required", {}});
    }
    const auto* definition = find_object(registry, object);
    for (const auto& [field, rule] : granted.fields) {
      const auto* known = definition == nullptr ? nullptr : definition->field(field);
      if (!is_word(field) || (definition != nullptr && known == nullptr)) {
        errors.push_back({object + ".fields." + field, "field.unknown", {}});
      } else if (known != nullptr && known->name == "id") {
        errors.push_back({object + ".fields." + field, "role.id_is_public", {}});
      }
    }
  }
  return errors;
}

base::JsonObject role_rights_json(const RightsByObject& rights) {
  base::JsonObject out;
  for (const auto& [object, granted] : rights) {
    base::JsonObject item;
    base::JsonArray actions;
    for (const auto& action : granted.actions) actions.emplace_back(action);
    item["actions"] = std::move(actions);
    item["scope"] = scope_name(granted.scope);
    if (!granted.departments.empty())
      item["departments"] = base::JsonArray(granted.departments.begin(), granted.departments.end());
    base::JsonObject fields;
    for (const auto& [field, rule] : granted.fields) {
      fields[field] = std::string(field_access_name(rule.access)) + (rule.mask ? " masked" : "");
    }
    if (!fields.empty()) item["fields"] = std::move(fields);
    out[object] = std::move(item);
  }
  return out;
}

}  // namespace kehai::platform
