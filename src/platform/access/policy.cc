#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/error.h"
#include "platform/access/access.h"
#include "platform/access/epochs.h"
#include "platform/access/organisation.h"
#include "platform/access/role_rights.h"
#include "platform/access/user_rights.h"
#include "record/engine.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Actor;
using record::FieldAccess;
using record::FieldDefinition;
using record::ObjectDefinition;
using record::RowScope;

namespace {

const db::Table kUser("user");

const UserRights* rights_of(const Actor& actor) {
  return static_cast<const UserRights*>(actor.rights.get());
}

class AccessImpl : public Access {
 public:
  AccessImpl(db::Database& database, const record::Registry& registry, base::Clock& clock)
      : database_(database),
        registry_(registry),
        clock_(clock),
        epochs_(database, clock, "access"),
        member_epochs_(database, clock, "member") {}

  void bind(record::Engine& engine) override { engine_ = &engine; }

  // ---- AccessPolicy

  bool may(const Actor& actor, const ObjectDefinition& object,
           std::string_view right) const override {
    if (actor.system) return true;
    const auto* rights = rights_of(actor);
    if (rights == nullptr) return false;
    if (!object.personal_field.empty()) return right == "read";
    if (actor.read_only && right != "read" && right != "export") return false;
    if (rights->admin) return true;
    if (object.configuration && right == "read") return true;
    const auto* grant = rights->grant(object.name);
    if (grant == nullptr) return false;
    return grant->scopes.contains(right) ||
           (object.configuration && grant->scopes.contains("configure"));
  }

  RowScope scope(const Actor& actor, const ObjectDefinition& object,
                 std::string_view right) const override {
    RowScope scope;
    if (!may(actor, object, right)) return scope;
    if (!object.personal_field.empty() && !actor.system) {
      // Nobody, not even an administrator, reads what is addressed to somebody else.
      scope.branches.push_back({object.personal_field, {actor.user_id}, {}});
      return scope;
    }
    if (actor.system || rights_of(actor)->admin || object.configuration) {
      scope.all = true;
      return scope;
    }
    scope = *rights_of(actor)->grant(object.name)->scopes.find(right)->second;
    if (scope.all) return scope;
    for (const auto& provider : registry_.branch_providers()) {
      for (auto& branch : provider(actor, object, right)) {
        if (!branch.values.empty()) scope.branches.push_back(std::move(branch));
      }
    }
    if (const auto& members = rights_of(actor)->memberships) {
      for (auto& branch : members->branches(object, right, actor.user_id, clock_.now()))
        scope.branches.push_back(std::move(branch));
    }
    return scope;
  }

  FieldAccess field_access(const Actor& actor, const ObjectDefinition& object,
                           const FieldDefinition& field) const override {
    if (actor.system) return FieldAccess::Edit;
    const auto* rights = rights_of(actor);
    if (rights == nullptr) return FieldAccess::Hidden;
    if (!object.personal_field.empty()) return FieldAccess::Read;
    if (rights->admin) return FieldAccess::Edit;
    const auto* grant = rights->grant(object.name);
    if (grant == nullptr) return FieldAccess::Hidden;
    if (grant->fields.empty()) return grant->default_access;
    const auto rule = grant->fields.find(field.name);
    return rule == grant->fields.end() ? grant->default_access : rule->second.access;
  }

  bool is_masked(const Actor& actor, const ObjectDefinition& object,
                 const FieldDefinition& field) const override {
    if (actor.system) return false;
    const auto* rights = rights_of(actor);
    if (rights == nullptr) return true;
    if (rights->admin || !object.personal_field.empty()) return false;
    const auto* grant = rights->grant(object.name);
    if (grant == nullptr) return true;
    if (grant->fields.empty()) return false;
    const auto rule = grant->fields.find(field.name);
    return rule != grant->fields.end() && rule->second.mask;
  }

  record::Identity identity(const Actor& actor) const override {
    if (const auto* rights = rights_of(actor)) return rights->identity;
    record::Identity identity;
    identity.user_id = actor.user_id;
    return identity;
  }

  // ---- Directory

  std::int64_t department_of(db::Reader& reader, std::int64_t user_id) const override {
    const auto rows = kUser.select_remembered(
        reader,
        {{"department_id"}, {{"id", db::Compare::Equal, db::Value(user_id)}}, {}, 0, false});
    return rows.empty() ? 0 : rows[0][0].int_or(0);
  }

  // ---- Actors

  void attach_rights(Actor& actor) override {
    const auto organisation = this->organisation();
    actor.rights = with_memberships(rights_for(*organisation, actor.user_id), actor.user_id);
    if (!actor.rights) return;
    const auto& user = organisation->users.at(actor.user_id);
    actor.name = user.name;
    actor.language = user.language;
  }

  Actor reader_inside(db::Reader& reader, std::int64_t user_id) override {
    std::shared_ptr<const Organisation> organisation;
    {
      const std::lock_guard lock(mutex_);
      organisation = organisation_;
    }
    constexpr std::int64_t kOfNoEpoch = -1;  // never kept: the transaction may roll back
    if (!organisation || !organisation->users.contains(user_id)) {
      organisation = load_organisation(reader, kOfNoEpoch);
    }
    Actor actor;
    actor.user_id = user_id;
    actor.rights = rights_for(*organisation, user_id);
    return actor;
  }

  std::int64_t epoch() override { return epochs_.current() + member_epochs_.current(); }
  std::int64_t organisation_epoch() override { return epochs_.current(); }
  void bump_members(db::Writer& writer) override { member_epochs_.bump(writer); }
  void bump_epoch(db::Writer& writer) override { epochs_.bump(writer); }

  bool is_admin(const Actor& actor) const override {
    return actor.system || (rights_of(actor) != nullptr && rights_of(actor)->admin);
  }

  bool may_configure(const Actor& actor, std::string_view area) const override {
    if (actor.read_only) return false;
    if (is_admin(actor)) return true;
    const auto* rights = rights_of(actor);
    if (rights == nullptr) return false;
    const auto found = rights->areas.find(area);
    return found != rights->areas.end() && std::find(found->second.begin(), found->second.end(),
                                                     "configure") != found->second.end();
  }

  std::vector<std::int64_t> role_ids(const Actor& actor) const override {
    const auto* rights = rights_of(actor);
    return rights == nullptr ? std::vector<std::int64_t>{} : rights->role_ids;
  }

  // ---- Organisation

  std::vector<std::int64_t> departments_below(std::int64_t department_id) override {
    return organisation()->departments_below(department_id);
  }
  std::vector<std::int64_t> subordinates(std::int64_t user_id) override {
    return organisation()->subordinates(user_id);
  }

  // ---- Settings

  std::map<std::string, ObjectRights> role_rights(std::int64_t role_id) override {
    RightsByObject rights;
    database_.read([&](db::Reader& reader) { rights = read_role_rights(reader, role_id); });
    return rights;
  }

  void set_role_rights(const Actor& actor, std::int64_t role_id,
                       const std::map<std::string, ObjectRights>& rights) override {
    if (!is_admin(actor) || actor.read_only) throw Error(ErrorKind::Forbidden, "access.denied");
    if (engine_ == nullptr)
      throw Error(ErrorKind::Internal, "internal", {}, "access has no engine");
    auto errors = check_role_rights(rights, registry_);
    if (!errors.empty()) throw Error::fields(std::move(errors));
    engine_->write(actor, [&](record::Tx& tx) {
      tx.writer().lock("organisation", "");
      const auto role = tx.get("role", role_id);
      if (role.text("name") == kAdminRole) throw Error(ErrorKind::Conflict, "role.admin_fixed");
      base::JsonObject changes;
      changes["before"] = role_rights_json(read_role_rights(tx.writer(), role_id));
      changes["after"] = role_rights_json(rights);
      write_role_rights(tx.writer(), role_id, rights);
      tx.audit(role, "rights_changed", std::move(changes));
      bump_epoch(tx.writer());
    });
  }

 private:
  std::shared_ptr<const Organisation> organisation() {
    const std::int64_t wanted = epochs_.current();
    {
      const std::lock_guard lock(mutex_);
      if (organisation_ && organisation_->epoch >= wanted) return organisation_;
    }
    // One thread loads, the others wait for it.
    const std::lock_guard loading(loading_);
    {
      const std::lock_guard lock(mutex_);
      if (organisation_ && organisation_->epoch >= wanted) return organisation_;
    }
    std::shared_ptr<const Organisation> loaded;
    database_.read([&](db::Reader& reader) { loaded = load_organisation(reader, wanted); });
    const std::lock_guard lock(mutex_);
    organisation_ = loaded;
    rights_.clear();
    return loaded;
  }

  std::shared_ptr<const UserRights> rights_for(const Organisation& organisation,
                                               std::int64_t user_id) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = rights_.find(user_id);
      if (found != rights_.end() && found->second->epoch == organisation.epoch)
        return found->second;
    }
    auto built = build_user_rights(organisation, registry_, user_id);
    if (!built) return nullptr;
    const std::lock_guard lock(mutex_);
    if (organisation_ && organisation_->epoch == organisation.epoch) rights_[user_id] = built;
    return built;
  }

  // Memberships change more often than roles: they are read anew for one person at a time, and
  // only after a change of anybody's.
  std::shared_ptr<const UserRights> with_memberships(std::shared_ptr<const UserRights> rights,
                                                     std::int64_t user_id) {
    if (!rights || rights->admin) return rights;
    // The epoch first: what is loaded afterwards is at least as new.
    const std::int64_t wanted = member_epochs_.current();
    if (rights->memberships && rights->member_epoch >= wanted) return rights;
    auto made = std::make_shared<UserRights>(*rights);
    made->member_epoch = wanted;
    database_.read(
        [&](db::Reader& reader) { made->memberships = Memberships::load(reader, user_id); });
    const std::lock_guard lock(mutex_);
    const auto kept = rights_.find(user_id);
    if (kept != rights_.end() && kept->second->epoch == made->epoch &&
        kept->second->member_epoch < made->member_epoch) {
      kept->second = made;
    }
    return made;
  }

  db::Database& database_;
  const record::Registry& registry_;
  base::Clock& clock_;
  Epochs epochs_;
  Epochs member_epochs_;
  record::Engine* engine_ = nullptr;
  std::mutex loading_;
  std::mutex mutex_;
  std::shared_ptr<const Organisation> organisation_;
  std::unordered_map<std::int64_t, std::shared_ptr<const UserRights>> rights_;
};

}  // namespace

std::unique_ptr<Access> make_access(db::Database& database, const record::Registry& registry,
                                    base::Clock& clock) {
  return std::make_unique<AccessImpl>(database, registry, clock);
}

Access& access_of(record::Engine& engine) {
  auto* access = dynamic_cast<Access*>(&engine.access());
  if (access == nullptr)
    throw Error(ErrorKind::Internal, "internal", {}, "the engine has another access policy");
  return *access;
}

}  // namespace kehai::platform
