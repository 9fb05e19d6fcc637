#include <doctest/doctest.h>

#include <thread>

#include "base/error.h"
#include "db/test_databases.h"
#include "platform/access/test_company.h"

namespace kehai::platform {

namespace {

base::JsonObject json(std::string_view text) {
  return base::parse_json(text).as_object();
}

// PATCH with the current version, as the API does it.
std::string patch(TestCompany& company, const record::Actor& actor, const std::string& object,
                  std::int64_t id, std::string_view body) {
  return error_code([&] {
    company.engine().update(actor, object, id, json(body), company.get(object, id).version());
  });
}

std::string remove(TestCompany& company, const record::Actor& actor, const std::string& object,
                   std::int64_t id) {
  return error_code(
      [&] { company.engine().erase(actor, object, id, company.get(object, id).version()); });
}

std::string act(TestCompany& company, const record::Actor& actor, const std::string& action,
                std::int64_t id) {
  return error_code([&] { company.engine().act(actor, "user", action, {id}, {}); });
}

std::string id_text(std::int64_t id) {
  return std::to_string(id);
}

}  // namespace

TEST_CASE("built-in roles are there after the first start and stay as an administrator made them") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    for (const auto* name : {"admin", "manager", "sales", "finance", "service", "viewer"}) {
      CAPTURE(name);
      CHECK(company.get("role", company.built_in(name)).integer("built_in") == 1);
    }
    const std::int64_t sales = company.built_in("sales");
    auto rights = company.access().role_rights(sales);
    CHECK(rights.at("lead").scope == Scope::Own);
    CHECK(company.access().role_rights(company.built_in("manager")).at("account").scope ==
          Scope::DepartmentBelow);
    CHECK(company.access().role_rights(company.built_in("viewer")).at("opportunity").actions ==
          std::vector<std::string>{"read"});
    CHECK(company.access().role_rights(company.built_in("admin")).empty());
    rights.erase("task");
    rights["lead"].actions = {"read"};
    company.access().set_role_rights(TestCompany::system(), sales, rights);
    const auto again = company.another_node();
    CHECK(again->access().role_rights(sales) == rights);
  });
}

TEST_CASE("users: what their login may be, once only") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    auto& engine = company.engine();
    const auto create = [&](std::string_view body) {
      return error_code([&] { engine.create(boss.actor, "user", json(body)); });
    };
    CHECK(create(R"({"login":"wang","name":"王"})") == "");
    CHECK(create(R"({"login":" WANG ","name":"王"})") == "field.not_unique");
    CHECK(create(R"({"login":"a b","name":"王"})") == "user.login_format");
    CHECK(create(R"({"login":"\u0430dmin","name":"王"})") == "user.login_format");
    CHECK(create(R"({"name":"王"})") == "field.required");
    CHECK(create(R"({"login":"li","name":"李","status":"left"})") ==
          "");  // an administrator may take over old people
    CHECK(create(R"({"login":"zhao","name":"赵","is_system":true})") == "field.read_only");
    CHECK(create(R"({"login":"zhao","name":"赵","department_id":12345})") ==
          "field.reference_not_found");
    CHECK(create(R"({"login":"zhao","name":"赵","role_ids":[12345]})") ==
          "field.reference_not_found");
  });
}

TEST_CASE("no cycles among superiors and departments, however long") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t top = company.department("总部");
    const std::int64_t middle = company.department("华东", top);
    const std::int64_t low = company.department("杭州", middle);
    CHECK(patch(company, boss.actor, "department", top, R"({"parent_id":)" + id_text(low) + "}") ==
          "department.cycle");
    CHECK(patch(company, boss.actor, "department", top, R"({"parent_id":)" + id_text(top) + "}") ==
          "department.cycle");
    CHECK(patch(company, boss.actor, "department", low, R"({"parent_id":)" + id_text(top) + "}") ==
          "");
    const std::int64_t a = company.user("aa", top, {});
    const std::int64_t b = company.user("bb", top, {}, a);
    const std::int64_t c = company.user("cc", top, {}, b);
    CHECK(patch(company, boss.actor, "user", a, R"({"superior_id":)" + id_text(c) + "}") ==
          "user.superior_cycle");
    CHECK(patch(company, boss.actor, "user", a, R"({"superior_id":)" + id_text(a) + "}") ==
          "user.superior_cycle");
    CHECK(patch(company, boss.actor, "user", c, R"({"superior_id":)" + id_text(a) + "}") == "");
  });
}

TEST_CASE("a department with people or departments below it stays") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t top = company.department("总部");
    const std::int64_t low = company.department("华东", top);
    const std::int64_t user = company.user("wang", low, {});
    CHECK(remove(company, boss.actor, "department", top) == "record.has_referrers");
    CHECK(remove(company, boss.actor, "department", low) == "record.has_referrers");
    CHECK(remove(company, boss.actor, "user", user) == "");
    CHECK(remove(company, boss.actor, "department", low) == "");
    CHECK(remove(company, boss.actor, "department", top) == "");
  });
}

TEST_CASE(
    "the last administrator can be neither removed nor deactivated nor stripped of the role") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t first = boss.actor.user_id;
    const auto system = TestCompany::system();
    CHECK(patch(company, boss.actor, "user", first, R"({"role_ids":[]})") == "user.last_admin");
    CHECK(act(company, system, "deactivate", first) == "user.last_admin");
    CHECK(remove(company, system, "user", first) != "");
    const std::int64_t admin = company.built_in("admin");
    const std::int64_t second = company.user("second", 0, {admin});
    CHECK(act(company, boss.actor, "deactivate", first) == "user.yourself");
    CHECK(act(company, boss.actor, "deactivate", second) == "");
    // A deactivated administrator does not count.
    CHECK(patch(company, boss.actor, "user", first, R"({"role_ids":[]})") == "user.last_admin");
    CHECK(act(company, boss.actor, "activate", second) == "");
    CHECK(patch(company, boss.actor, "user", first, R"({"role_ids":[]})") == "");
    CHECK(remove(company, system, "user", second) == "user.last_admin");
  });
}

TEST_CASE("rights cannot be taken by oneself") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t admin = company.built_in("admin");
    const std::int64_t user_admin =
        company.role("user_admin", {{"user", {{"configure"}, Scope::All, {}, {}}},
                                    {"role", {{"configure"}, Scope::All, {}, {}}}});
    const std::int64_t sales = company.built_in("sales");
    const std::int64_t helper_id = company.user("helper", 0, {user_admin});
    const std::int64_t wang_id = company.user("wang", 0, {sales});
    const auto helper = company.actor(helper_id);
    const auto wang = company.actor(wang_id);
    const std::string to_admin = R"({"role_ids":[)" + id_text(admin) + "]}";

    CHECK(patch(company, wang, "user", wang_id, to_admin) == "access.denied");
    CHECK(patch(company, wang, "user", wang_id, R"({"name":"新"})") == "access.denied");
    CHECK(patch(company, wang, "role", sales, R"({"label":"新"})") == "access.denied");
    CHECK(act(company, wang, "deactivate", helper_id) == "access.denied");
    CHECK(remove(company, wang, "user", helper_id) == "access.denied");
    CHECK(error_code([&] { company.access().set_role_rights(wang, sales, {}); }) ==
          "access.denied");

    CHECK(patch(company, helper, "user", helper_id, to_admin) == "user.roles_admin_only");
    CHECK(patch(company, helper, "user", wang_id, R"({"role_ids":[]})") == "user.roles_admin_only");
    CHECK(patch(company, helper, "user", wang_id, R"({"title":"经理"})") == "");
    CHECK(patch(company, helper, "user", boss.actor.user_id, R"({"title":"经理"})") ==
          "user.admin_only");
    CHECK(patch(company, helper, "user", boss.actor.user_id, R"({"login":"mine"})") ==
          "user.admin_only");
    CHECK(act(company, helper, "deactivate", boss.actor.user_id) == "user.admin_only");
    CHECK(patch(company, helper, "user", wang_id, R"({"status":"left"})") == "field.read_only");
    CHECK(error_code([&] {
            company.engine().create(
                helper, "user",
                json(R"({"login":"new","name":"新","role_ids":[)" + id_text(sales) + "]}"));
          }) == "user.roles_admin_only");
    CHECK(error_code([&] {
            company.access().set_role_rights(helper, user_admin,
                                             {{"deal", {{"read"}, Scope::All, {}, {}}}});
          }) == "access.denied");
    CHECK(error_code([&] { company.access().set_role_rights(boss.actor, admin, {}); }) ==
          "role.admin_fixed");

    auto reading = boss.actor;
    reading.read_only = true;
    CHECK(error_code([&] { company.access().set_role_rights(reading, sales, {}); }) ==
          "access.denied");
    CHECK(patch(company, reading, "user", wang_id, R"({"title":"经理"})") == "access.denied");
  });
}

TEST_CASE("roles: built-in ones stay, used ones stay, unused ones go with their rights") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t sales = company.built_in("sales");
    CHECK(remove(company, boss.actor, "role", sales) == "role.built_in");
    CHECK(patch(company, boss.actor, "role", sales, R"({"name":"admin2"})") == "role.built_in");
    CHECK(patch(company, boss.actor, "role", sales, R"({"label":"业务员"})") == "");
    CHECK(patch(company, boss.actor, "role", sales, R"({"built_in":false})") == "field.read_only");
    const std::int64_t own = company.role("presales", {{"deal", {{"read"}, Scope::All, {}, {}}}});
    const std::int64_t wang = company.user("wang", 0, {own});
    CHECK(remove(company, boss.actor, "role", own) == "role.in_use");
    CHECK(patch(company, boss.actor, "user", wang, R"({"role_ids":[]})") == "");
    CHECK(remove(company, boss.actor, "role", own) == "");
    CHECK(company.access().role_rights(own).empty());
    CHECK(error_code([&] {
            company.engine().create(boss.actor, "role", json(R"({"name":"Bad Name","label":"x"})"));
          }) == "role.name_format");
    CHECK(error_code([&] {
            company.engine().create(boss.actor, "role", json(R"({"name":"sales","label":"x"})"));
          }) == "field.not_unique");
  });
}

TEST_CASE("rights of a role: checked, audited with before and after, at work at once") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t role = company.role("presales");
    const std::int64_t wang = company.user("wang", 0, {role});
    const auto set = [&](const std::map<std::string, ObjectRights>& rights) {
      return error_code([&] { company.access().set_role_rights(boss.actor, role, rights); });
    };
    CHECK(set({{"deal", {{"read\" OR"}, Scope::All, {}, {}}}}) == "role.bad_action");
    CHECK(set({{"deal'", {{"read"}, Scope::All, {}, {}}}}) == "role.bad_object");
    CHECK(set({{"deal", {{"read"}, Scope::Departments, {}, {}}}}) == "field.required");
    CHECK(set({{"deal", {{"read"}, Scope::All, {}, {{"nothing", {}}}}}}) == "field.unknown");
    CHECK(set({{"deal",
                {{"read"}, Scope::All, {}, {{"id", {record::FieldAccess::Hidden, false}}}}}}) ==
          "role.id_is_public");
    const auto& deal = company.engine().schema()->at("deal").definition();
    CHECK_FALSE(company.access().may(company.actor(wang), deal, "read"));
    const std::map<std::string, ObjectRights> rights{
        {"deal",
         {{"read", "edit"},
          Scope::Departments,
          {7, 9},
          {{"amount", {record::FieldAccess::Read, true}}}}},
        {"not_there_yet",
         {{"read"}, Scope::Own, {}, {{"some_field", {record::FieldAccess::Hidden, false}}}}}};
    CHECK(set(rights) == "");
    CHECK(company.access().role_rights(role) == rights);
    CHECK(company.access().may(company.actor(wang), deal, "read"));
    std::string changes;
    database->read([&](db::Reader& reader) {
      for (const auto& row :
           db::Table("audit_entry")
               .select(reader, {{"changes", "actor_id"},
                                {{"record_id", db::Compare::Equal, db::Value(role)},
                                 {"action", db::Compare::Equal, db::Value("rights_changed")}},
                                {{"at", false}, {"id", false}},
                                0,
                                false})) {
        changes = row[0].as_text();
      }
    });
    CHECK(changes.find(R"("before":{})") != std::string::npos);
    CHECK(changes.find(R"("amount":"read masked")") != std::string::npos);
  });
}

TEST_CASE("records follow their owner into another department, in the same transaction") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t east = company.department("华东");
    const std::int64_t south = company.department("华南");
    const std::int64_t reading =
        company.role("reading", {{"deal", {{"read"}, Scope::Department, {}, {}}}});
    const std::int64_t wang = company.user("wang", east, {});
    const std::int64_t li = company.user("li", south, {});
    const std::int64_t east_reader = company.user("east_reader", east, {reading});
    const std::int64_t south_reader = company.user("south_reader", south, {reading});
    std::vector<std::int64_t> deals;
    for (int i = 0; i < 5; ++i) deals.push_back(company.deal("d" + std::to_string(i), wang));
    const std::int64_t other = company.deal("other", li);
    const auto sees = [&](std::int64_t user, std::int64_t deal) {
      return error_code([&] { company.engine().read(company.actor(user), "deal", deal); }).empty();
    };
    CHECK(sees(east_reader, deals[0]));
    CHECK_FALSE(sees(south_reader, deals[0]));
    CHECK(patch(company, boss.actor, "user", wang, R"({"department_id":)" + id_text(south) + "}") ==
          "");
    for (const std::int64_t deal : deals) {
      CHECK(company.get("deal", deal).integer("scope_department_id") == south);
      CHECK(company.get("deal", deal).integer("owner_department_id") ==
            east);  // reports keep the snapshot
      CHECK_FALSE(sees(east_reader, deal));
      CHECK(sees(south_reader, deal));
    }
    CHECK(company.get("deal", other).integer("scope_department_id") == south);
    CHECK(patch(company, boss.actor, "user", wang, R"({"department_id":null})") == "");
    CHECK(company.get("deal", deals[0]).is_null("scope_department_id"));
    CHECK_FALSE(sees(south_reader, deals[0]));
    CHECK(sees(south_reader, other));
  });
}

TEST_CASE("a record made for its owner while the owner moves is put right afterwards") {
  db::on_each_database([](db::TestDatabase& database) {
    if (database.kind() != db::Kind::Postgres) return;  // on SQLite writes are one after the other
    TestCompany company(database.get());
    const std::int64_t east = company.department("华东");
    const std::int64_t south = company.department("华南");
    const std::int64_t wang = company.user("wang", east, {});
    const std::int64_t before = company.deal("before", wang);
    const auto other = company.another_node();
    std::int64_t during = 0;
    company.write([&](record::Tx& tx) {
      during = tx.create("deal", record::Draft().set("name", "during").set("owner_id", wang)).id();
      std::thread mover([&] {
        other->write([&](record::Tx& move) {
          auto user = move.get("user", wang);
          move.update(user, record::Draft().set("department_id", south));
        });
      });
      mover.join();
    });
    CHECK(company.get("deal", before).integer("scope_department_id") == south);
    CHECK(company.get("deal", during).integer("scope_department_id") == east);
    const auto settle = [&] {
      for (const auto& schedule : company.registrar().schedules) {
        if (schedule.name == "identity.moves") schedule.run(company.engine());
      }
    };
    settle();
    CHECK(company.get("deal", during).integer("scope_department_id") ==
          east);  // not before all others have ended
    company.clock().advance(61'000);
    settle();
    CHECK(company.get("deal", during).integer("scope_department_id") == south);
  });
}

TEST_CASE(
    "leaving: out at once, gone only when nothing is left; who has worked here is not deleted") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    const std::int64_t wang = company.user("wang", 0, {});
    const std::int64_t li = company.user("li", 0, {});
    const std::int64_t deal = company.deal("d", wang);
    CHECK(act(company, boss.actor, "deactivate", wang) == "");
    CHECK(company.get("user", wang).text("status") == "pending_handover");
    CHECK(act(company, boss.actor, "leave", wang) == "user.has_records");
    CHECK(remove(company, boss.actor, "user", wang) == "user.has_records");
    company.write([&](record::Tx& tx) {
      auto record = tx.get("deal", deal);
      tx.update(record, record::Draft().set("owner_id", li));
    });
    CHECK(act(company, boss.actor, "leave", wang) == "");
    CHECK(company.get("user", wang).text("status") == "left");
    CHECK(act(company, boss.actor, "leave", wang) == "user.bad_transition");
    CHECK(act(company, boss.actor, "activate", wang) == "");
    CHECK(company.get("user", wang).text("status") == "active");
    // Nothing owned: left at once. Never signed in: may be deleted.
    CHECK(act(company, boss.actor, "deactivate", wang) == "");
    CHECK(company.get("user", wang).text("status") == "left");
    CHECK(remove(company, boss.actor, "user", wang) == "");
    company.identity().reset_password(boss.actor, li, "seven red lanterns");
    company.identity().sign_in("li", "seven red lanterns", "10.0.0.1");
    company.write([&](record::Tx& tx) {
      auto record = tx.get("deal", deal);
      tx.erase(record);
    });
    CHECK(remove(company, boss.actor, "user", li) == "user.has_signed_in");
  });
}

}  // namespace kehai::platform
