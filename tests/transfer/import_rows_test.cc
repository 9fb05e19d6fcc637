// What happens to single rows: values in all writings, references, errors with their place,
// duplicates, updates, undo.
#include <doctest/doctest.h>

#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/import_pass.h"
#include "platform/transfer/mapping_guess.h"
#include "query/parser.h"
#include "transfer_world.h"

using namespace kehai;
using namespace kehai::transfer_test;

namespace {

record::Record only(World& world, std::string_view object, std::string_view filter) {
  std::optional<record::Record> found;
  record::ListRequest request;
  request.options.filter = query::parse_expression(filter);
  world.engine->list_typed(system_actor(), object, request,
                           [&](const record::TypedRow& row) { found = row.record; });
  REQUIRE(found);
  return std::move(*found);
}

std::vector<std::vector<std::string>> table(const std::string& bytes) {
  std::vector<std::vector<std::string>> out;
  const auto reader = platform::open_table_bytes(bytes);
  out.push_back(reader->info().columns);
  std::vector<platform::Cell> cells;
  while (reader->next_row(cells)) {
    auto& row = out.emplace_back();
    for (const auto& cell : cells) row.push_back(cell.text);
  }
  return out;
}

}  // namespace

TEST_CASE("import: values in the writings of people") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload upload(
        world, admin, "account", "客户.csv",
        "客户名称（必填）,省份,城市,区,年营业额,客户类型,下次跟进时间,负责人,曾用名,创建日期,备注\n"
        "杭州尚祈科技有限公司,浙江省,杭州市,西湖区,￥1.2万,企業,2026年3月5日 "
        "下午3:20,王雨桐,老名甲；老名乙、老名丙,2019/3/1,好客户\n"
        "北京某某大学,北京,,朝阳区,\"(1,000.50)\",政府/事业单位,,sales2,,,\n");
    CHECK(upload.field_of("客户名称（必填）") == "name");
    CHECK(upload.field_of("省份") == "region_id");
    CHECK(upload.field_of("城市") == "region_id");
    CHECK(upload.field_of("年营业额") == "annual_revenue");
    CHECK(upload.field_of("客户类型") == "kind");
    CHECK(upload.field_of("下次跟进时间") == "next_contact_at");
    CHECK(upload.field_of("负责人") == "owner_id");
    CHECK(upload.field_of("曾用名") == "former_names");
    CHECK(upload.field_of("创建日期") == "created_at");
    upload.validate();
    // A negative turnover is named with its place; the other row is good.
    CHECK(upload.findings() == std::vector<std::string>{"3 年营业额 field.minimum"});
    upload.apply();
    CHECK(upload.status() == "partial");
    CHECK(upload.counted("created") == 1);
    const auto account = only(world, "account", "name eq '杭州尚祈科技有限公司'");
    CHECK(account.integer("region_id") == 330106);
    CHECK(account.integer("annual_revenue") == 1'200'000);
    CHECK(account.text("kind") == "company");
    CHECK(account.integer("owner_id") == world.user_id("sales1"));
    CHECK(account.many("former_names").size() == 3);
    CHECK(account.integer("created_at") == *base::parse_instant("2019-03-01T00:00:00+08:00"));
    CHECK(account.integer("next_contact_at") == *base::parse_instant("2026-03-05T15:20:00+08:00"));
    CHECK(account.integer("created_by") == admin.user_id);
  });
}

TEST_CASE("import: what a spreadsheet has damaged is said with row, column, value and reason") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload upload(
        world, admin, "lead", "leads.csv",
        "公司,手机,邮箱,来源\n甲公司,1.38E+10,a@example.cn,官网\n乙公司,13800000000.0,nobody,官网\n"
        "丙公司,13800138000,nobody,火星\n,13900139000,,\n丁公司,+86 "
        "139-0013-9001,d@example.cn,官网\n");
    upload
        .settings(
            R"({"mapping":{"公司":"company","手机":"mobile","邮箱":"email","来源":"source"}})")
        .validate();
    CHECK(upload.counted("rows") == 5);
    CHECK(upload.counted("good") == 1);
    CHECK(upload.counted("bad") == 4);
    // The row's cell that cannot be read (来源) does not hide the one that breaks a rule (邮箱).
    CHECK(upload.findings() == std::vector<std::string>{"2 手机 field.phone", "3 手机 field.phone",
                                                        "3 邮箱 field.email", "4 邮箱 field.email",
                                                        "4 来源 field.option",
                                                        "5 公司 field.required"});
    upload.apply();
    CHECK(upload.counted("created") == 1);
    for (const char* format : {"xlsx", "csv"}) {
      const auto file = world.imports->result(admin, upload.id(), format);
      const auto rows = table(file.bytes);
      REQUIRE(rows.size() == 7);
      CHECK(rows[1][0] == "2");
      CHECK(rows[1][2] == "手机");
      CHECK(rows[1][3] == "1.38E+10");
      CHECK(rows[1][4].find("科学计数") != std::string::npos);
      CHECK(rows[1][5] == "field.phone");
    }
    // The rejected rows as a file: corrected and imported again they make just themselves.
    const auto rejected = table(world.imports->rejected_rows(admin, upload.id(), "csv").bytes);
    REQUIRE(rejected.size() == 5);
    CHECK(rejected[1][0] == "甲公司");
    CHECK(rejected[0].back() == "原因");
    // Such a file knows the mapping of the one that it came from.
    Upload corrected(
        world, admin, "lead", "rejected.csv",
        "公司,手机,邮箱,来源,原因\n己公司,13700137000,f@example.cn,官网,手机：不是电话号码\n");
    CHECK(corrected.field_of("公司") == "company");
    CHECK(corrected.field_of("来源") == "source");
    CHECK(corrected.field_of("原因") == "");
    corrected.cancel();
    Upload fixed(world, admin, "lead", "leads.csv",
                 "公司,手机,邮箱,来源\n甲公司,13800138001,a@example.cn,官网\n乙公司,13800138002,b@"
                 "example.cn,官网\n"
                 "丙公司,13800138000,c@example.cn,官网\n戊公司,13900139000,,\n丁公司,+86 "
                 "139-0013-9001,d@example.cn,官网\n");
    fixed.validate();
    CHECK(fixed.counted("good") == 4);
    CHECK(fixed.counted("duplicates") == 1);
    fixed.apply();
    CHECK(fixed.counted("created") == 4);
    CHECK(world.count("lead") == 5);
  });
}

TEST_CASE("import: all or nothing leaves nothing") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto file = [](int rows) {
      std::string content = "公司名称,手机\n";
      for (int i = 0; i < rows; ++i)
        content += "公司" + std::to_string(i) + ",1380000" + std::to_string(1000 + i) + "\n";
      return content;
    };
    Upload bad(world, admin, "lead", "a.csv", file(3) + "坏的,12\n");
    bad.validate();
    CHECK(code_of([&] { bad.apply(true); }) == "import.has_bad_rows");
    CHECK(world.count("lead") == 0);
    Upload good(world, admin, "lead", "b.csv", file(300));
    good.validate().apply(true);
    CHECK(good.status() == "done");
    CHECK(world.count("lead") == 300);
  });
}

TEST_CASE("import: a failure that shows only while writing takes everything back") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    // One file fits one transaction, the other is written in chunks.
    for (const int rows : {100, static_cast<int>(platform::kOneTransactionRows) + 50}) {
      CAPTURE(rows);
      const auto owner = world.user_id("sales2");
      std::string content = "公司名称,负责人\n";
      for (int i = 0; i < rows; ++i) {
        content += "第" + std::to_string(i) + "家" + std::to_string(rows) + "," +
                   (i == rows - 1 ? "李明" : "管理员") + "\n";
      }
      Upload upload(world, admin, "lead", "late.csv", content);
      upload.validate();
      CHECK(upload.counted("good") == rows);
      world.engine->write(system_actor(), [&](record::Tx& tx) {
        auto user = tx.get("user", owner);
        tx.update(user, record::Draft().set("status", "left"));
      });
      upload.apply(true);
      CHECK(upload.status() == "failed");
      CHECK(upload.code() == "import.nothing_imported");
      CHECK(upload.findings().size() == 1);
      CHECK(world.count("lead") == 0);
      world.engine->write(system_actor(), [&](record::Tx& tx) {
        auto user = tx.get("user", owner);
        tx.update(user, record::Draft().set("status", "active"));
      });
    }
  });
}

TEST_CASE("import: rows that the engine refuses take nothing along, wherever they stand") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto line = [](int i, const char* names, const char* numbers) {
      const bool refused = i == 0 || i == 149 || i % 41 == 7;
      return names + std::to_string(i) + "," + numbers + std::to_string(1000 + i) + "," +
             (refused ? "李明" : "王雨桐") + "\n";
    };
    constexpr int kRows = 150;
    const std::string header = "公司名称,手机,负责人\n";
    std::string all = header;
    for (int i = 0; i < kRows; ++i) all += line(i, "同批", "1380000");
    Upload together(world, admin, "lead", "all.csv", all);
    const auto leaver = world.user_id("sales2");
    // The rows are good when they are checked, and some of them bad when they are written.
    together.validate();
    CHECK(together.counted("good") == kRows);
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      auto user = tx.get("user", leaver);
      tx.update(user, record::Draft().set("status", "left"));
    });
    together.apply();
    CHECK(together.status() == "partial");
    const auto refused = together.findings();
    CHECK(refused.size() == 6);
    CHECK(refused.front() == "2 负责人 holding.owner_not_active");
    CHECK(refused.back() == "151 负责人 holding.owner_not_active");
    CHECK(together.counted("created") == kRows - 6);
    CHECK(together.counted("bad") == 6);
    // Checked again, they are refused then already.
    Upload checked(world, admin, "lead", "again.csv", all);
    checked.settings(R"({"duplicates":"create"})").validate();
    CHECK(checked.findings() == refused);
    // Each in a file of its own comes to the same.
    for (int i = 0; i < kRows; ++i) {
      Upload(world, admin, "lead", "one.csv", header + line(i, "单独", "1390000"))
          .settings(R"({"duplicates":"create"})")
          .validate()
          .apply();
    }
    const auto rows_about = [&](const std::string& names, const std::string& table,
                                const std::string& condition) {
      std::int64_t found = 0;
      database->read([&](db::Reader& reader) {
        found =
            reader
                .scalar("SELECT COUNT(*) FROM \"" + table +
                        "\" s JOIN \"lead\" l ON l.\"id\" = s.\"record_id\" WHERE l.\"company\" "
                        "LIKE '" +
                        names + "%'" + condition)
                .as_int();
      });
      return found;
    };
    for (const auto& [table, condition] :
         std::vector<std::pair<std::string, std::string>>{{"audit_entry", " AND s.\"version\" = 1"},
                                                          {"ownership", " AND s.\"to_at\" IS NULL"},
                                                          {"outbox_event", ""},
                                                          {"import_created", ""}}) {
      CAPTURE(table);
      CHECK(rows_about("同批", table, condition) == kRows - 6);
      CHECK(rows_about("单独", table, condition) == kRows - 6);
    }
    CHECK(rows_about("同批", "dedupe_key", "") == rows_about("单独", "dedupe_key", ""));
  });
}

TEST_CASE("import: duplicates inside the file and in the database, three ways to deal with them") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      tx.create("account",
                record::Draft().set("name", "杭州尚祈科技有限公司").set("owner_id", admin.user_id));
    });
    const std::string content =
        "客户名称,备注\n新公司,一\n新公司,二\n杭州尚祈科技 "
        "有限公司,补充\n杭州尚祈科技有限责任公司,近似\n";
    {
      Upload skip(world, admin, "account", "a.csv", content);
      skip.validate();
      CHECK(skip.counted("good") == 1);
      CHECK(skip.counted("duplicates") == 3);
      CHECK(skip.findings("duplicate") ==
            std::vector<std::string>{"3 E import_row", "4 E account", "5 N account"});
      CHECK(skip.findings("good") == std::vector<std::string>{});
      skip.apply();
      CHECK(skip.counted("created") == 1);
      CHECK(skip.counted("skipped") == 3);
    }
    {
      Upload attach(world, admin, "account", "b.csv",
                    "客户名称,备注\n杭州尚祈科技 有限公司,补充\n新公司,不改\n");
      attach
          .settings(R"({"mapping":{"客户名称":"name","备注":"description"},"duplicates":"attach"})")
          .validate()
          .apply();
      CHECK(attach.counted("updated") == 1);
      CHECK(attach.counted("created") == 0);
      const auto account = only(world, "account", "name eq '杭州尚祈科技有限公司'");
      CHECK(account.text("description") == "补充");
      CHECK(only(world, "account", "name eq '新公司'").text("description") == "一");
    }
    {
      Upload create(world, admin, "account", "c.csv",
                    "客户名称,备注\n杭州尚祈科技 有限公司,另一家\n");
      create
          .settings(R"({"mapping":{"客户名称":"name","备注":"description"},"duplicates":"create"})")
          .validate()
          .apply();
      CHECK(create.counted("created") == 1);
      CHECK(world.count("account") == 3);
    }
  });
}

TEST_CASE("import: a person's rights hold for every row") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto sales1 = world.actor("sales1");
    const auto viewer = world.actor("viewer");
    CHECK(code_of([&] { Upload(world, viewer, "lead", "a.csv", "公司名称\n甲\n"); }) ==
          "access.denied");
    CHECK(code_of([&] { Upload(world, sales1, "role", "a.csv", "名称\n甲\n"); }) ==
          "access.denied");
    CHECK(code_of([&] { Upload(world, sales1, "nothing", "a.csv", "名称\n甲\n"); }) ==
          "record.not_found");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      tx.create("account",
                record::Draft().set("name", "别人的公司").set("owner_id", admin.user_id));
      tx.create("account",
                record::Draft().set("name", "自己的公司").set("owner_id", sales1.user_id));
    });
    // A reference to what she may not see is not found; a row for somebody else is not hers to
    // make.
    Upload contacts(world, sales1, "contact", "c.csv",
                    "姓名,客户名称\n张三,自己的公司\n李四,别人的公司\n");
    contacts.settings(R"({"mapping":{"姓名":"name","客户名称":"account_id"}})").validate();
    CHECK(contacts.findings() == std::vector<std::string>{"3 客户名称 import.reference_not_found"});
    Upload leads(world, sales1, "lead", "l.csv", "公司名称,负责人\n甲,王雨桐\n乙,李明\n");
    leads.validate();
    CHECK(leads.findings() == std::vector<std::string>{"3 负责人 holding.may_not_assign"});
    // A hit on a hidden customer says that it is there, no more.
    Upload accounts(world, sales1, "account", "a.csv", "客户名称\n别人的公司\n");
    accounts.validate();
    const auto page =
        base::parse_json(world.imports->rows(sales1, accounts.id(), "duplicate", 0, 10));
    const auto& hit = page.as_object()
                          .at("value")
                          .as_array()[0]
                          .as_object()
                          .at("duplicates")
                          .as_array()[0]
                          .as_object();
    CHECK(hit.at("visible").as_bool() == false);
    CHECK(hit.at("id").is_null());
    CHECK(base::json_text(hit, "name") != "别人的公司");
    CHECK(code_of([&] { world.imports->get(world.actor("sales2"), accounts.id()); }) ==
          "record.not_found");
    CHECK(code_of([&] { world.imports->result(admin, accounts.id()); }) == "record.not_found");
  });
}

TEST_CASE("import: updating by code, by another system's key and by a field") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload first(
        world, admin, "account", "a.csv",
        "记录ID,客户名称,电话\nEXT-00001,甲公司,0571-88886661\nEXT-00002,乙公司,0571-88886662\n");
    first.settings(R"({"mapping":{"记录ID":"external_id","客户名称":"name","电话":"phone"}})")
        .validate()
        .apply();
    REQUIRE(world.count("account") == 2);
    world.index();
    Upload by_key(world, admin, "account", "b.csv",
                  "记录ID,备注,电话\nEXT-00001,新备注,\nEXT-00009,没有,\n");
    by_key.settings(
        R"({"mode":"update","key":"external_id","mapping":{"记录ID":"external_id","备注":"description","电话":"phone"}})");
    by_key.validate();
    CHECK(by_key.findings() == std::vector<std::string>{"3 记录ID import.key_not_found"});
    by_key.apply();
    CHECK(by_key.counted("updated") == 1);
    const auto account = only(world, "account", "name eq '甲公司'");
    CHECK(account.text("description") == "新备注");
    CHECK(account.text("phone") == "0571-88886661");  // an empty cell changes nothing
    Upload by_code(world, admin, "account", "c.csv",
                   "编号,备注\n" + account.text("code") + ",按编号\n");
    by_code
        .settings(
            R"({"mode":"update","key":"code","mapping":{"编号":"code","备注":"description"}})")
        .validate()
        .apply();
    CHECK(by_code.counted("updated") == 1);
    Upload by_name(world, admin, "account", "d.csv", "客户名称,备注\n乙公司,按名称\n");
    by_name
        .settings(
            R"({"mode":"update","key":"name","mapping":{"客户名称":"name","备注":"description"}})")
        .validate()
        .apply();
    CHECK(by_name.counted("updated") == 1);
    CHECK(only(world, "account", "name eq '甲公司'").text("description") == "按编号");
    CHECK(only(world, "account", "name eq '乙公司'").text("description") == "按名称");
    CHECK(world.count("account") == 2);
  });
}

TEST_CASE("import: a mapping that cannot work is refused before any work") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload upload(world, admin, "lead", "a.csv", "甲,乙,丙\n1,2,3\n");
    CHECK(code_of([&] { upload.settings(R"({"mapping":{"没有":"company"}})"); }) ==
          "mapping:import.unknown_column");
    CHECK(code_of([&] { upload.settings(R"({"mapping":{"甲":"score"}})"); }) ==
          "mapping:import.unknown_field");
    CHECK(code_of([&] { upload.settings(R"({"mapping":{"甲":"company","乙":"company"}})"); }) ==
          "mapping:import.mapped_twice");
    CHECK(code_of([&] { upload.settings(R"({"colour":"red"})"); }) == "colour:field.unknown");
    CHECK(code_of([&] { upload.settings(R"({"defaults":{"mobile":"12"}})"); }) ==
          "defaults.mobile:field.phone");
    upload.settings(R"({"mapping":{"甲":"name"}})");
    CHECK(code_of([&] { upload.validate(); }) == "company:import.column_missing");
    CHECK(code_of([&] { upload.apply(); }) == "import.bad_state");
  });
}

TEST_CASE("import: cancelled before, undone afterwards") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload cancelled(world, admin, "lead", "a.csv", "公司名称\n甲\n");
    cancelled.validate().cancel();
    CHECK(cancelled.status() == "cancelled");
    CHECK(code_of([&] { cancelled.apply(); }) == "import.bad_state");

    Upload upload(world, admin, "lead", "b.csv",
                  "公司名称,手机\n甲公司,13800138001\n乙公司,13800138002\n丙公司,13800138003\n");
    upload.validate().apply();
    REQUIRE(world.count("lead") == 3);
    const auto changed = only(world, "lead", "company eq '乙公司'");
    base::JsonObject body;
    body["description"] = "已联系";
    world.engine->update(admin, "lead", changed.id(), body, changed.version());
    world.imports->undo(admin, upload.id());
    // What somebody has worked on since stays.
    CHECK(world.texts("lead", "company") == std::vector<std::string>{"乙公司"});
    // And the file can come in again.
    Upload again(world, admin, "lead", "b.csv",
                 "公司名称,手机\n甲公司,13800138001\n乙公司,13800138002\n丙公司,13800138003\n");
    again.validate().apply();
    CHECK(world.count("lead") >= 1);
  });
}

TEST_CASE("import: an interrupted run goes on behind its last row") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    constexpr int kRows = 700;
    std::string content = "公司名称,手机\n";
    for (int i = 0; i < kRows; ++i)
      content += "公司" + std::to_string(i) + ",1390000" + std::to_string(1000 + i) + "\n";
    Upload upload(world, admin, "lead", "a.csv", content);
    upload.validate();
    CHECK(upload.counted("good") == kRows);
    {
      // The program ends in the middle: stop() from the progress report of the first chunks.
      platform::Imports* running = nullptr;
      platform::Imports imports({*world.engine, *world.dedupe, nullptr, world.folder(),
                                 [&](std::int64_t, const std::string&) { running->stop(); }});
      running = &imports;
      imports.apply(admin, upload.id(), false);
    }
    const auto done = world.count("lead");
    CHECK(done > 0);
    CHECK(done < kRows);
    CHECK(world.imports->find(admin, upload.id()).status == platform::ImportStatus::Applying);
    world.restart();
    world.clock.advance(120'000);
    world.imports->resume();
    const auto job = world.imports->find(world.actor("admin"), upload.id());
    CHECK(job.status == platform::ImportStatus::Done);
    CHECK(job.counts.created == kRows);
    CHECK(job.counts.rows == kRows);
    CHECK(world.count("lead") == kRows);
  });
}

TEST_CASE("mapping: headers of Chinese and foreign programs") {
  CHECK(platform::normal_header("＊客戶名稱（必填）") == platform::normal_header("客户名称"));
  CHECK(platform::normal_header("E-mail Address") == "emailaddress");
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto schema = world.engine->schema();
    const auto guess = [&](const char* object, const std::vector<std::string>& headers) {
      std::vector<std::string> out;
      for (const auto& column : platform::guess_mapping(
               schema->at(object).definition(), headers,
               [](const record::FieldDefinition& field) { return !field.read_only; }, false)) {
        out.push_back(column.field);
      }
      return out;
    };
    using Fields = std::vector<std::string>;
    CHECK(guess("lead", {"公司", "联系人", "手机号码", "固定电话", "邮箱", "微信号", "职位",
                         "所属行业", "客户来源", "备注"}) ==
          Fields{"company", "name", "mobile", "phone", "email", "wechat", "title", "industry",
                 "source", "description"});
    CHECK(guess("lead", {"公司名稱", "聯絡人", "行動電話", "電子郵件", "產業"}) ==
          Fields{"company", "name", "mobile", "email", "industry"});
    CHECK(guess("account", {"Company Name", "Website", "Industry", "Phone Number", "Annual Revenue",
                            "Notes"}) ==
          Fields{"name", "website", "industry", "phone", "annual_revenue", "description"});
    CHECK(guess("contact", {"Full Name", "Company", "Job Title", "Mobile Phone", "Email"}) ==
          Fields{"name", "account_id", "title", "mobile", "email"});
    CHECK(guess("account", {"序号", "随便", "???"}) == Fields{"", "", ""});
  });
}
