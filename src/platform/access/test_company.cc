#include "platform/access/test_company.h"

#include "base/error.h"

namespace kehai::platform {

namespace {

constexpr std::string_view kDeal =
    R"({"object":"deal","collection":"deals","owned":true,"title_field":"name",
  "label":"deal","members":true,"branch_columns":["pool_id"],"fields":[
  {"name":"name","type":"text","label":"name"},
  {"name":"amount","type":"integer","label":"amount"},
  {"name":"mobile","type":"phone","label":"mobile"},
  {"name":"pool_id","type":"integer","label":"pool"},
  {"name":"industry","type":"select","picklist":"industry","label":"industry"}]})";
constexpr std::string_view kVisit =
    R"({"object":"visit","collection":"visits","owned":true,"title_field":"name",
  "label":"visit","parent_field":"deal_id","fields":[
  {"name":"name","type":"text","label":"name"},
  {"name":"deal_id","type":"reference","target":"deal","label":"deal"}]})";
constexpr std::string_view kLine = R"({"object":"line","collection":"lines","title_field":"name",
  "label":"line","parent_field":"deal_id","fields":[
  {"name":"name","type":"text","label":"name"},
  {"name":"deal_id","type":"reference","target":"deal","label":"deal"}]})";
constexpr std::string_view kTerritory =
    R"({"object":"territory","collection":"territories","configuration":true,
  "title_field":"name","label":"territory","fields":[{"name":"name","type":"text","label":"name"},
  {"name":"secret","type":"text","label":"secret"}]})";

}  // namespace

TestCompany::TestCompany(db::Database& database) : database_(database) {
  register_settings(registrar_);
  register_access(registrar_);
  register_identity(registrar_);
  for (const auto definition : {kDeal, kVisit, kLine, kTerritory})
    registry_.add_definition(definition);
  access_ = make_access(database_, registry_, clock_);
  engine_ = std::make_unique<record::Engine>(record::Engine::Parts{
      database_, registry_, *access_, *access_, clock_, zone_, "0123456789abcdef0123456789abcdef"});
  engine_->migrate();
  identity_ = make_identity(*engine_, *random_);
  for (const auto& start : registrar_.starters) start(*engine_);
}

record::Actor TestCompany::system() {
  return record::system_actor("test");
}

void TestCompany::write(const std::function<void(record::Tx&)>& fn) {
  engine_->write(system(), fn);
}

std::int64_t TestCompany::department(const std::string& name, std::int64_t parent) {
  std::int64_t id = 0;
  write([&](record::Tx& tx) {
    record::Draft draft;
    draft.set("name", name);
    if (parent != 0) draft.set("parent_id", parent);
    id = tx.create("department", std::move(draft)).id();
  });
  return id;
}

std::int64_t TestCompany::role(const std::string& name,
                               const std::map<std::string, ObjectRights>& rights) {
  std::int64_t id = 0;
  write([&](record::Tx& tx) {
    id = tx.create("role", record::Draft().set("name", name).set("label", name)).id();
  });
  access_->set_role_rights(system(), id, rights);
  return id;
}

std::int64_t TestCompany::built_in(const std::string& name) {
  std::int64_t id = 0;
  write([&](record::Tx& tx) {
    id = tx.find_all("role", "name eq @name", {{"name", record::text_value(name)}}).at(0).id();
  });
  return id;
}

std::int64_t TestCompany::user(const std::string& login, std::int64_t department,
                               const std::vector<std::int64_t>& roles, std::int64_t superior) {
  std::int64_t id = 0;
  write([&](record::Tx& tx) {
    record::Draft draft;
    draft.set("login", login).set("name", login);
    if (department != 0) draft.set("department_id", department);
    if (superior != 0) draft.set("superior_id", superior);
    for (const std::int64_t role : roles) draft.many["role_ids"].emplace_back(role);
    id = tx.create("user", std::move(draft)).id();
  });
  return id;
}

std::int64_t TestCompany::deal(const std::string& name, std::int64_t owner) {
  std::int64_t id = 0;
  write([&](record::Tx& tx) {
    record::Draft draft;
    draft.set("name", name).set("amount", 100);
    if (owner != 0) draft.set("owner_id", owner);
    id = tx.create("deal", std::move(draft)).id();
  });
  return id;
}

record::Record TestCompany::get(const std::string& object, std::int64_t id) {
  return engine_->read(system(), object, id);
}

SignIn TestCompany::set_up() {
  Identity::Setup setup{
      identity_->make_setup_token(), "杭州尚祈科技", "老板", "boss", kBossPassword, "zh-CN"};
  return identity_->complete_setup(setup, "10.0.0.1");
}

std::string error_code(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const base::Error& error) {
    return error.field_errors().empty() ? error.code() : error.field_errors()[0].code;
  }
  return "";
}

}  // namespace kehai::platform
