#include "app/seed/company.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

#include "app/application.h"
#include "app/demo/names.h"
#include "platform/identity/accounts.h"

namespace kehai::app {

using record::Draft;
using record::Tx;
using record::Value;

namespace {

constexpr std::array<const char*, 5> kAreas = {"华东大区", "华南大区", "华北大区", "西南大区",
                                               "华中大区"};
constexpr int kTeamsPerArea = 5;
constexpr int kSellersPerTeam = 11;

class CompanyMaker {
 public:
  CompanyMaker(Application& application, base::Random& random)
      : application_(application), engine_(application.engine()), random_(random) {}

  SeedCompany make() {
    load_existing();
    const std::int64_t admin = add_first();
    engine_.write(system_, [&](Tx& tx) {
      company_.sellers.clear();
      company_.users = 1;
      company_.departments = 1;
      for (std::size_t area = 0; area < kAreas.size(); ++area) add_area(tx, area, admin);
      application_.access().bump_epoch(tx.writer());
    });
    return company_;
  }

 private:
  std::int64_t find(std::string_view object, const std::string& name) {
    std::int64_t id = 0;
    record::ListRequest request;
    request.default_top = 500;
    engine_.list_typed(system_, object, request, [&](const record::TypedRow& row) {
      if (name.empty() || row.record.text("name") == name) id = row.record.id();
    });
    return id;
  }

  void load_existing() {
    for (const auto* role : {"admin", "manager", "sales"}) roles_[role] = find("role", role);
    root_ = find("department", "");
    if (root_ != 0) return;
    engine_.write(system_, [&](Tx& tx) {
      root_ = tx.create("department", Draft().set("name", "总部")).id();
    });
  }

  // The only password that is hashed; the others get a copy of the hash.
  std::int64_t add_first() {
    platform::Identity::NewUser user;
    user.login = "admin";
    user.name = "陈立";
    user.password = kSeedPassword;
    user.department_id = root_;
    user.role_ids = {roles_.at("admin")};
    user.language = "zh-CN";
    const std::int64_t id = application_.identity().create_user(system_, user);
    application_.database().read(
        [&](db::Reader& reader) { hash_ = platform::read_password(reader, id)->hash; });
    company_.admin_login = user.login;
    return id;
  }

  std::int64_t add_user(Tx& tx, const std::string& login, const char* role, std::int64_t department,
                        std::int64_t superior) {
    Draft draft;
    draft.set("login", login)
        .set("name", std::string(pick(random_, kSurnames)) + pick(random_, kGivenNames));
    draft.set("department_id", department).set("superior_id", superior).set("language", "zh-CN");
    draft.many["role_ids"] = {Value(roles_.at(role))};
    const std::int64_t id = tx.create("user", std::move(draft)).id();
    platform::write_password(tx.writer(), id, hash_, false, tx.now());
    ++company_.users;
    return id;
  }

  std::int64_t add_department(Tx& tx, const std::string& name, std::int64_t parent) {
    ++company_.departments;
    return tx.create("department", Draft().set("name", name).set("parent_id", parent)).id();
  }

  void add_area(Tx& tx, std::size_t area, std::int64_t admin) {
    const std::int64_t department = add_department(tx, kAreas[area], root_);
    const std::string manager_login = fmt::format("manager{}", area + 1);
    const std::int64_t manager = add_user(tx, manager_login, "manager", department, admin);
    if (area == 0) company_.manager_login = manager_login;
    for (int team = 1; team <= kTeamsPerArea; ++team) {
      const std::int64_t id =
          add_department(tx, fmt::format("{}销售{}部", kAreas[area], team), department);
      std::int64_t leader = manager;
      for (int person = 1; person <= kSellersPerTeam; ++person) {
        const std::string login = fmt::format("sales{}_{}_{}", area + 1, team, person);
        const std::int64_t user =
            add_user(tx, login, person == 1 ? "manager" : "sales", id, leader);
        if (person == 1) leader = user;
        company_.sellers.push_back({user, id, login});
      }
    }
  }

  Application& application_;
  record::Engine& engine_;
  base::Random& random_;
  record::Actor system_ = record::system_actor("command_line");
  std::map<std::string, std::int64_t> roles_;
  std::int64_t root_ = 0;
  std::string hash_;
  SeedCompany company_;
};

}  // namespace

SeedCompany make_company(Application& application, base::Random& random) {
  return CompanyMaker(application, random).make();
}

}  // namespace kehai::app
