#include "platform/access/built_in_roles.h"

#include "base/error.h"
#include "platform/access/epochs.h"
#include "platform/access/memberships.h"
#include "platform/access/role_rights.h"
#include "platform/embedded_platform.h"

namespace kehai::platform {

namespace {

const db::Table kRole("role");
const db::Table kSeed("role_seed");

ObjectRights parse_rights(const base::JsonObject& json) {
  ObjectRights rights;
  const auto scope = parse_scope(base::json_text(json, "scope", "none"));
  if (!scope)
    throw base::Error(base::ErrorKind::Internal, "internal", {},
                      "built_in_roles.json: unknown scope");
  rights.scope = *scope;
  for (const auto& action : json.at("actions").as_array())
    rights.actions.emplace_back(action.as_string());
  return rights;
}

std::int64_t find_role(db::Reader& reader, const std::string& name) {
  const auto rows =
      kRole.select(reader, {{"id"}, {{"name", db::Compare::Equal, db::Value(name)}}, {}, 0, false});
  return rows.empty() ? 0 : rows[0][0].int_or(0);
}

bool seed_role(record::Tx& tx, const BuiltInRole& role) {
  std::int64_t id = find_role(tx.writer(), role.name);
  bool changed = id == 0;
  if (id == 0) {
    record::Draft draft;
    draft.set("name", role.name)
        .set("label", role.labels.in(base::Language::SimplifiedChinese))
        .set("description", role.descriptions.in(base::Language::SimplifiedChinese))
        .set("built_in", true);
    id = tx.create("role", std::move(draft)).id();
  }
  for (const auto& [object, rights] : role.rights) {
    if (!kSeed.insert_if_absent(tx.writer(), {{"role", role.name}, {"object", object}})) continue;
    write_object_rights(tx.writer(), id, object, rights);
    changed = true;
  }
  return changed;
}

bool is_seeded(db::Reader& reader, const std::vector<BuiltInRole>& roles) {
  std::map<std::string, std::map<std::string, bool>> seeded;
  kSeed.select_each(reader, {{"role", "object"}, {}, {}, 0, false}, [&](const db::Row& row) {
    seeded[std::string(row.get_text(0))][std::string(row.get_text(1))] = true;
  });
  for (const auto& role : roles) {
    if (find_role(reader, role.name) == 0) return false;
    for (const auto& [object, rights] : role.rights) {
      if (!seeded[role.name].contains(object)) return false;
    }
  }
  return true;
}

}  // namespace

std::vector<BuiltInRole> built_in_roles() {
  const auto json = base::parse_json(embedded_built_in_roles());
  std::vector<BuiltInRole> roles;
  for (const auto& element : json.at("roles").as_array()) {
    const auto& item = element.as_object();
    roles.push_back({base::json_text(item, "name"),
                     base::Labels::from_json(item.at("label")),
                     base::Labels::from_json(item.at("description")),
                     {}});
  }
  for (const auto& [object, by_role] : json.at("rights").as_object()) {
    for (auto& role : roles) {
      if (const auto* rights = by_role.as_object().if_contains(role.name)) {
        role.rights.emplace(object, parse_rights(rights->as_object()));
      }
    }
  }
  return roles;
}

void seed_built_in_roles(record::Engine& engine) {
  const auto roles = built_in_roles();
  bool done = false;
  engine.database().read([&](db::Reader& reader) { done = is_seeded(reader, roles); });
  if (done) return;
  record::Actor system;
  system.system = true;
  system.via = "system";
  engine.write(system, [&](record::Tx& tx) {
    // Two nodes may start at once.
    tx.writer().lock("organisation", "");
    bool changed = false;
    for (const auto& role : roles) changed = seed_role(tx, role) || changed;
    if (changed) access_of(engine).bump_epoch(tx.writer());
  });
}

void register_access(Registrar& registrar) {
  registrar.registry.add_table(Epochs::table());
  registrar.registry.add_table(member_table());
  for (auto& table : role_right_tables()) registrar.registry.add_table(std::move(table));
  registrar.starters.emplace_back(seed_built_in_roles);
}

}  // namespace kehai::platform
