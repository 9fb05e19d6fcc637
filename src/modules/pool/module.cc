#include "modules/pool/module.h"

#include "base/error.h"
#include "db/table.h"
#include "modules/embedded_definitions.h"
#include "modules/pool/recycle.h"
#include "platform/access/access.h"

namespace kehai::modules {

namespace {

const db::Table kPoolTerritories("pool__member_territory_ids");
const db::Table kCapacityRule("capacity_rule");
const db::Table kTerritory("territory");
constexpr const char* kTerritoryLock = "territory";

// What a pool or a capacity rule names cannot go: a pool whose only territory went would be
// everybody's.
void guard_territory(record::Tx& tx, record::Change& change) {
  if (change.operation != record::Operation::Delete) return;
  tx.writer().lock(kTerritoryLock, "");
  const record::Value territory(change.after->id());
  base::JsonObject referrers;
  const auto note = [&](const char* object, std::int64_t count) {
    if (count > 0) referrers[object] = count;
  };
  note("pool", kPoolTerritories.count(tx.writer(), {{"value", db::Compare::Equal, territory}}));
  note(
      "capacity_rule",
      kCapacityRule.count(tx.writer(), {{"subject", db::Compare::Equal, record::Value("territory")},
                                        {"subject_id", db::Compare::Equal, territory}}));
  if (referrers.empty()) return;
  base::JsonObject data;
  data["referrers"] = std::move(referrers);
  throw base::Error(base::ErrorKind::Conflict, "record.has_referrers")
      .with_data(boost::json::serialize(data));
}

// Nobody deletes the territory while it is being named.
void require_territory(record::Tx& tx, std::int64_t territory, const char* field) {
  tx.writer().lock(kTerritoryLock, "");
  if (kTerritory.count(tx.writer(), {{"id", db::Compare::Equal, territory}}) == 0)
    throw base::Error::fields({{field, "field.reference_not_found", {}}});
}

void guard_capacity_rule(record::Tx& tx, record::Change& change) {
  const auto& rule = *change.after;
  if (change.operation != record::Operation::Delete && rule.text("subject") == "territory")
    require_territory(tx, rule.integer("subject_id"), "subject_id");
}

// What a pool hides must exist, and what makes a row recognisable stays.
void check_hidden_fields(record::Tx& tx, const record::Record& pool) {
  const auto* schema = tx.schema().find(pool.text("kind"));
  if (schema == nullptr) return;
  const auto& object = schema->definition();
  for (const auto& value : pool.many("hidden_fields")) {
    const auto* field = object.field(value.as_text());
    if (field == nullptr || field->system || field->state || field->name == object.title_field) {
      throw base::Error::fields(
          {{"hidden_fields", "pool.cannot_hide", {{"field", value.as_text()}}}});
    }
  }
}

// One default pool per kind, one enabled pool at least; a pool that holds records can be neither
// disabled nor deleted.
void guard_pool(record::Tx& tx, record::Change& change) {
  const auto& pool = *change.after;
  if (change.operation != record::Operation::Delete) {
    for (const auto& territory : pool.many("member_territory_ids"))
      require_territory(tx, territory.as_int(), "member_territory_ids");
    check_hidden_fields(tx, pool);
    guard_recycle_rules(tx, change);
  }
  const bool leaves =
      change.operation == record::Operation::Delete ||
      (change.before != nullptr && change.changed("is_enabled") && pool.integer("is_enabled") == 0);
  if (leaves && tx.count(pool.text("kind"), "pool_id eq @pool",
                         {{"pool", record::id_value(pool.id())}}) > 0) {
    throw base::Error(base::ErrorKind::Conflict, "pool.holds_records");
  }
  if (leaves && tx.count("pool", "kind eq @kind and is_enabled eq true and id ne @self",
                         {{"kind", record::text_value(pool.text("kind"))},
                          {"self", record::id_value(pool.id())}}) == 0) {
    throw base::Error(base::ErrorKind::Conflict, "pool.last_of_kind");
  }
  if (change.before != nullptr && change.operation == record::Operation::Update &&
      change.changed("kind")) {
    throw base::Error::fields({{"kind", "pool.kind_is_fixed", {}}});
  }
  if (change.operation != record::Operation::Delete && pool.integer("is_default") != 0) {
    for (auto& other : tx.find_all("pool", "kind eq @kind and is_default eq true and id ne @self",
                                   {{"kind", record::text_value(pool.text("kind"))},
                                    {"self", record::id_value(pool.id())}})) {
      tx.update(other, record::Draft().set("is_default", 0));
    }
  }
}

// A company has a lead pool and a public pool from the first day.
void create_default_pools(record::Engine& engine) {
  const auto actor = record::system_actor("job");
  record::ListRequest any;
  if (engine.count(actor, "pool", any, 1) > 0) return;
  engine.write(actor, [](record::Tx& tx) {
    record::Draft lead;
    lead.set("name", "线索池").set("kind", "lead").set("is_default", 1).set("cooldown_days", 3);
    lead.many["hidden_fields"] = {"mobile", "phone", "email", "wechat", "address"};
    tx.create("pool", lead);
    record::Draft account;
    account.set("name", "公海")
        .set("kind", "account")
        .set("is_default", 1)
        .set("cooldown_days", 30);
    account.many["hidden_fields"] = {"phone", "email", "address"};
    tx.create("pool", account);
  });
}

}  // namespace

std::shared_ptr<Holding> register_pool(platform::Registrar& registrar) {
  auto pools = std::make_shared<PoolDirectory>();
  auto holding = std::make_shared<Holding>(pools);
  registrar.registry.add_definition(embedded_pool());
  registrar.registry.add_definition(embedded_capacity_rule());
  add_holding_tables(registrar.registry);
  add_holding_links(*registrar.merge_rules);
  add_recycle_tables(registrar.registry);
  record::Hooks hooks;
  hooks.object = "pool";
  hooks.name = "pool";
  hooks.before_save = guard_pool;
  // Membership decides about access. The capture keeps the mechanism alive as long as the registry
  // that calls it.
  hooks.after_save = [holding](record::Tx& tx, record::Change& change) {
    platform::access_of(tx.engine()).bump_epoch(tx.writer());
    want_refresh(tx, change);
  };
  registrar.registry.add_hooks(std::move(hooks));
  record::Hooks capacity;
  capacity.object = "capacity_rule";
  capacity.name = "capacity_rule";
  capacity.before_save = guard_capacity_rule;
  registrar.registry.add_hooks(std::move(capacity));
  record::Hooks territory;
  territory.object = "territory";
  territory.name = "pool";
  territory.before_save = guard_territory;
  registrar.registry.add_hooks(std::move(territory));
  registrar.registry.add_write_option(std::string(kCapacityReason));
  registrar.registry.add_branch_provider([pools](const record::Actor& actor,
                                                 const record::ObjectDefinition& object,
                                                 std::string_view right) {
    return object.field("pool_id") == nullptr ? std::vector<record::Branch>{}
                                              : pools->branches(actor, object.name, right);
  });
  registrar.starters.push_back([pools](record::Engine& engine) {
    create_default_pools(engine);
    pools->load(engine);
  });
  // Limits and names may change on another node; the list is small.
  registrar.schedules.push_back(
      {"pool.reload", 500, [pools](record::Engine& engine) { pools->load(engine); }, true});
  const auto recycler = std::make_shared<const Recycler>(holding);
  Recycler::add_hooks(registrar.registry, recycler);
  registrar.schedules.push_back(
      {"pool.recycle", 60'000, [recycler](record::Engine& engine) { recycler->run(engine); }});
  registrar.registry.add_event_handler([pools](const record::Event& event) {
    if (event.object == "pool" || event.object == "department" || event.object == "territory")
      pools->reload();
  });
  return holding;
}

}  // namespace kehai::modules
