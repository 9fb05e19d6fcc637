#include "scenario_world.h"

#include <stdexcept>

#include "http/metrics.h"
#include "modules/account/module.h"
#include "modules/activity/module.h"
#include "modules/catalog/module.h"
#include "modules/contact/module.h"
#include "modules/lead/module.h"
#include "modules/opportunity/module.h"
#include "modules/pool/module.h"
#include "modules/task/module.h"
#include "platform/dedupe/dedupe.h"
#include "platform/jobs/job_runner.h"
#include "platform/notify/notify.h"
#include "platform/search/search.h"
#include "scenario_toys.h"

namespace kehai::scenario {

namespace {

constexpr std::string_view kAdminPassword = "Quiet-River-91";
constexpr std::string_view kPassword = "Green-Lantern-27";
constexpr std::string_view kTokenSecret = "scenario scenario scenario scenario";

void register_modules(platform::Registrar& registrar) {
  const auto holding = modules::register_pool(registrar);
  modules::register_catalog(registrar);
  modules::register_account(registrar, holding);
  modules::register_contact(registrar);
  modules::register_opportunity(registrar);
  modules::register_lead(registrar, holding);
  modules::register_activity(registrar);
  modules::register_task(registrar);
}

record::Actor system_actor() {
  record::Actor actor;
  actor.system = true;
  actor.via = "test";
  return actor;
}

}  // namespace

struct Program {
  Program(db::Database& database, base::Clock& clock, std::vector<std::string>& log)
      : settings(database, clock), log_lines(log) {
    search = std::make_shared<platform::Search>();
    platform::register_settings(registrar);
    platform::register_access(registrar);
    platform::register_identity(registrar);
    platform::register_notify(registrar);
    platform::register_search(registrar, search);
    register_modules(registrar);
    register_toys(registrar);
    foundation = api::register_api(registrar);
    access = platform::make_access(database, registry, clock);
    engine = std::make_unique<record::Engine>(
        record::Engine::Parts{database, registry, *access, *access, clock, zone, std::string(kTokenSecret)});
    engine->migrate();
    search->set_policy(*access);
    engine->set_search(search.get());
    identity = platform::make_identity(*engine, *random);
    for (const auto& starter : registrar.starters) starter(*engine);
    api::Parts parts{*engine, *identity, *access, *random};
    parts.answers = foundation.answers;
    parts.events = foundation.events;
    parts.metrics = &metrics;
    parts.organisation = [this] {
      const auto organisation = settings.organisation();
      return api::Organisation{organisation.name, organisation.time_zone, organisation.currency};
    };
    parts.log = [this](bool, std::string_view line) { log_lines.emplace_back(line); };
    api = std::make_unique<api::Api>(std::move(parts));
  }

  base::TimeZone zone{"Asia/Shanghai"};
  std::unique_ptr<base::Random> random = base::make_system_random();
  http::Metrics metrics;
  record::Registry registry;
  platform::Registrar registrar{registry, {}, {}};
  platform::Settings settings;
  std::vector<std::string>& log_lines;
  std::shared_ptr<platform::Search> search;
  api::Foundation foundation;
  std::unique_ptr<platform::Access> access;
  std::unique_ptr<record::Engine> engine;
  std::unique_ptr<platform::Identity> identity;
  std::unique_ptr<api::Api> api;
};

World::World(db::Kind kind) : database_(kind) {
  start();
  make_company();
}

World::~World() = default;

void World::start() { program_ = std::make_unique<Program>(database_.get(), clock_, log_); }

void World::restart() {
  program_.reset();
  database_.reopen();
  start();
}

void World::make_company() {
  auto& identity = *program_->identity;
  const auto admin = identity.complete_setup({identity.make_setup_token(), "尚祈科技", "管理员", "admin",
                                              std::string(kAdminPassword), "zh-CN"},
                                             "127.0.0.1");
  sessions_["admin"] = {admin.session_token, admin.csrf_token};
  users_["admin"] = admin.actor.user_id;
  std::map<std::string, std::int64_t> roles;
  program_->engine->write(system_actor(), [&](record::Tx& tx) {
    roles.clear();
    for (const auto& role : tx.find_all("role", "", {})) roles[role.text("name")] = role.id();
    const auto root = tx.get("user", users_["admin"]).integer("department_id");
    const auto department = [&](const char* name) {
      return tx.create("department", record::Draft().set("name", name).set("parent_id", root)).id();
    };
    const auto sales = department("销售一部");
    const auto other = department("销售二部");
    const auto user = [&](const char* login, const char* name, const char* role, std::int64_t where) {
      record::Draft draft;
      draft.set("login", login).set("name", name).set("department_id", where).set("language", "zh-CN");
      if (users_.contains("manager") && where == sales) draft.set("superior_id", users_["manager"]);
      draft.many["role_ids"] = {base::Value(roles.at(role))};
      users_[login] = tx.create("user", std::move(draft)).id();
    };
    users_.erase("manager");
    user("manager", "陈经理", "manager", sales);
    user("sales1", "王雨桐", "sales", sales);
    user("sales2", "李明", "sales", sales);
    user("viewer", "赵看看", "viewer", root);
    user("outsider", "周外部", "sales", other);
  });
  for (const auto* role : {"manager", "sales", "viewer"}) {
    auto rights = program_->access->role_rights(roles.at(role));
    for (auto& [object, granted] : toy_rights(role)) rights[object] = granted;
    program_->access->set_role_rights(system_actor(), roles.at(role), rights);
  }
}

const World::SignedIn& World::session_of(const std::string& user) {
  const auto known = sessions_.find(user);
  if (known != sessions_.end()) return known->second;
  const auto found = users_.find(user);
  if (found == users_.end()) throw std::runtime_error("unknown user " + user);
  auto& identity = *program_->identity;
  identity.reset_password(identity.actor_for(users_.at("admin")), found->second, kPassword);
  const auto sign_in = identity.sign_in(user, kPassword, "127.0.0.1");
  return sessions_[user] = {sign_in.session_token, sign_in.csrf_token};
}

http::Response World::send(const std::string& user, http::Request request) {
  const bool has_own = !request.header("authorization").empty() || !request.header("cookie").empty();
  if (user != "nobody" && !has_own) {
    const auto& session = session_of(user);
    request.headers.emplace_back("cookie", "kehai_session=" + session.token);
    if (request.header("x-csrf-token").empty()) request.headers.emplace_back("x-csrf-token", session.csrf);
  }
  if (request.header("host").empty()) request.headers.emplace_back("host", "crm.test");
  request.remote_address = "127.0.0.1";
  return program_->api->handle(request);
}

void World::run_jobs() { platform::JobRunner(*program_->engine, program_->registrar.schedules).run_all_now(); }

std::vector<std::string> World::take_log() { return std::exchange(log_, {}); }

}  // namespace kehai::scenario
