// Whose import it is: what the role may bring in, what is remembered for whom, and what a row means
// that could mean several records.
#include <doctest/doctest.h>

#include "transfer_world.h"

using namespace kehai;
using namespace kehai::transfer_test;

namespace {

using Lines = std::vector<std::string>;

void set_import_right(World& world, const char* role_name, const char* object, bool is_given) {
  std::int64_t role = 0;
  world.engine->write(system_actor(), [&](record::Tx& tx) {
    role = tx.find_all("role", "name eq @name", {{"name", record::text_value(role_name)}})[0].id();
  });
  auto rights = world.access->role_rights(role);
  auto& actions = rights[object].actions;
  std::erase(actions, std::string(platform::kImportHistory));
  if (is_given) actions.emplace_back(platform::kImportHistory);
  world.access->set_role_rights(system_actor(), role, rights);
}

void make_account(World& world, const char* name, std::int64_t owner) {
  world.engine->write(system_actor(), [&](record::Tx& tx) {
    record::WriteOptions options;
    options.entry = "demo";
    tx.create("account", record::Draft().set("name", name).set("owner_id", owner), options);
  });
}

}  // namespace

TEST_CASE("import: the right to bring in history is asked for when it is mapped and when it runs") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    constexpr const char* kFile =
        "公司名称,手机,状态,创建时间\n甲公司,13800138001,跟进中,2024-05-06\n";
    constexpr std::string_view kMapping =
        R"({"mapping":{"公司名称":"company","手机":"mobile","状态":"status","创建时间":"created_at"}})";
    {
      Upload upload(world, world.actor("sales1"), "lead", "a.csv", kFile);
      CHECK(upload.field_of("状态") == "");
      CHECK(upload.field_of("创建时间") == "");
      CHECK(code_of([&] { upload.settings(kMapping); }) == "mapping:import.needs_history");
      CHECK(code_of([&] { upload.settings(R"({"defaults":{"status":"following"}})"); }) ==
            "defaults.status:import.needs_history");
    }
    set_import_right(world, "sales", "lead", true);
    Upload upload(world, world.actor("sales1"), "lead", "a.csv", kFile);
    CHECK(upload.field_of("状态") == "status");
    CHECK(upload.field_of("创建时间") == "created_at");
    upload.settings(kMapping).validate();
    CHECK(upload.counted("good") == 1);
    // Taken away before the rows are written: the import ends with the reason, and nothing is
    // there.
    set_import_right(world, "sales", "lead", false);
    const auto now = world.actor("sales1");
    const auto job = base::parse_json(world.imports->apply(now, upload.id(), false));
    CHECK(base::json_text(job.as_object(), "status") == "failed");
    CHECK(base::json_text(job.as_object(), "code") == "import.needs_history");
    CHECK(world.count("lead") == 0);
    // What was remembered with the right is no proposal without it.
    Upload again(world, now, "lead", "a.csv", kFile);
    CHECK(again.field_of("公司名称") == "company");
    CHECK(again.field_of("状态") == "");
  });
}

TEST_CASE("import: a mapping is remembered for its person, its object and its header") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto sales1 = world.actor("sales1");
    const auto sales2 = world.actor("sales2");
    constexpr const char* kFile = "甲列,乙列,丙列\n海州星河仪器有限公司,备注,13800138001\n";
    const auto mapped = [&](const record::Actor& actor, const char* object, const char* content) {
      Upload upload(world, actor, object, "名单.csv", content);
      return Lines{upload.field_of("甲列"), upload.field_of("乙列"), upload.field_of("丙列")};
    };
    const Lines nothing{"", "", ""};
    CHECK(mapped(sales1, "lead", kFile) == nothing);
    Upload(world, sales1, "lead", "名单.csv", kFile)
        .settings(R"({"mapping":{"甲列":"company","乙列":"description","丙列":"mobile"}})");
    const Lines of_leads{"company", "description", "mobile"};
    CHECK(mapped(sales1, "lead", kFile) == of_leads);
    CHECK(mapped(sales2, "lead", kFile) == nothing);
    CHECK(mapped(sales1, "account", kFile) == nothing);
    CHECK(mapped(sales1, "lead", "甲列,丙列,乙列\n海州星河仪器有限公司,13800138001,备注\n") ==
          nothing);
    Upload(world, sales1, "account", "名单.csv", kFile)
        .settings(R"({"mapping":{"甲列":"name","乙列":"description","丙列":"phone"}})");
    Upload(world, sales2, "lead", "名单.csv", kFile)
        .settings(R"({"mapping":{"甲列":"name","乙列":"company","丙列":"phone"}})");
    CHECK(mapped(sales1, "lead", kFile) == of_leads);
    CHECK(mapped(sales1, "account", kFile) == Lines{"name", "description", "phone"});
    CHECK(mapped(sales2, "lead", kFile) == Lines{"name", "company", "phone"});
    world.restart();
    CHECK(mapped(world.actor("sales1"), "lead", kFile) == of_leads);
  });
}

TEST_CASE("import: a name that several have, and a row that says nothing") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    make_account(world, "同名公司", admin.user_id);
    make_account(world, "同名公司", admin.user_id);
    make_account(world, "独名公司", admin.user_id);
    world.index();
    Upload people(world, admin, "contact", "联系人.csv",
                  "姓名,所属客户,随便\n张三,同名公司,\n李四,独名公司,\n,,只有这里有字\n");
    people.settings(R"({"mapping":{"姓名":"name","所属客户":"account_id"}})").validate();
    CHECK(people.findings() ==
          Lines{"2 所属客户 import.reference_ambiguous", "4  import.row_empty"});
    const auto page = base::parse_json(world.imports->rows(admin, people.id(), "error", 0, 10));
    const auto& first =
        page.as_object().at("value").as_array()[0].as_object().at("errors").as_array()[0];
    CHECK(base::json_text(first.as_object(), "message") == "“同名公司”对应 2 条记录，请写得更具体");
    people.apply();
    CHECK(people.counted("created") == 1);

    Upload notes(world, admin, "account", "备注.csv",
                 "客户名称,备注\n同名公司,改哪一个\n独名公司,就改这个\n");
    notes
        .settings(
            R"({"mode":"update","key":"name","mapping":{"客户名称":"name","备注":"description"}})")
        .validate();
    CHECK(notes.findings() == Lines{"2 客户名称 import.key_ambiguous"});
    notes.apply();
    CHECK(notes.counted("updated") == 1);
    CHECK(world.count("account", "description ne null") == 1);
  });
}
