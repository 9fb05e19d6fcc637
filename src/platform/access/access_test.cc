#include "platform/access/access.h"

#include <doctest/doctest.h>

#include <thread>

#include "db/table.h"
#include "db/test_databases.h"
#include "platform/access/random_company.h"
#include "platform/access/reference_model.h"
#include "platform/access/role_rights.h"
#include "platform/access/test_company.h"

namespace kehai::platform {

namespace {

using record::FieldAccess;

const std::map<std::string, std::vector<std::string>> kObjects = {
    {"deal", {"amount", "mobile", "name"}},
    {"visit", {"name"}},
    {"line", {"name"}},
    {"territory", {"secret", "name"}}};
const std::map<std::string, model::Kind> kKinds = {{"deal", model::Kind::Owned},
                                                   {"visit", model::Kind::OwnedChild},
                                                   {"line", model::Kind::Child},
                                                   {"territory", model::Kind::Configuration}};

// Puts the model's company into the tables as they are, without the engine: thousands of companies
// pass.
void store(db::Database& database, Access& access, const model::Company& company) {
  database.write([&](db::Writer& writer) {
    for (const auto* name :
         {"user", "user__role_ids", "department", "role", "role_right", "role_field_rule"}) {
      db::Table(name).erase(writer, {});
    }
    const auto reference = [](std::int64_t id) { return id == 0 ? db::Value() : db::Value(id); };
    for (const auto& [id, parent] : company.parent_department) {
      db::Table("department")
          .insert(writer, {{"id", id}, {"parent_id", reference(parent)}, {"version", 1}});
    }
    for (const auto& [id, role] : company.roles) {
      db::Table("role").insert(
          writer, {{"id", id}, {"name", role.is_admin ? "admin" : "role" + std::to_string(id)}});
      write_role_rights(writer, id, role.rights);
    }
    for (const auto& [id, user] : company.users) {
      db::Table("user").insert(writer, {{"id", id},
                                        {"name", "user" + std::to_string(id)},
                                        {"department_id", reference(user.department)},
                                        {"superior_id", reference(user.superior)},
                                        {"status", user.active ? "active" : "left"}});
      std::int64_t position = 0;
      for (const std::int64_t role : user.roles) {
        db::Table("user__role_ids")
            .insert(writer, {{"record_id", id}, {"position", position++}, {"value", role}});
      }
    }
    access.bump_epoch(writer);
  });
}

// The columns that the engine keeps: the owner's current department, the parent's owner.
record::Record stored(const record::ObjectDefinition& definition, const model::Company& company,
                      const model::Record& record) {
  record::Record out(definition);
  const auto set = [&](const char* column, std::int64_t id) {
    if (definition.field_index(column) >= 0 && id != 0) out.set(column, id);
  };
  set("owner_id", record.owner);
  set("scope_department_id", record.owner == 0 ? 0 : company.users.at(record.owner).department);
  set("parent_owner_id", record.parent_owner);
  set("pool_id", record.pool);
  return out;
}

model::Record random_record(model::Dice& dice, const std::vector<std::int64_t>& users,
                            const std::vector<std::int64_t>& pools) {
  model::Record record;
  if (!dice.one_in(5)) record.owner = dice.pick(users);
  if (!dice.one_in(3)) record.parent_owner = dice.pick(users);
  if (record.owner == 0 && !dice.one_in(4)) record.pool = dice.pick(pools);
  return record;
}

struct Tally {
  std::int64_t cases = 0;
  std::int64_t allowed = 0;
  std::int64_t wrong = 0;
  std::int64_t fields = 0;
  std::string first_wrong;

  void compare(bool expected, bool actual, const std::function<std::string()>& what) {
    ++cases;
    allowed += expected ? 1 : 0;
    if (expected == actual) return;
    if (wrong++ == 0)
      first_wrong = what() + (expected ? " should be allowed" : " should be refused");
  }
};

}  // namespace

TEST_CASE("the policy agrees with the reference model on random companies") {
  db::TestDatabase database(db::Kind::Sqlite);
  TestCompany office(database.get());
  model::Company company;
  // Members see a pool, with a field hidden.
  office.registry().add_branch_provider([&](const record::Actor& actor,
                                            const record::ObjectDefinition& object,
                                            std::string_view right) {
    std::vector<record::Branch> branches;
    if (object.name != "deal" || (right != "read" && right != "claim")) return branches;
    record::Branch branch{"pool_id", {}, {"mobile"}};
    for (const auto& [pool, members] : company.pool_members) {
      if (std::find(members.begin(), members.end(), actor.user_id) != members.end())
        branch.values.push_back(pool);
    }
    branches.push_back(std::move(branch));
    return branches;
  });
  auto& access = office.access();
  const auto schema = office.engine().schema();
  model::Dice dice(20'260'101);
  Tally tally;
  for (int round = 0; round < 215; ++round) {
    company = model::random_company(dice, {}, 10'000 + round * 10'000, kObjects);
    store(database.get(), access, company);
    std::vector<std::int64_t> users, pools;
    for (const auto& [id, user] : company.users) users.push_back(id);
    for (const auto& [id, members] : company.pool_members) pools.push_back(id);
    std::vector<model::Record> records;
    for (int i = 0; i < 12; ++i) records.push_back(random_record(dice, users, pools));
    for (const auto& [user_id, user] : company.users) {
      record::Actor actor;
      actor.user_id = user_id;
      access.attach_rights(actor);
      CHECK((actor.rights != nullptr) == user.active);
      for (const auto& [object, kind] : kKinds) {
        const auto& definition = schema->at(object).definition();
        for (const auto& right : model::rights_of_objects()) {
          const bool may = access.may(actor, definition, right);
          const auto scope = access.scope(actor, definition, right);
          if (!may) CHECK_FALSE((scope.all || !scope.branches.empty()));
          for (auto record : records) {
            if (object != "deal") record.pool = 0;
            const bool expected = model::allowed(company, user, object, kind, right, record);
            const bool actual = may && record::admits(scope, stored(definition, company, record));
            tally.compare(expected, actual, [&] {
              return "round " + std::to_string(round) + " user " + std::to_string(user_id) + " " +
                     right + " " + object + " owner " + std::to_string(record.owner) + " parent " +
                     std::to_string(record.parent_owner);
            });
          }
        }
        for (const auto& field : kObjects.at(object)) {
          const auto& field_definition = *definition.field(field);
          const FieldRule expected =
              user.active ? model::field_rule(company, user, object,
                                              kind == model::Kind::Configuration, field)
                          : FieldRule{FieldAccess::Hidden, true};
          const FieldRule actual{access.field_access(actor, definition, field_definition),
                                 access.is_masked(actor, definition, field_definition)};
          ++tally.fields;
          // Masking means nothing where the field is hidden.
          const bool same =
              expected.access == actual.access &&
              (expected.access == FieldAccess::Hidden || expected.mask == actual.mask);
          if (!same && tally.wrong++ == 0) {
            tally.first_wrong = "round " + std::to_string(round) + " user " +
                                std::to_string(user_id) + " field " + object + "." + field + ": " +
                                std::string(field_access_name(actual.access)) + " instead of " +
                                std::string(field_access_name(expected.access));
          }
        }
      }
    }
  }
  INFO(tally.first_wrong);
  CHECK(tally.wrong == 0);
  CHECK(tally.cases >= 1'000'000);
  // Neither everything nor nothing is allowed: both sides are really exercised.
  CHECK(tally.allowed > tally.cases / 5);
  CHECK(tally.allowed < tally.cases * 4 / 5);
  CHECK(tally.fields >= 10'000);
  MESSAGE(tally.cases, " cases, ", tally.allowed, " allowed, ", tally.fields, " fields");
}

TEST_CASE("nobody without rights gets anything; a system actor passes; read-only stays read-only") {
  db::TestDatabase database(db::Kind::Sqlite);
  TestCompany company(database.get());
  const SignIn boss = company.set_up();
  auto& access = company.access();
  const auto schema = company.engine().schema();
  const auto& deal = schema->at("deal").definition();
  const auto& territory = schema->at("territory").definition();
  record::Actor nobody;
  nobody.user_id = 4711;
  access.attach_rights(nobody);
  for (const auto* definition : {&deal, &territory}) {
    for (const auto* right : {"read", "edit", "configure", "export"}) {
      CHECK_FALSE(access.may(nobody, *definition, right));
      CHECK_FALSE(access.scope(nobody, *definition, right).all);
      CHECK(access.scope(nobody, *definition, right).branches.empty());
      CHECK(access.may(TestCompany::system(), *definition, right));
      CHECK(access.scope(TestCompany::system(), *definition, right).all);
    }
    CHECK(access.field_access(nobody, *definition, definition->fields[0]) == FieldAccess::Hidden);
    CHECK(access.is_masked(nobody, *definition, definition->fields[0]));
  }
  CHECK_FALSE(access.may_configure(nobody, "user"));
  CHECK_FALSE(access.is_admin(nobody));
  CHECK(access.identity(nobody).department_ids.empty());
  auto reading = boss.actor;
  reading.read_only = true;
  CHECK(access.may(reading, deal, "read"));
  CHECK(access.may(reading, deal, "export"));
  for (const auto* right : {"edit", "create", "delete", "configure", "claim", ""})
    CHECK_FALSE(access.may(reading, deal, right));
  CHECK_FALSE(access.scope(reading, deal, "edit").all);
  CHECK_FALSE(access.may_configure(reading, "user"));
}

TEST_CASE("a branch is left out only where another always covers it") {
  db::TestDatabase database(db::Kind::Sqlite);
  TestCompany company(database.get());
  const std::int64_t top = company.department("总部");
  const std::int64_t east = company.department("华东", top);
  const std::int64_t south = company.department("华南", top);
  const auto scope_of = [&](Scope scope, std::vector<std::int64_t> departments,
                            std::int64_t department, std::int64_t superior = 0) {
    static int number = 0;
    const std::string name = "r" + std::to_string(++number);
    const std::int64_t role =
        company.role(name, {{"deal", {{"read"}, scope, std::move(departments), {}}}});
    const std::int64_t user = company.user("u" + name, department, {role}, superior);
    return std::pair(
        user, company.access().scope(company.actor(user),
                                     company.engine().schema()->at("deal").definition(), "read"));
  };
  const auto [own_user, own] = scope_of(Scope::Own, {}, east);
  REQUIRE(own.branches.size() == 1);
  CHECK(own.branches[0].column == "owner_id");
  CHECK(own.branches[0].values == std::vector<std::int64_t>{own_user});
  const auto [below_user, below] = scope_of(Scope::DepartmentBelow, {}, top);
  REQUIRE(below.branches.size() == 1);
  CHECK(below.branches[0].column == "scope_department_id");
  CHECK(below.branches[0].values == std::vector<std::int64_t>{top, east, south});
  const auto [chosen_user, chosen] = scope_of(Scope::Departments, {south}, east);
  REQUIRE(chosen.branches.size() == 2);
  CHECK(chosen.branches[0].values == std::vector<std::int64_t>{chosen_user});
  CHECK(chosen.branches[1].values == std::vector<std::int64_t>{south});
  const auto [lone_user, lone] = scope_of(Scope::Department, {}, 0);
  REQUIRE(lone.branches.size() == 1);
  CHECK(lone.branches[0].values == std::vector<std::int64_t>{lone_user});
  const auto [none_user, none] = scope_of(Scope::None, {}, east);
  CHECK(none.branches.empty());
  CHECK_FALSE(none.all);
  CHECK(company.access().departments_below(top) == std::vector<std::int64_t>{top, east, south});
  const std::int64_t low = company.user("low", 0, {}, below_user);
  const std::int64_t lower = company.user("lower", 0, {}, low);
  CHECK(company.access().subordinates(below_user) == std::vector<std::int64_t>{low, lower});
}

TEST_CASE(
    "rights are cached until the epoch moves, then new at once, also under load from many "
    "threads") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const std::int64_t role = company.role("reading", {{"deal", {{"read"}, Scope::Own, {}, {}}}});
    const std::int64_t user = company.user("wang", 0, {role});
    const auto first = company.actor(user);
    const auto reads = database->statistics().reads;
    for (int i = 0; i < 100; ++i) CHECK(company.actor(user).rights == first.rights);
    CHECK(database->statistics().reads == reads);
    const auto& deal = company.engine().schema()->at("deal").definition();
    std::atomic<bool> stop{false};
    std::atomic<int> seen{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        while (!stop) {
          if (company.access().may(company.actor(user), deal, "edit")) ++seen;
        }
      });
    }
    for (int i = 0; i < 10; ++i) {
      company.access().set_role_rights(TestCompany::system(), role,
                                       {{"deal",
                                         {i % 2 == 0 ? std::vector<std::string>{"read", "edit"}
                                                     : std::vector<std::string>{"read"},
                                          Scope::Own,
                                          {},
                                          {}}}});
      CHECK(company.access().may(company.actor(user), deal, "edit") == (i % 2 == 0));
    }
    stop = true;
    for (auto& thread : threads) thread.join();
    CHECK_FALSE(company.access().may(company.actor(user), deal, "edit"));
    CHECK(first.rights != company.actor(user).rights);
  });
}

}  // namespace kehai::platform
