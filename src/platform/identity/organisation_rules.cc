#include "platform/identity/organisation_rules.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "db/dialect.h"
#include "platform/access/access.h"
#include "platform/access/role_rights.h"
#include "platform/identity/accounts.h"
#include "platform/identity/credentials.h"
#include "platform/identity/login.h"
#include "record/engine.h"
#include "record/totals.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Change;
using record::Operation;
using record::Record;
using record::Tx;
using record::Value;

namespace {

const db::Table kUser("user");
const db::Table kUserRoles("user__role_ids");
const db::Table kDepartment("department");
const db::Table kRole("role");

const db::Table kMove("department_move");

constexpr int kReferrerLimit = 1000;
// Longer than any transaction that read the owner's old department can take.
constexpr std::int64_t kSettled = 60'000;

[[noreturn]] void refuse_field(const char* field, const char* code) {
  throw Error::fields({{field, code, {}}});
}

bool is_gone(const Change& change) {
  return change.operation == Operation::Delete;
}

// Serialises every change of the organisation's structure; all rules below look at several rows.
void lock_organisation(Tx& tx) {
  tx.writer().lock("organisation", "");
}

std::int64_t admin_role(db::Reader& reader) {
  const auto rows = kRole.select(
      reader, {{"id"}, {{"name", db::Compare::Equal, Value(kAdminRole)}}, {}, 0, false});
  return rows.empty() ? 0 : rows[0][0].int_or(0);
}

bool has_role(const Record& user, std::int64_t role_id) {
  const auto& roles = user.many("role_ids");
  return role_id != 0 && std::find(roles.begin(), roles.end(), Value(role_id)) != roles.end();
}

bool is_active(const Record& user) {
  return user.text("status") == "active";
}

// Follows `parent_column` upwards from `start`; whether it comes to `id`.
bool leads_to(db::Reader& reader, const db::Table& table, const std::string& parent_column,
              std::int64_t start, std::int64_t id) {
  std::set<std::int64_t> seen;
  while (start != 0 && seen.insert(start).second) {
    if (start == id) return true;
    const auto rows = table.select(
        reader, {{parent_column}, {{"id", db::Compare::Equal, Value(start)}}, {}, 0, false});
    start = rows.empty() ? 0 : rows[0][0].int_or(0);
  }
  return false;
}

// ---- Users

void check_login(Change& change) {
  if (!change.changed("login")) return;
  const auto login = normalize_login(change.after->text("login"));
  if (!login) refuse_field("login", "user.login_format");
  change.after->set("login", *login);
}

void check_superior(Tx& tx, const Change& change) {
  if (!change.changed("superior_id") || change.after->is_null("superior_id")) return;
  if (leads_to(tx.writer(), kUser, "superior_id", change.after->integer("superior_id"),
               change.after->id())) {
    refuse_field("superior_id", "user.superior_cycle");
  }
}

// Whoever can hand out rights could take any; so that is for administrators alone.
void check_rights_of_caller(Tx& tx, const Change& change, std::int64_t admin) {
  const auto& actor = tx.actor();
  if (access_of(tx.engine()).is_admin(actor)) return;
  if (change.before != nullptr && has_role(*change.before, admin))
    throw Error(ErrorKind::Forbidden, "user.admin_only");
  if (!is_gone(change) && change.changed("role_ids"))
    throw Error(ErrorKind::Forbidden, "user.roles_admin_only");
  // New users begin active; later changes of the state are actions.
  if (change.operation == Operation::Create && !is_active(*change.after))
    refuse_field("status", "field.read_only");
}

void check_an_admin_remains(Tx& tx, const Change& change, std::int64_t admin) {
  if (change.before == nullptr || !has_role(*change.before, admin) || !is_active(*change.before))
    return;
  if (!is_gone(change) && has_role(*change.after, admin) && is_active(*change.after)) return;
  const auto holders = kUserRoles.select(
      tx.writer(), {{"record_id"}, {{"value", db::Compare::Equal, Value(admin)}}, {}, 0, false});
  for (const auto& holder : holders) {
    if (holder[0].as_int() == change.after->id()) continue;
    const auto rows = kUser.select(
        tx.writer(), {{"status"}, {{"id", db::Compare::Equal, holder[0]}}, {}, 0, false});
    if (!rows.empty() && rows[0][0].text_or("") == "active") return;
  }
  throw Error(ErrorKind::Conflict, "user.last_admin");
}

// Live records of every object that the user owns, by object.
base::JsonObject owned_records(Tx& tx, std::int64_t user_id) {
  base::JsonObject out;
  for (const auto& object : tx.schema().objects()) {
    const auto& definition = object->definition();
    if (!definition.owned) continue;
    const auto count = tx.engine().store().count_referrers(
        tx.writer(), *object, *definition.field("owner_id"), user_id, kReferrerLimit);
    if (count > 0) out[definition.name] = count;
  }
  return out;
}

[[noreturn]] void refuse_owner(base::JsonObject owned) {
  base::JsonObject data;
  data["referrers"] = std::move(owned);
  throw Error(ErrorKind::Conflict, "user.has_records").with_data(boost::json::serialize(data));
}

// A person who has worked here stays, so that their name stays on what they did; a mistyped user
// may go.
void check_deletion(Tx& tx, const Change& change) {
  const std::int64_t id = change.after->id();
  const auto password = read_password(tx.writer(), id);
  if (password && password->last_sign_in_at) throw Error(ErrorKind::Conflict, "user.has_signed_in");
  if (auto owned = owned_records(tx, id); !owned.empty()) refuse_owner(std::move(owned));
}

bool affects_rights(const Change& change) {
  if (change.operation != Operation::Update) return true;
  return change.changed("name") || change.changed("language") || change.changed("department_id") ||
         change.changed("superior_id") || change.changed("role_ids") || change.changed("status");
}

void before_user(Tx& tx, Change& change) {
  if (affects_rights(change)) lock_organisation(tx);
  const std::int64_t admin = admin_role(tx.writer());
  // One's own preferences are everybody's.
  if (affects_rights(change) || tx.actor().user_id != change.after->id())
    check_rights_of_caller(tx, change, admin);
  check_an_admin_remains(tx, change, admin);
  if (is_gone(change)) {
    check_deletion(tx, change);
    return;
  }
  check_login(change);
  check_superior(tx, change);
}

// Records carry their owner's current department: they move with the person, in the same
// transaction.
void move_owned_records(record::Engine& engine, db::Writer& writer, std::int64_t owner,
                        const Value& department) {
  const auto schema = engine.schema();
  for (const auto& object : schema->objects()) {
    const auto& definition = object->definition();
    if (definition.owned)
      record::set_scope_department(writer, engine.zone(), definition, owner, department);
  }
}

// On PostgreSQL a record may be created for the owner at the very moment of the move, by a
// transaction that still saw the old department. So the move is done once more when all such
// transactions have ended.
void note_move(Tx& tx, std::int64_t owner) {
  if (tx.writer().dialect().is_postgres())
    kMove.upsert(tx.writer(), {"user_id"}, {{"user_id", owner}, {"at", tx.now()}});
}

void settle_moves(record::Engine& engine) {
  const base::Instant before = engine.clock().now() - kSettled;
  std::vector<base::Values> moves;
  engine.database().read([&](db::Reader& reader) {
    moves = kMove.select(reader,
                         {{"user_id"}, {{"at", db::Compare::Less, Value(before)}}, {}, 0, false});
  });
  for (const auto& move : moves) {
    engine.database().write(
        [&](db::Writer& writer) {
          writer.lock("organisation", "");
          const std::int64_t department =
              engine.directory().department_of(writer, move[0].as_int());
          move_owned_records(engine, writer, move[0].as_int(),
                             department == 0 ? Value() : Value(department));
          kMove.erase(writer, {{"user_id", db::Compare::Equal, move[0]},
                               {"at", db::Compare::Less, Value(before)}});
        },
        db::Lane::Bulk);
  }
}

void after_user(Tx& tx, Change& change) {
  const std::int64_t id = change.after->id();
  if (change.operation == Operation::Update && change.changed("department_id")) {
    move_owned_records(tx.engine(), tx.writer(), id, change.after->get("department_id"));
    note_move(tx, id);
  }
  if (is_gone(change) || !is_active(*change.after)) {
    erase_sessions(tx.writer(), id);
    erase_access_tokens(tx.writer(), id);
  }
  if (is_gone(change)) erase_password(tx.writer(), id);
  if (affects_rights(change)) access_of(tx.engine()).bump_epoch(tx.writer());
}

// ---- Departments. Users and departments below block a deletion by themselves (they refer to it).

void before_department(Tx& tx, Change& change) {
  if (is_gone(change) || !change.changed("parent_id")) return;
  lock_organisation(tx);
  if (change.after->is_null("parent_id")) return;
  if (leads_to(tx.writer(), kDepartment, "parent_id", change.after->integer("parent_id"),
               change.after->id())) {
    refuse_field("parent_id", "department.cycle");
  }
}

void after_department(Tx& tx, Change& change) {
  if (change.operation != Operation::Update || change.changed("parent_id"))
    access_of(tx.engine()).bump_epoch(tx.writer());
}

// ---- Roles

bool is_role_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return name.size() >= 2 && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), allowed);
}

void before_role(Tx& tx, Change& change) {
  const bool built_in = change.before != nullptr && change.before->integer("built_in") != 0;
  if (built_in && (is_gone(change) || change.changed("name")))
    throw Error(ErrorKind::Conflict, "role.built_in");
  if (!is_gone(change)) {
    if (change.changed("name") && !is_role_name(change.after->text("name")))
      refuse_field("name", "role.name_format");
    return;
  }
  lock_organisation(tx);
  const auto holders =
      kUserRoles.count(tx.writer(), {{"value", db::Compare::Equal, Value(change.after->id())}});
  if (holders > 0)
    throw Error(ErrorKind::Conflict, "role.in_use", {{"count", std::to_string(holders)}});
}

void after_role(Tx& tx, Change& change) {
  if (is_gone(change)) erase_role_rights(tx.writer(), change.after->id());
  if (change.operation != Operation::Update || change.changed("name"))
    access_of(tx.engine()).bump_epoch(tx.writer());
}

// ---- Actions of users

void run_leaving(record::ActionContext& context, bool for_good) {
  auto& user = *context.record;
  if (user.id() == context.tx.actor().user_id) throw Error(ErrorKind::Conflict, "user.yourself");
  auto owned = owned_records(context.tx, user.id());
  if (owned.empty()) {
    context.tx.transition(user, "leave", {}, context.options);
  } else if (for_good) {
    refuse_owner(std::move(owned));
  } else {
    context.tx.transition(user, "deactivate", {}, context.options);
  }
}

void add_user_actions(record::Registry& registry) {
  record::Action deactivate;
  deactivate.object = "user";
  deactivate.name = "deactivate";
  deactivate.labels = {{"停用", "停用", "Deactivate"}};
  deactivate.icon = "user-x";
  deactivate.right = "configure";
  deactivate.enabled_when = "status eq 'active'";
  deactivate.danger = true;
  // Out at once; with records still to be handed over the state says so.
  deactivate.run = [](record::ActionContext& context) { run_leaving(context, false); };

  record::Action leave = deactivate;
  leave.name = "leave";
  leave.labels = {{"完成离职", "完成離職", "Mark as left"}};
  leave.enabled_when = "status eq 'pending_handover'";
  leave.run = [](record::ActionContext& context) { run_leaving(context, true); };

  record::Action activate = deactivate;
  activate.name = "activate";
  activate.labels = {{"启用", "啟用", "Activate"}};
  activate.icon = "user-check";
  activate.enabled_when = "status ne 'active'";
  activate.danger = false;
  activate.run = [](record::ActionContext& context) {
    context.tx.transition(*context.record, "activate", {}, context.options);
  };

  registry.add_action(std::move(deactivate));
  registry.add_action(std::move(leave));
  registry.add_action(std::move(activate));
}

}  // namespace

std::vector<record::Invariant> organisation_invariants(
    const std::vector<record::ObjectDefinition>& objects) {
  std::vector<record::Invariant> out;
  for (const auto& object : objects) {
    if (!object.owned) continue;
    const db::Rows rows{
        object.name,
        {{"deleted_at", db::Compare::IsNull, {}}, {"owner_id", db::Compare::IsNotNull, {}}}};
    const db::Partner owner{
        "user", {{"owner_id", "id"}, {"scope_department_id", "department_id", true}}, {}};
    const db::Partner moving{"department_move", {{"owner_id", "user_id"}}, {}};
    out.push_back({object.name + ": scope_department_id is not the department of owner_id",
                   [rows, owner, moving](db::Reader& reader) {
                     return db::without_partner(reader, rows, {owner, moving});
                   }});
  }
  return out;
}

void add_organisation_rules(Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_hooks({"user", "user_rules", 50, {}, before_user, after_user});
  registry.add_hooks(
      {"department", "department_rules", 50, {}, before_department, after_department});
  registry.add_hooks({"role", "role_rules", 50, {}, before_role, after_role});
  add_user_actions(registry);
  registry.add_table(
      {"department_move", {{"user_id", false, true}, {"at", false, true}}, {"user_id"}, {}, false});
  registrar.schedules.push_back({"identity.moves", 60'000, settle_moves});
}

}  // namespace kehai::platform
