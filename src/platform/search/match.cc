#include "platform/search/match.h"

#include <algorithm>
#include <map>
#include <set>

namespace kehai::platform {

using record::ObjectDefinition;

namespace {

using ClassRights = std::map<char, bool>;

}  // namespace

bool is_searchable(const ObjectDefinition& object) {
  return std::any_of(object.fields.begin(), object.fields.end(),
                     [](const record::FieldDefinition& field) { return field.search_class != 0; });
}

namespace {

// Tokens are letters and digits.
std::string bare_name(const ObjectDefinition& object) {
  std::string name = object.name;
  std::erase(name, '_');
  return name;
}

}  // namespace

std::string object_token(const ObjectDefinition& object) {
  return "xt" + bare_name(object);
}

std::string scope_token(const ObjectDefinition& object, std::string_view column,
                        std::int64_t value) {
  const char* prefix = column == "owner_id"              ? "xo"
                       : column == "scope_department_id" ? "xd"
                       : column == "parent_owner_id"     ? "xr"
                       : column == "pool_id"             ? "xp"
                                                         : nullptr;
  return prefix == nullptr ? "" : prefix + std::to_string(value) + bare_name(object);
}

std::string member_token(const ObjectDefinition& object, std::int64_t user) {
  return "xm" + std::to_string(user) + bare_name(object);
}

namespace {

// Letters of the object's field classes: whether the caller may search in them, without what the
// branch hides. A class with one unreadable field is left out whole: its tokens cannot be told
// apart.
ClassRights class_rights(const record::AccessPolicy& policy, const record::Actor& actor,
                         const ObjectDefinition& object, const std::vector<std::string>& hidden) {
  ClassRights allowed;
  for (const auto& field : object.fields) {
    if (field.search_class == 0) continue;
    const bool readable =
        policy.field_access(actor, object, field) != record::FieldAccess::Hidden &&
        !policy.is_masked(actor, object, field) &&
        std::find(hidden.begin(), hidden.end(), field.name) == hidden.end();
    const auto [entry, is_new] = allowed.emplace(field.search_class, readable);
    if (!is_new) entry->second = entry->second && readable;
  }
  return allowed;
}

// The query in the classes that are allowed.
std::string words_of(const ClassRights& rights, const text::QueryTokens& query, bool postgres) {
  std::vector<text::FieldClass> classes;
  for (const auto& [letter, readable] : rights) {
    if (readable) classes.push_back({letter, text::token_kind(letter)});
  }
  return postgres ? text::tsquery_text(query, classes) : text::fts5_match(query, classes);
}

// What the index says of the rows of a branch.
std::vector<std::string> scope_tokens(const ObjectDefinition& object,
                                      const record::Branch& branch) {
  if (branch.member_id != 0) return {member_token(object, branch.member_id)};
  std::vector<std::string> out;
  for (const std::int64_t value : branch.values) {
    std::string token = scope_token(object, branch.column, value);
    if (!token.empty()) out.push_back(std::move(token));
  }
  return out;
}

template <typename Strings>
std::string joined(const Strings& parts, std::string_view between) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

bool agree(const ClassRights& some, const ClassRights& others) {
  return std::all_of(others.begin(), others.end(), [&](const auto& other) {
    const auto own = some.find(other.first);
    return own == some.end() || own->second == other.second;
  });
}

}  // namespace

std::string match_text(const record::AccessPolicy& policy, const record::Actor& actor,
                       const ObjectDefinition& object, const record::RowScope& scope,
                       const text::QueryTokens& query, bool postgres) {
  const std::string conjunction = postgres ? " & " : " AND ";
  const std::string disjunction = postgres ? " | " : " OR ";
  const auto words = [&](const std::vector<std::string>& hidden) {
    return words_of(class_rights(policy, actor, object, hidden), query, postgres);
  };
  if (scope.all) {
    const std::string terms = words({});
    return terms.empty() ? "" : object_token(object) + conjunction + "(" + terms + ")";
  }
  std::string out;
  for (const auto& branch : scope.branches) {
    const std::string terms = words(branch.hidden_fields);
    const std::string scopes = joined(scope_tokens(object, branch), disjunction);
    if (terms.empty() || scopes.empty()) continue;
    if (!out.empty()) out += disjunction;
    out += "((" + scopes + ")" + conjunction + "(" + terms + "))";
  }
  return out;
}

std::string match_everywhere(const record::AccessPolicy& policy, const record::Actor& actor,
                             const std::vector<SearchedObject>& objects,
                             const text::QueryTokens& query) {
  // Objects in which the same words count, whatever the row: their rows are asked for together.
  ClassRights rights;
  std::set<std::string> scopes;
  bool all_rows = false;
  std::vector<std::string> others;  // words of the other objects, which are asked for one by one
  std::vector<std::string> parts;
  for (const auto& [object, scope] : objects) {
    const auto& definition = object->definition();
    const auto own = class_rights(policy, actor, definition, {});
    if (scope.hides_fields() || !agree(rights, own)) {
      others.push_back(object_token(definition));
      const std::string match = match_text(policy, actor, definition, scope, query, false);
      if (!match.empty()) parts.push_back("(" + match + ")");
      continue;
    }
    rights.insert(own.begin(), own.end());
    all_rows = all_rows || scope.all;
    for (const auto& branch : scope.branches) {
      for (auto& token : scope_tokens(definition, branch)) scopes.insert(std::move(token));
    }
  }
  const std::string terms = words_of(rights, query, false);
  if (!terms.empty() && (all_rows || !scopes.empty())) {
    // The tokens of a scope name their objects; without them the others have to be left out.
    std::string together = "(" + terms + ")";
    if (!all_rows) {
      together = "((" + joined(scopes, " OR ") + ") AND " + together + ")";
    } else if (!others.empty()) {
      together = "(" + together + " NOT (" + joined(others, " OR ") + "))";
    }
    parts.push_back(std::move(together));
  }
  return joined(parts, " OR ");
}

}  // namespace kehai::platform
