#include "platform/search/match.h"

#include <algorithm>
#include <iterator>
#include <map>

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

void add_classes(ClassRights& rights, const ObjectDefinition& object) {
  for (const auto& field : object.fields) {
    if (field.search_class != 0) rights[field.search_class] = true;
  }
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

// Rows in which the same words count.
struct Rows {
  ClassRights rights;
  std::vector<std::string> tokens;  // what the index says of them; they name their objects
};

// A class that one of them does not have holds none of its words.
bool agree(const ClassRights& some, const ClassRights& others) {
  return std::all_of(others.begin(), others.end(), [&](const auto& other) {
    const auto own = some.find(other.first);
    return own == some.end() || own->second == other.second;
  });
}

// Each occurrence of a word is looked up anew, so there are as few groups as the rights allow.
void add(std::vector<Rows>& groups, const ClassRights& rights, std::vector<std::string> tokens) {
  if (tokens.empty()) return;
  auto group = std::find_if(groups.begin(), groups.end(),
                            [&](const Rows& other) { return agree(other.rights, rights); });
  if (group == groups.end()) group = groups.insert(group, Rows{});
  group->rights.insert(rights.begin(), rights.end());
  std::move(tokens.begin(), tokens.end(), std::back_inserter(group->tokens));
}

void add(std::vector<Rows>& groups, const record::AccessPolicy& policy, const record::Actor& actor,
         const ObjectDefinition& object, const record::RowScope& scope) {
  if (scope.all)
    return add(groups, class_rights(policy, actor, object, {}), {object_token(object)});
  for (const auto& branch : scope.branches) {
    add(groups, class_rights(policy, actor, object, branch.hidden_fields),
        scope_tokens(object, branch));
  }
}

std::string text_of(const std::vector<Rows>& groups, const text::QueryTokens& query,
                    bool postgres) {
  const std::string conjunction = postgres ? " & " : " AND ";
  const std::string disjunction = postgres ? " | " : " OR ";
  std::vector<std::string> parts;
  for (const auto& rows : groups) {
    const std::string words = words_of(rows.rights, query, postgres);
    if (words.empty()) continue;
    parts.push_back("((" + joined(rows.tokens, disjunction) + ")" + conjunction + "(" + words +
                    "))");
  }
  return joined(parts, disjunction);
}

}  // namespace

std::string match_text(const record::AccessPolicy& policy, const record::Actor& actor,
                       const ObjectDefinition& object, const record::RowScope& scope,
                       const text::QueryTokens& query, bool postgres) {
  std::vector<Rows> groups;
  add(groups, policy, actor, object, scope);
  return text_of(groups, query, postgres);
}

std::string match_everywhere(const record::AccessPolicy& policy, const record::Actor& actor,
                             const std::vector<SearchedObject>& objects,
                             const text::QueryTokens& query, OtherRows others) {
  std::vector<Rows> groups;
  bool is_scoped = others == OtherRows::LeftOut;
  for (const auto& [object, scope] : objects) {
    add(groups, policy, actor, object->definition(), scope);
    is_scoped = is_scoped || !scope.all;
  }
  // Where every row may be seen, the tokens would only make the question longer.
  if (groups.size() == 1 && !is_scoped) return words_of(groups[0].rights, query, false);
  return text_of(groups, query, false);
}

std::string words_anywhere(const std::vector<SearchedObject>& objects,
                           const text::QueryTokens& query, bool postgres) {
  ClassRights rights;
  for (const auto& [object, scope] : objects) add_classes(rights, object->definition());
  return words_of(rights, query, postgres);
}

std::string words_anywhere(const ObjectDefinition& object, const text::QueryTokens& query,
                           bool postgres) {
  ClassRights rights;
  add_classes(rights, object);
  return words_of(rights, query, postgres);
}

std::string readable_words(const record::AccessPolicy& policy, const record::Actor& actor,
                           const ObjectDefinition& object, const std::vector<std::string>& hidden,
                           const text::QueryTokens& query, bool postgres) {
  return words_of(class_rights(policy, actor, object, hidden), query, postgres);
}

}  // namespace kehai::platform
