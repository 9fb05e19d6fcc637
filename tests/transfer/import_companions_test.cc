// Two objects from one sheet: the contact beside its customer, the campaign that a lead names.
#include "transfer_world.h"

using namespace kehai;
using namespace kehai::transfer_test;

namespace {

constexpr const char* kCustomers =
    "客户名称,电话,联系人,手机,职务\n"
    "杭州尚祈科技有限公司,0571-88886666,诸葛孔明,13812345678,总经理\n"
    "苏州恒力轴承有限公司,0512-66668888,,,\n"
    "杭州尚祈科技有限公司,0571-88886666,赵子龙,13812345679,采购\n";

std::string list(World& world, std::string_view object, std::string_view field) {
  std::string out;
  for (const auto& text : world.texts(object, field)) out += (out.empty() ? "" : " ") + text;
  return out;
}

}  // namespace

TEST_CASE("import: customers and their contacts from one sheet") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload upload(world, admin, "account", "客户.csv", kCustomers);
    CHECK(upload.field_of("客户名称") == "name");
    CHECK(upload.field_of("电话") == "phone");
    CHECK(upload.field_of("联系人") == "contact.name");
    CHECK(upload.field_of("手机") == "contact.mobile");
    CHECK(upload.field_of("职务") == "contact.title");
    upload.validate();
    CHECK(upload.findings("").empty());
    CHECK(upload.counted("good") == 3);
    CHECK(world.count("account") == 0);
    CHECK(world.count("contact") == 0);
    upload.apply();
    CHECK(upload.status() == "done");
    CHECK(upload.counted("created") == 3);  // rows that made something
    CHECK(list(world, "account", "name") == "杭州尚祈科技有限公司 苏州恒力轴承有限公司");
    CHECK(list(world, "contact", "name") == "诸葛孔明 赵子龙");
    CHECK(world.count("contact", "account/name eq '杭州尚祈科技有限公司'") == 2);

    // The same file again makes nothing.
    Upload again(world, admin, "account", "客户.csv", kCustomers);
    again.validate().apply();
    CHECK(again.counted("created") == 0);
    CHECK(world.count("account") == 2);
    CHECK(world.count("contact") == 2);

    // Everything is taken back.
    world.imports->undo(admin, upload.id());
    CHECK(world.count("account") == 0);
    CHECK(world.count("contact") == 0);
  });
}

TEST_CASE("import: a row comes with its companion or not at all") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload upload(world, admin, "account", "客户.csv",
                  "客户名称,联系人,手机\n"
                  "甲公司,张三,138123\n"
                  "乙公司,,13812345670\n"
                  "丙公司,李四,13812345671\n");
    upload.validate();
    CHECK(upload.findings() ==
          std::vector<std::string>{"2 手机 field.phone", "3 联系人 field.required"});
    upload.apply();
    CHECK(upload.status() == "partial");
    CHECK(list(world, "account", "name") == "丙公司");
    CHECK(list(world, "contact", "name") == "李四");
  });
}

TEST_CASE(
    "import: contacts that are known are told of; customers that are known can get new ones") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload first(world, admin, "account", "a.csv",
                 "客户名称,联系人,手机\n杭州尚祈科技有限公司,诸葛孔明,13812345678\n");
    first.validate().apply();
    const std::string later =
        "客户名称,联系人,手机\n"
        "杭州尚祈科技有限公司,赵子龙,13812345679\n"
        "蜀汉机械有限公司,孔明先生,13812345678\n";
    // A customer that is there is skipped with all that its row says.
    Upload skipping(world, admin, "account", "b.csv", later);
    skipping.settings(R"({"duplicates":"skip"})").validate();
    CHECK(skipping.counted("duplicates") == 2);
    // The new customer comes in; the mobile that somebody has already does not.
    skipping.apply();
    CHECK(list(world, "account", "name") == "杭州尚祈科技有限公司 蜀汉机械有限公司");
    CHECK(list(world, "contact", "name") == "诸葛孔明");
    Upload attaching(world, admin, "account", "c.csv",
                     "客户名称,联系人,手机\n杭州尚祈科技有限公司,赵子龙,13812345679\n");
    attaching.settings(R"({"duplicates":"attach"})").validate().apply();
    CHECK(world.count("account") == 2);
    CHECK(list(world, "contact", "name") == "诸葛孔明 赵子龙");
  });
}

TEST_CASE("import: a campaign that is not there yet is made once, and taken back with its leads") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const std::string file =
        "公司名称,手机,市场活动\n"
        "甲公司,13800138001,春季展会\n"
        "乙公司,13800138002,春季展会\n"
        "丙公司,13800138003,\n"
        "丁公司,13800138004,秋季沙龙\n";
    Upload upload(world, admin, "lead", "线索.csv", file);
    CHECK(upload.field_of("市场活动") == "campaign_id");
    upload.validate();
    CHECK(upload.findings() == std::vector<std::string>{"2 市场活动 import.reference_not_found",
                                                        "3 市场活动 import.reference_not_found",
                                                        "5 市场活动 import.reference_not_found"});
    upload.settings(R"({"create_missing":["campaign_id"]})").validate();
    CHECK(upload.findings().empty());
    CHECK(world.count("campaign") == 0);
    upload.apply(true);
    CHECK(upload.status() == "done");
    CHECK(list(world, "campaign", "name") == "春季展会 秋季沙龙");
    CHECK(world.count("lead", "campaign/name eq '春季展会'") == 2);
    world.imports->undo(admin, upload.id());
    CHECK(world.count("lead") == 0);
    CHECK(world.count("campaign") == 0);
  });
}

TEST_CASE("import: what a row brings along needs the rights for it, and a field that fits") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload upload(world, admin, "lead", "线索.csv", "公司名称,市场活动\n甲公司,春季展会\n");
    CHECK(code_of([&] { upload.settings(R"({"create_missing":["owner_id"]})"); }) ==
          "create_missing:import.cannot_create");
    CHECK(code_of([&] { upload.settings(R"({"create_missing":"campaign_id"})"); }) ==
          "create_missing:field.list");
    CHECK(code_of([&] { upload.settings(R"({"mapping":{"公司名称":"contact.name"}})"); }) ==
          "mapping:import.unknown_field");
    Upload customers(world, admin, "account", "客户.csv", "客户名称,联系人\n甲公司,张三\n");
    CHECK(code_of([&] {
            customers.settings(R"({"mapping":{"客户名称":"name","联系人":"contact.nothing"}})");
          }) == "mapping:import.unknown_field");
    CHECK(code_of([&] {
            customers.settings(R"({"mapping":{"客户名称":"name","联系人":"contact.title"}})")
                .validate();
          }) == "contact.name:import.column_missing");
    CHECK(
        code_of([&] {
          customers.settings(
              R"({"mode":"update","key":"name","mapping":{"客户名称":"name","联系人":"contact.name"}})");
        }) == "mapping:import.unknown_field");
  });
}
