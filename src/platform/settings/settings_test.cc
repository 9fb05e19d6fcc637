#include "platform/settings/settings.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/error.h"
#include "db/test_databases.h"
#include "platform/access/test_company.h"
#include "platform/settings/picklists.h"

namespace kehai::platform {

TEST_CASE(
    "settings: defaults, changes with the right, the secret stays inside and stays the same") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    auto& settings = company.settings();
    auto random = base::make_system_random();
    CHECK(settings.organisation().time_zone == "Asia/Shanghai");
    CHECK(settings.organisation().currency == "CNY");
    const std::string secret = settings.installation_secret(*random);
    CHECK(secret.size() >= 32);
    CHECK(settings.installation_secret(*random) == secret);
    const auto other = company.another_node();
    CHECK(other->settings().installation_secret(*random) == secret);
    CHECK(settings.get("installation.secret").empty());

    const SignIn boss = company.set_up();
    company.clock().advance(501);
    CHECK(settings.organisation().name == "杭州尚祈科技");
    CHECK(error_code([&] {
            settings.set_organisation(company.engine(), boss.actor, {{}, "Mars/Olympus", {}});
          }) == "config.time_zone");
    CHECK(error_code([&] {
            settings.set_organisation(company.engine(), boss.actor, {{}, {}, "rmb"});
          }) == "field.currency");
    CHECK(error_code([&] {
            settings.set_organisation(company.engine(), boss.actor, {"", {}, {}});
          }) == "field.required");
    settings.set_organisation(company.engine(), boss.actor, {"尚祈", "Asia/Taipei", "TWD"});
    CHECK(settings.organisation().name == "尚祈");
    CHECK(settings.organisation().time_zone == "Asia/Taipei");
    const auto audited = [&] {
      std::vector<std::string> changes;
      company.engine().database().read([&](db::Reader& reader) {
        changes.clear();
        db::Table("audit_entry")
            .select_each(reader,
                         {{"changes", "actor_id"},
                          {{"object", db::Compare::Equal, "setting"}},
                          {},
                          0,
                          false},
                         [&](const db::Row& row) {
                           CHECK(row.get_int(1) == boss.actor.user_id);
                           changes.emplace_back(row.get_text(0));
                         });
      });
      return changes;
    };
    REQUIRE(audited().size() == 1);
    CHECK(audited()[0].find(R"("organisation.currency":["CNY","TWD"])") != std::string::npos);
    // Nothing changed, nothing to tell.
    settings.set_organisation(company.engine(), boss.actor, {"尚祈", {}, {}});
    CHECK(audited().size() == 1);
    other->clock().advance(501);
    CHECK(other->settings().organisation().currency == "TWD");

    const auto wang = company.actor(company.user("wang", 0, {company.built_in("manager")}));
    CHECK(error_code([&] {
            settings.set_organisation(company.engine(), wang, {"偷", {}, {}});
          }) == "access.denied");
    auto reading = boss.actor;
    reading.read_only = true;
    CHECK(error_code([&] {
            settings.set_organisation(company.engine(), reading, {"偷", {}, {}});
          }) == "access.denied");
    CHECK(settings.organisation().name == "尚祈");
    CHECK(error_code([&] { settings.set(boss.actor, "installation.secret", "mine"); }) ==
          "internal");
  });
}

TEST_CASE("settings: reading costs no query") {
  db::TestDatabase database(db::Kind::Sqlite);
  TestCompany company(database.get());
  static_cast<void>(company.settings().organisation());
  const auto before = database->statistics().reads;
  for (int i = 0; i < 1000; ++i) CHECK(company.settings().organisation().currency == "CNY");
  CHECK(database->statistics().reads == before);
}

TEST_CASE("picklists: complete in three languages, and given to the fields that use them") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const auto lists = read_picklists(database.get());
    for (const auto* name :
         {"industry", "lead_source", "activity_method", "activity_outcome", "loss_reason",
          "opportunity_invalid_reason", "invalid_reason", "return_reason", "decision_role",
          "disable_reason", "account_level", "company_size", "business_type"}) {
      CAPTURE(name);
      REQUIRE(lists.contains(name));
      CHECK(lists.at(name).size() >= 4);
    }
    CHECK(lists.at("industry").size() >= 20);
    for (const auto& [name, options] : lists) {
      for (const auto& option : options) {
        for (const auto& label : option.labels.texts) CHECK_FALSE(label.empty());
      }
    }
    const auto schema = company.engine().schema();
    const auto* field = schema->at("deal").definition().field("industry");
    REQUIRE(field->option("machinery") != nullptr);
    CHECK(field->option("machinery")->labels.in(base::Language::TraditionalChinese) == "機械設備");
    CHECK(field->options.front().value == "it_software");
  });
}

TEST_CASE("picklists: changed with the right; values that records hold become inactive, not lost") {
  db::on_each_database([](db::TestDatabase& database) {
    TestCompany company(database.get());
    const SignIn boss = company.set_up();
    auto& engine = company.engine();
    const auto other = company.another_node();
    const auto option = [](std::string value, std::string label) {
      record::Option out;
      out.value = std::move(value);
      out.labels.texts.fill(std::move(label));
      return out;
    };
    const auto update = [&](const record::Actor& actor, const std::string& name,
                            const std::vector<record::Option>& list) {
      return error_code([&] { update_picklist(engine, actor, name, list); });
    };
    const auto wang = company.actor(company.user("wang", 0, {company.built_in("manager")}));
    CHECK(update(wang, "industry", {option("a", "甲")}) == "access.denied");
    CHECK(update(boss.actor, "no_such_list", {option("a", "甲")}) == "record.not_found");
    CHECK(update(boss.actor, "industry", {option("A b", "甲")}) == "picklist.bad_value");
    CHECK(update(boss.actor, "industry", {option("a", "甲"), option("a", "乙")}) ==
          "picklist.duplicate_value");
    CHECK(update(boss.actor, "industry", {option("a", "")}) == "picklist.bad_label");
    CHECK(update(boss.actor, "industry",
                 {option("robots", "机器人"), option("machinery", "机械")}) == "");
    const auto lists = read_picklists(database.get());
    const auto& industry = lists.at("industry");
    CHECK(industry[0].value == "robots");
    CHECK(industry[1].labels.texts[0] == "机械");
    CHECK(industry[0].active);
    CHECK_FALSE(industry[2].active);
    CHECK(industry.size() >= 34);
    const auto has = [](TestCompany& node, const char* value) {
      const auto schema = node.engine().schema();
      const auto* found = schema->at("deal").definition().field("industry")->option(value);
      return found != nullptr && found->active;
    };
    CHECK(has(company, "robots"));
    CHECK_FALSE(has(company, "textile"));
    CHECK_FALSE(has(*other, "robots"));
    other->clock().advance(2000);
    for (const auto& schedule : other->registrar().schedules) {
      if (schedule.name == "settings.picklists") schedule.run(other->engine());
    }
    CHECK(has(*other, "robots"));
    // A later start does not bring back what was taken out.
    const auto again = company.another_node();
    CHECK_FALSE(has(*again, "textile"));
  });
}

}  // namespace kehai::platform
