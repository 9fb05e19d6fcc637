#include "transfer_world.h"

#include "api/events.h"
#include "api/replay.h"
#include "api/transfer_routes.h"
#include "modules/account/module.h"
#include "modules/activity/module.h"
#include "modules/catalog/module.h"
#include "modules/contact/module.h"
#include "modules/duplicates/module.h"
#include "modules/lead/module.h"
#include "modules/opportunity/module.h"
#include "modules/pool/module.h"
#include "modules/task/module.h"
#include "modules/territory/module.h"
#include "platform/notify/notify.h"
#include "platform/transfer/transfer_files.h"
#include "query/parser.h"

REGISTER_EXCEPTION_TRANSLATOR(const kehai::base::Error& error) {
  std::string text = error.code() + " " + error.detail();
  for (const auto& field : error.field_errors()) text += " " + field.field + ":" + field.code;
  return doctest::String(text.c_str());
}

namespace kehai::transfer_test {

record::Actor system_actor() {
  return record::system_actor("test");
}

World::World(db::TestDatabase& database) : database_(database) {
  start();
  make_company();
}

World::~World() = default;

void World::start() {
  registry = std::make_unique<record::Registry>();
  registrar = std::make_unique<platform::Registrar>(platform::Registrar{*registry, {}, {}});
  dedupe = std::make_unique<platform::Dedupe>();
  search = std::make_shared<platform::Search>();
  platform::register_settings(*registrar);
  platform::register_access(*registrar);
  platform::register_identity(*registrar);
  platform::register_notify(*registrar);
  platform::register_search(*registrar, search);
  modules::register_catalog(*registrar);
  modules::register_territory(*registrar);
  const auto holding = modules::register_pool(*registrar);
  modules::register_account(*registrar, holding);
  modules::register_contact(*registrar);
  modules::register_lead(*registrar, holding, *dedupe);
  modules::register_opportunity(*registrar);
  modules::register_activity(*registrar);
  modules::register_task(*registrar);
  modules::register_duplicates(*registrar, *dedupe);
  platform::register_imports(*registrar);
  platform::register_exports(*registrar);
  foundation_ = api::register_api(*registrar);
  auto& db = database_.get();
  access = platform::make_access(db, *registry, clock);
  settings = std::make_unique<platform::Settings>(db, clock);
  engine = std::make_unique<record::Engine>(record::Engine::Parts{
      db, *registry, *access, *access, clock, zone, "transfer transfer transfer transfer"});
  engine->migrate();
  search->set_policy(*access);
  engine->set_search(search.get());
  identity = platform::make_identity(*engine, *random);
  for (const auto& starter : registrar->starters) starter(*engine);
  imports = std::make_unique<platform::Imports>(
      platform::Imports::Parts{*engine, *dedupe, nullptr, folder(), {}});
  exports = std::make_unique<platform::Exports>(
      platform::Exports::Parts{*engine, nullptr, folder(), {}, {}});
  api::Parts parts{*engine, *identity, *access, *random};
  parts.answers = foundation_.answers;
  parts.events = foundation_.events;
  parts.exporter = api::list_exporter(*exports);
  parts.log = [](bool, std::string_view) {};
  api = std::make_unique<api::Api>(std::move(parts), api::transfer_routes(*imports, *exports));
}

http::Response World::send(std::string method, std::string path, std::string body,
                           std::string content_type,
                           std::vector<std::pair<std::string, std::string>> query) {
  http::Request request;
  request.method = std::move(method);
  request.path = "/api/v1" + path;
  request.target = request.path;
  request.query = std::move(query);
  request.body = std::move(body);
  request.headers = {{"host", "crm.test"},
                     {"cookie", "kehai_session=" + admin_.session_token},
                     {"x-csrf-token", admin_.csrf_token},
                     {"content-type", std::move(content_type)}};
  request.remote_address = "127.0.0.1";
  return api->handle(request);
}

void World::restart() {
  api.reset();
  exports.reset();
  imports.reset();
  identity.reset();
  engine.reset();
  settings.reset();
  access.reset();
  database_.reopen();
  start();
}

void World::make_company() {
  admin_ = identity->complete_setup(
      {identity->make_setup_token(), "尚祈科技", "管理员", "admin", "Quiet-River-91", "zh-CN"},
      "127.0.0.1");
  engine->write(system_actor(), [&](record::Tx& tx) {
    std::map<std::string, std::int64_t> roles;
    for (const auto& role : tx.find_all("role", "id gt 0", {}))
      roles[role.text("name")] = role.id();
    const auto root = tx.get("user", admin_.actor.user_id).integer("department_id");
    const auto sales =
        tx.create("department", record::Draft().set("name", "销售一部").set("parent_id", root))
            .id();
    std::int64_t manager = 0;
    const auto user = [&](const char* login, const char* name, const char* role) {
      record::Draft draft;
      draft.set("login", login)
          .set("name", name)
          .set("department_id", sales)
          .set("language", "zh-CN");
      if (manager != 0) draft.set("superior_id", manager);
      draft.many["role_ids"] = {base::Value(roles.at(role))};
      return tx.create("user", std::move(draft)).id();
    };
    manager = user("manager", "陈经理", "manager");
    user("sales1", "王雨桐", "sales");
    user("sales2", "李明", "sales");
    user("viewer", "赵看看", "viewer");
  });
}

std::int64_t World::count(std::string_view object, std::string_view filter) {
  record::ListRequest request;
  if (!filter.empty()) request.options.filter = query::parse_expression(filter);
  return engine->count(system_actor(), object, request);
}

std::vector<std::string> World::texts(std::string_view object, std::string_view field) {
  std::vector<std::string> out;
  record::ListRequest request;
  request.default_order = "id";
  request.default_top = 500;
  do {
    request.options.skiptoken =
        engine->list_typed(system_actor(), object, request, [&](const record::TypedRow& row) {
          out.push_back(row.record.get(field).is_int() ? std::to_string(row.record.integer(field))
                                                       : row.record.text(field));
        });
  } while (!request.options.skiptoken.empty());
  return out;
}

Upload::Upload(World& world, const record::Actor& actor, std::string object,
               const std::filesystem::path& file)
    : world_(world), actor_(actor) {
  take(world.imports->create(actor, object, file.filename().string(),
                             platform::bytes_of_file(file)));
  id_ = base::json_int(json(), "id");
}

Upload::Upload(World& world, const record::Actor& actor, std::string object, std::string name,
               std::string content)
    : world_(world), actor_(actor) {
  take(world.imports->create(actor, object, std::move(name),
                             platform::bytes_of(std::move(content))));
  id_ = base::json_int(json(), "id");
}

Upload& Upload::settings(std::string_view json) {
  take(world_.imports->set_settings(actor_, id_, base::parse_json(json).as_object()));
  return *this;
}
Upload& Upload::validate() {
  take(world_.imports->validate(actor_, id_));
  return *this;
}
Upload& Upload::apply(bool all_or_nothing) {
  take(world_.imports->apply(actor_, id_, all_or_nothing));
  return *this;
}
Upload& Upload::cancel() {
  take(world_.imports->cancel(actor_, id_));
  return *this;
}

std::vector<std::string> Upload::columns() const {
  std::vector<std::string> out;
  for (const auto& column : json().at("preview").as_object().at("columns").as_array()) {
    out.push_back(base::json_text(column.as_object(), "name"));
  }
  return out;
}

std::string Upload::field_of(std::string_view name) const {
  for (const auto& column : json().at("preview").as_object().at("columns").as_array()) {
    const auto& item = column.as_object();
    if (base::json_text(item, "name") == name) return base::json_text(item, "field");
  }
  return "no such column";
}

std::vector<std::string> Upload::findings(std::string_view status) {
  std::vector<std::string> out;
  const auto page = base::parse_json(world_.imports->rows(actor_, id_, status, 0, 500));
  for (const auto& element : page.as_object().at("value").as_array()) {
    const auto& row = element.as_object();
    const std::string number = std::to_string(base::json_int(row, "row"));
    for (const auto& error : row.at("errors").as_array()) {
      out.push_back(number + " " + base::json_text(error.as_object(), "column") + " " +
                    base::json_text(error.as_object(), "code"));
    }
    for (const auto& duplicate : row.at("duplicates").as_array()) {
      out.push_back(number + " " + base::json_text(duplicate.as_object(), "tier") + " " +
                    base::json_text(duplicate.as_object(), "object"));
    }
  }
  return out;
}

std::filesystem::path data_folder() {
  if (const char* folder = std::getenv("KEHAI_TEST_DATA")) return folder;
  for (const char* folder : {"../shared/data", "../../shared/data"}) {
    if (std::filesystem::exists(std::filesystem::path(folder) / "formats")) return folder;
  }
  return {};
}

std::string code_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const base::Error& error) {
    return error.field_errors().empty()
               ? error.code()
               : error.field_errors()[0].field + ":" + error.field_errors()[0].code;
  }
  return "";
}

}  // namespace kehai::transfer_test
