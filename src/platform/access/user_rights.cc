#include "platform/access/user_rights.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace kehai::platform {

namespace {

using record::Branch;
using record::FieldAccess;
using record::ObjectDefinition;
using record::RowScope;

constexpr std::string_view kChangingRights[] = {"edit", "create", "import", "configure"};

bool lists(const ObjectRights& rights, std::string_view right) {
  return std::find(rights.actions.begin(), rights.actions.end(), right) != rights.actions.end();
}

bool lists_changing(const ObjectRights& rights) {
  return std::any_of(std::begin(kChangingRights), std::end(kChangingRights),
                     [&](std::string_view right) { return lists(rights, right); });
}

bool has_parent_owner(const ObjectDefinition& definition) {
  const auto& columns = definition.branch_columns;
  return std::find(columns.begin(), columns.end(), "parent_owner_id") != columns.end();
}

// One person's view while their rights are being built.
class Builder {
 public:
  Builder(const Organisation& organisation, const record::Registry& registry, std::int64_t user_id,
          const Organisation::User& user, UserRights& out)
      : organisation_(organisation),
        registry_(registry),
        user_id_(user_id),
        user_(user),
        out_(out) {
    for (const std::int64_t id : user.role_ids) {
      if (const auto role = organisation.roles.find(id); role != organisation.roles.end())
        roles_.push_back(&role->second);
    }
  }

  void build() {
    for (const auto* role : roles_) out_.admin = out_.admin || role->name == kAdminRole;
    for (const auto* role : roles_) {
      for (const auto& [object, rights] : role->rights) {
        auto& area = out_.areas[object];
        area.insert(area.end(), rights.actions.begin(), rights.actions.end());
      }
    }
    if (out_.admin) return;
    for (const auto& definition : registry_.definitions()) build_object(definition);
    for (const auto& definition : registry_.definitions()) follow_rights(definition);
    for (const auto& definition : registry_.definitions()) follow_copies(definition);
    for (const auto& definition : registry_.definitions()) follow_formulas(definition);
  }

 private:
  // The roles that say something about the object, with what they say.
  std::vector<const ObjectRights*> rights_on(const std::string& object) const {
    std::vector<const ObjectRights*> out;
    for (const auto* role : roles_) {
      if (const auto found = role->rights.find(object); found != role->rights.end())
        out.push_back(&found->second);
    }
    return out;
  }

  void build_object(const ObjectDefinition& definition) {
    const auto rights = rights_on(definition.name);
    auto& grant = out_.objects[definition.name];
    // Reading alone reaches what hangs on the own records.
    std::map<std::pair<std::vector<const ObjectRights*>, bool>, std::shared_ptr<const RowScope>>
        shared;
    for (const auto* granted : rights) {
      for (const auto& right : granted->actions) {
        if (grant.scopes.contains(right)) continue;
        std::vector<const ObjectRights*> granting;
        for (const auto* candidate : rights) {
          if (lists(*candidate, right)) granting.push_back(candidate);
        }
        const bool reading = right == "read";
        auto& scope = shared[{granting, reading}];
        if (!scope) scope = std::make_shared<const RowScope>(rows(definition, granting, reading));
        grant.scopes.emplace(right, scope);
      }
    }
    build_fields(definition, rights, grant);
  }

  RowScope rows(const ObjectDefinition& definition,
                const std::vector<const ObjectRights*>& granting, bool reading) {
    RowScope scope;
    std::set<std::int64_t> owners;
    std::set<std::int64_t> departments;
    for (const auto* granted : granting) {
      if (definition.configuration || granted->scope == Scope::All) {
        scope.all = true;
        return scope;
      }
      add_scope(*granted, owners, departments);
    }
    if (definition.owned) {
      add_owned_branches(owners, departments, scope);
      // The owner of a customer reads everything below it.
      if (reading && has_parent_owner(definition)) add_branch("parent_owner_id", owners, scope);
    } else if (has_parent_owner(definition)) {
      const auto members = organisation_.users_in({departments.begin(), departments.end()});
      owners.insert(members.begin(), members.end());
      add_branch("parent_owner_id", owners, scope);
    }
    return scope;
  }

  void add_scope(const ObjectRights& granted, std::set<std::int64_t>& owners,
                 std::set<std::int64_t>& departments) {
    if (granted.scope == Scope::None) return;
    owners.insert(user_id_);
    switch (granted.scope) {
      case Scope::Subordinates: {
        if (!subordinates_) subordinates_ = organisation_.subordinates(user_id_);
        owners.insert(subordinates_->begin(), subordinates_->end());
        break;
      }
      case Scope::Department:
        if (user_.department_id != 0) departments.insert(user_.department_id);
        break;
      case Scope::DepartmentBelow:
        for (const auto& id : out_.identity.department_ids) departments.insert(id.as_int());
        break;
      case Scope::Departments:
        departments.insert(granted.departments.begin(), granted.departments.end());
        break;
      default:
        break;
    }
  }

  // Records carry their owner's current department, so an owner inside one of the departments needs
  // no branch.
  void add_owned_branches(const std::set<std::int64_t>& owners,
                          const std::set<std::int64_t>& departments, RowScope& scope) const {
    std::set<std::int64_t> outside;
    for (const std::int64_t owner : owners) {
      const auto user = organisation_.users.find(owner);
      const std::int64_t department =
          user == organisation_.users.end() ? 0 : user->second.department_id;
      if (department == 0 || !departments.contains(department)) outside.insert(owner);
    }
    add_branch("owner_id", outside, scope);
    add_branch("scope_department_id", departments, scope);
  }

  static void add_branch(std::string column, const std::set<std::int64_t>& values,
                         RowScope& scope) {
    if (values.empty()) return;
    scope.branches.push_back(Branch{std::move(column), {values.begin(), values.end()}, {}});
  }

  void build_fields(const ObjectDefinition& definition,
                    const std::vector<const ObjectRights*>& rights, ObjectGrant& grant) const {
    std::vector<const ObjectRights*> readers;
    std::vector<const ObjectRights*> changers;
    for (const auto* granted : rights) {
      if (definition.configuration || lists(*granted, "read")) readers.push_back(granted);
      if (lists_changing(*granted)) changers.push_back(granted);
    }
    // Whoever may only create still needs the form's fields.
    if (readers.empty()) readers = changers;
    const bool readable = definition.configuration || !readers.empty();
    const FieldAccess full = changers.empty() ? FieldAccess::Read : FieldAccess::Edit;
    grant.default_access = readable ? full : FieldAccess::Hidden;
    // A role that says nothing about a configuration object still reads all of it.
    const bool open = definition.configuration && readers.size() < roles_.size();
    std::set<std::string> named;
    for (const auto* granted : rights) {
      for (const auto& [field, rule] : granted->fields) named.insert(field);
    }
    for (const auto& field : named) {
      const FieldRule rule = combine(field, readers, changers, open);
      if (rule.access != grant.default_access || rule.mask) grant.fields.emplace(field, rule);
    }
  }

  // What hangs on records of another object: who reads those reads it and adds to it, and takes
  // away what is his own. Fields of one name are hidden and masked together.
  void follow_rights(const ObjectDefinition& definition) {
    if (definition.rights_from.empty()) return;
    auto& grant = out_.objects[definition.name];
    grant = {};
    const auto* other = out_.grant(definition.rights_from);
    const auto read = other == nullptr ? nullptr : scope_of(*other, "read");
    if (!read) return;
    RowScope own;
    add_branch("created_by", {user_id_}, own);
    grant.scopes = {{"read", read},
                    {"create", read},
                    {"delete", std::make_shared<const RowScope>(std::move(own))}};
    if (const auto exported = scope_of(*other, "export")) grant.scopes.emplace("export", exported);
    grant.default_access = FieldAccess::Edit;
    for (const auto& [field, rule] : other->fields) {
      if (rule.access == FieldAccess::Hidden) {
        grant.fields[field] = {FieldAccess::Hidden, true};
      } else if (rule.mask) {
        grant.fields[field] = {FieldAccess::Edit, true};
      }
    }
  }

  static std::shared_ptr<const RowScope> scope_of(const ObjectGrant& grant,
                                                  std::string_view right) {
    const auto found = grant.scopes.find(right);
    return found == grant.scopes.end() ? nullptr : found->second;
  }

  // What repeats a field of the parent is hidden and masked where that is, whatever its own rule
  // says.
  void follow_copies(const ObjectDefinition& definition) {
    auto& grant = out_.objects[definition.name];
    for (const auto& field : definition.fields) {
      if (field.copy_of.empty()) continue;
      const auto* parent = out_.grant(definition.field(definition.parent_field)->target);
      const FieldRule original = parent == nullptr ? FieldRule{FieldAccess::Hidden, true}
                                                   : rule_of(*parent, field.copy_of);
      const FieldRule own = rule_of(grant, field.name);
      if (original.access == FieldAccess::Hidden) {
        grant.fields[field.name] = {FieldAccess::Hidden, true};
      } else if (original.mask && !own.mask) {
        grant.fields[field.name] = {own.access, true};
      }
    }
  }

  // What is computed from a field is for those who may read that field in full.
  void follow_formulas(const ObjectDefinition& definition) {
    auto& grant = out_.objects[definition.name];
    for (const auto& field : definition.fields) {
      const bool tells = std::any_of(field.reads.begin(), field.reads.end(), [&](const auto& read) {
        const FieldRule rule = rule_of(grant, read);
        return rule.access == FieldAccess::Hidden || rule.mask;
      });
      if (tells || (field.kept && !reads_children(field)))
        grant.fields[field.name] = {FieldAccess::Hidden, true};
    }
  }

  // Whether there are children is for those who may read children at all.
  bool reads_children(const record::FieldDefinition& field) const {
    const auto& collection = field.formula_tree->path.front();
    for (const auto& definition : registry_.definitions()) {
      if (definition.collection != collection) continue;
      const auto grant = out_.objects.find(definition.name);
      return definition.configuration ||
             (grant != out_.objects.end() && grant->second.scopes.contains("read"));
    }
    return false;
  }

  static FieldRule rule_of(const ObjectGrant& grant, const std::string& field) {
    const auto rule = grant.fields.find(field);
    return rule == grant.fields.end() ? FieldRule{grant.default_access, false} : rule->second;
  }

  static FieldRule combine(const std::string& field,
                           const std::vector<const ObjectRights*>& readers,
                           const std::vector<const ObjectRights*>& changers, bool open) {
    bool readable = open;
    bool clear = open;
    for (const auto* granted : readers) {
      const auto rule = granted->fields.find(field);
      const bool shows =
          rule == granted->fields.end() || rule->second.access != FieldAccess::Hidden;
      readable = readable || shows;
      // A role that hides the field does not unmask it.
      clear = clear || (shows && (rule == granted->fields.end() || !rule->second.mask));
    }
    const bool editable =
        std::any_of(changers.begin(), changers.end(), [&](const ObjectRights* granted) {
          const auto rule = granted->fields.find(field);
          return rule == granted->fields.end() || rule->second.access == FieldAccess::Edit;
        });
    if (!readable) return {FieldAccess::Hidden, true};
    return {editable ? FieldAccess::Edit : FieldAccess::Read, !clear};
  }

  const Organisation& organisation_;
  const record::Registry& registry_;
  std::int64_t user_id_;
  const Organisation::User& user_;
  UserRights& out_;
  std::vector<const Organisation::Role*> roles_;
  std::optional<std::vector<std::int64_t>> subordinates_;
};

}  // namespace

std::shared_ptr<const UserRights> build_user_rights(const Organisation& organisation,
                                                    const record::Registry& registry,
                                                    std::int64_t user_id) {
  const auto user = organisation.users.find(user_id);
  if (user == organisation.users.end() || !user->second.active) return nullptr;
  auto rights = std::make_shared<UserRights>();
  rights->epoch = organisation.epoch;
  rights->role_ids = user->second.role_ids;
  std::sort(rights->role_ids.begin(), rights->role_ids.end());
  rights->identity.user_id = user_id;
  rights->identity.department_id = user->second.department_id;
  rights->identity.role_ids = user->second.role_ids;
  for (const std::int64_t id : organisation.departments_below(user->second.department_id)) {
    rights->identity.department_ids.emplace_back(id);
  }
  Builder(organisation, registry, user_id, user->second, *rights).build();
  return rights;
}

}  // namespace kehai::platform
