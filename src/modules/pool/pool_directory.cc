#include "modules/pool/pool_directory.h"

#include <algorithm>
#include <map>

#include "modules/territory/territories.h"

namespace kehai::modules {

namespace {

std::set<std::int64_t> ids(const record::Record& record, std::string_view field) {
  std::set<std::int64_t> out;
  for (const auto& value : record.many(field)) out.insert(value.as_int());
  return out;
}

std::optional<std::int64_t> number(const record::Record& record, std::string_view field) {
  return record.is_null(field) ? std::nullopt : std::optional(record.integer(field));
}

RecycleRules recycle_rules(const record::Record& pool) {
  RecycleRules rules;
  rules.first_hours = number(pool, "recycle_first_hours");
  rules.follow_days = number(pool, "recycle_follow_days");
  rules.opportunity_days = number(pool, "recycle_opportunity_days");
  rules.deal_days = number(pool, "recycle_deal_days");
  rules.protect_days = pool.integer("recycle_protect_days");
  rules.from = number(pool, "recycle_from");
  rules.after_protection = pool.integer("recycle_after_protection") != 0;
  rules.working_days = pool.integer("recycle_working_days") != 0;
  rules.takes_won = pool.integer("recycle_takes_won") != 0;
  return rules;
}

std::vector<record::Record> all_records(record::Engine& engine, std::string_view object) {
  std::vector<record::Record> records;
  record::ListRequest request;
  request.maximum_top = 1000;
  request.default_top = 1000;
  const auto actor = record::system_actor("job");
  do {
    request.options.skiptoken =
        engine.list_typed(actor, object, request,
                          [&](const record::TypedRow& row) { records.push_back(row.record); });
  } while (!request.options.skiptoken.empty());
  return records;
}

void add_below(const std::multimap<std::int64_t, std::int64_t>& children, std::int64_t department,
               std::set<std::int64_t>& out) {
  if (!out.insert(department).second) return;
  const auto [begin, end] = children.equal_range(department);
  for (auto it = begin; it != end; ++it) add_below(children, it->second, out);
}

}  // namespace

bool Pool::is_member(const record::Identity& who) const {
  const bool is_open = members.empty() && member_departments.empty() && member_roles.empty() &&
                       member_territories.empty();
  if (is_open || is_admin(who) || members.contains(who.user_id)) return true;
  if (territory_people.contains(who.user_id)) return true;
  return member_departments.contains(who.department_id) ||
         std::any_of(who.role_ids.begin(), who.role_ids.end(),
                     [&](std::int64_t role) { return member_roles.contains(role); });
}

void PoolDirectory::load(record::Engine& engine) {
  std::multimap<std::int64_t, std::int64_t> children;
  auto parents = std::make_shared<std::map<std::int64_t, std::int64_t>>();
  for (const auto& department : all_records(engine, "department")) {
    if (department.is_null("parent_id")) continue;
    children.emplace(department.integer("parent_id"), department.id());
    parents->emplace(department.id(), department.integer("parent_id"));
  }
  Territories territories;
  engine.database().read([&](db::Reader& reader) { territories = read_territories(reader); });
  auto pools = std::make_shared<std::vector<Pool>>();
  for (const auto& record : all_records(engine, "pool")) {
    Pool pool;
    pool.id = record.id();
    pool.name = record.text("name");
    pool.kind = record.text("kind");
    pool.is_enabled = record.integer("is_enabled") != 0;
    pool.is_default = record.integer("is_default") != 0;
    pool.admins = ids(record, "admin_user_ids");
    pool.members = ids(record, "member_user_ids");
    for (const auto& department : ids(record, "member_department_ids")) {
      add_below(children, department, pool.member_departments);
    }
    pool.member_roles = ids(record, "member_role_ids");
    pool.member_territories = ids(record, "member_territory_ids");
    for (const auto& territory : pool.member_territories)
      pool.territory_people.merge(people_below(territories, territory));
    pool.region_id = record.integer("region_id");
    pool.department_id = record.integer("department_id");
    pool.daily_limit = number(record, "daily_limit");
    pool.freeze_days = record.integer("freeze_days");
    pool.cooldown_days = number(record, "cooldown_days");
    for (const auto& field : record.many("hidden_fields"))
      pool.hidden_fields.push_back(field.as_text());
    pool.recycle = recycle_rules(record);
    pools->push_back(std::move(pool));
  }
  const std::lock_guard lock(mutex_);
  engine_ = &engine;
  pools_ = std::move(pools);
  parents_ = std::move(parents);
}

void PoolDirectory::reload() {
  if (record::Engine* engine = engine_) load(*engine);
}

std::shared_ptr<const std::vector<Pool>> PoolDirectory::pools() const {
  const std::lock_guard lock(mutex_);
  return pools_;
}

std::optional<Pool> PoolDirectory::find(std::int64_t id) const {
  const auto all = pools();
  for (const auto& pool : *all) {
    if (pool.id == id) return pool;
  }
  return std::nullopt;
}

std::optional<Pool> PoolDirectory::choose(std::string_view kind, std::int64_t region_id,
                                          std::int64_t department_id) const {
  std::shared_ptr<const std::vector<Pool>> all;
  std::shared_ptr<const std::map<std::int64_t, std::int64_t>> parents;
  {
    const std::lock_guard lock(mutex_);
    all = pools_;
    parents = parents_;
  }
  // A region's code begins with the code of what contains it: 330106 lies in 330100 lies in 330000.
  // How deep the outer one is; 0 when it does not contain the inner one.
  const auto depth = [](std::int64_t outer, std::int64_t inner) {
    if (outer == 0 || inner == 0) return 0;
    if (outer % 10'000 == 0) return outer / 10'000 == inner / 10'000 ? 1 : 0;
    if (outer % 100 == 0) return outer / 100 == inner / 100 ? 2 : 0;
    return outer == inner ? 3 : 0;
  };
  const auto pick = [&](auto matches) -> const Pool* {
    for (const auto& pool : *all) {
      if (pool.kind == kind && pool.is_enabled && matches(pool)) return &pool;
    }
    return nullptr;
  };
  // The deepest region that matches: 杭州 before 浙江.
  const Pool* found = nullptr;
  for (int wanted = 3; wanted > 0 && found == nullptr; --wanted)
    found = pick([&](const Pool& pool) { return depth(pool.region_id, region_id) == wanted; });
  // The nearest department that has one: the owner's own, then those above it.
  std::set<std::int64_t> asked;
  while (found == nullptr && department_id != 0 && asked.insert(department_id).second) {
    found = pick([&](const Pool& pool) { return pool.department_id == department_id; });
    const auto above = parents->find(department_id);
    department_id = above == parents->end() ? 0 : above->second;
  }
  if (found == nullptr) found = pick([](const Pool& pool) { return pool.is_default; });
  if (found == nullptr) found = pick([](const Pool&) { return true; });
  return found == nullptr ? std::nullopt : std::optional<Pool>(*found);
}

std::vector<record::Branch> PoolDirectory::branches(const record::Actor& actor,
                                                    std::string_view object,
                                                    std::string_view right) const {
  record::Engine* engine = engine_;
  if (engine == nullptr) return {};
  const record::Identity who = engine->access().identity(actor);
  std::vector<record::Branch> out;
  record::Branch admin{"pool_id", {}, {}};
  std::map<std::vector<std::string>, std::vector<std::int64_t>> by_hidden;
  // Members claim; a member with the right to assign (a manager) hands out as well.
  const bool for_members = right == "read" || right == "claim" || right == "assign";
  const auto all = pools();
  for (const auto& pool : *all) {
    if (pool.kind != object) continue;
    if (pool.is_admin(who)) {
      admin.values.push_back(pool.id);
    } else if (for_members && pool.is_enabled && pool.is_member(who)) {
      by_hidden[pool.hidden_fields].push_back(pool.id);
    }
  }
  if (!admin.values.empty()) out.push_back(std::move(admin));
  for (auto& [hidden, values] : by_hidden) out.push_back({"pool_id", std::move(values), hidden});
  return out;
}

}  // namespace kehai::modules
