// Exports: what a person may see, as files that can come back.
#include <fstream>

#include "platform/transfer/formats/table_reader.h"
#include "query/parser.h"
#include "transfer_world.h"

using namespace kehai;
using namespace kehai::transfer_test;

namespace {

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

// Leads as a file brings them: without a way to reach anybody.
record::WriteOptions from_a_file() {
  record::WriteOptions options;
  options.entry = "import";
  return options;
}

std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

platform::ExportRequest request(std::string object, std::vector<std::string> columns,
                                std::string format) {
  platform::ExportRequest out;
  out.object = std::move(object);
  out.columns = std::move(columns);
  out.format = std::move(format);
  out.list.default_order = "id";
  return out;
}

}  // namespace

TEST_CASE("export: typed columns, titles of references, labels in the person's language") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto manager = world.actor("manager");
    const auto owner = world.user_id("sales1");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      const auto account = tx.create("account", record::Draft()
                                                    .set("name", "=HYPERLINK(\"http://x\")")
                                                    .set("owner_id", owner)
                                                    .set("annual_revenue", 123'456)
                                                    .set("region_id", 330106)
                                                    .set("kind", "person"));
      tx.create("opportunity", record::Draft()
                                   .set("name", "大单")
                                   .set("account_id", account.id())
                                   .set("owner_id", owner)
                                   .set("amount", 5'000'050)
                                   .set("expected_close_date", base::date_from_civil(2026, 4, 1)));
    });
    for (const char* format : {"csv", "xlsx"}) {
      const auto accounts = world.exports->download(
          manager,
          request("account", {"name", "annual_revenue", "region_id", "kind", "owner_id"}, format),
          "");
      const auto rows = table(accounts.bytes);
      REQUIRE(rows.size() == 2);
      CHECK(rows[0] ==
            std::vector<std::string>{"客户名称", "年营业额", "地区", "客户类型", "负责人"});
      const std::string guard = std::string(format) == "csv" ? "'" : "";
      CHECK(rows[1][0] == guard + "=HYPERLINK(\"http://x\")");
      std::string revenue = rows[1][1];
      std::erase(revenue, ',');  // a spreadsheet shows groups
      CHECK(revenue == "1234.56");
      CHECK(rows[1][2] == "浙江省杭州市西湖区");
      CHECK(rows[1][3] == "个人");
      CHECK(rows[1][4] == "王雨桐");
      const auto deals = table(
          world.exports
              ->download(manager,
                         request("opportunity",
                                 {"name", "account_id", "expected_close_date", "stage_id"}, format),
                         "")
              .bytes);
      CHECK(deals[1] == std::vector<std::string>{"大单", guard + "=HYPERLINK(\"http://x\")",
                                                 "2026-04-01", "初步接触"});
    }
    // Who took what out is written down.
    std::int64_t audited = 0;
    database->read([&](db::Reader& reader) {
      audited =
          db::Table("audit_entry").count(reader, {{"action", db::Compare::Equal, "exported"}});
    });
    CHECK(audited == 4);
  });
}

TEST_CASE("export: rights, the cap, files of others") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto manager = world.actor("manager");
    const auto sales1 = world.actor("sales1");
    const auto admin = world.actor("admin");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      for (int i = 0; i < 30; ++i) {
        tx.create("lead",
                  record::Draft()
                      .set("company", "公司" + std::to_string(i))
                      .set("owner_id", i < 20 ? sales1.user_id : admin.user_id),
                  from_a_file());
      }
    });
    CHECK(code_of([&] { world.exports->download(sales1, request("lead", {}, "csv"), ""); }) ==
          "access.denied");
    CHECK(code_of([&] {
            world.exports->download(manager, request("lead", {"nothing"}, "csv"), "");
          }) == "query.unknown_field");
    CHECK(world.exports->download(manager, request("lead", {}, "csv"), "").rows == 20);
    CHECK(world.exports->download(admin, request("lead", {}, "csv"), "").rows == 30);

    platform::Exports capped(
        {*world.engine, nullptr, world.folder(), [] { return std::int64_t{10}; }, {}});
    CHECK(code_of([&] {
            capped.create(manager, base::parse_json(R"({"object":"lead"})").as_object());
          }) == "export.too_many_rows");
    const std::string few =
        R"json({"object":"lead","filter":"contains(company,'公司2')","columns":["company"],"orderby":"company asc"})json";
    const auto made = base::parse_json(
        capped.create(manager, base::parse_json(few).as_object()));  // 公司2; 20 … 29 are hidden
    CHECK(base::json_text(made.as_object(), "status") == "done");
    CHECK(base::json_int(made.as_object().at("progress").as_object(), "done") == 1);
  });
}

TEST_CASE("export: every list of the product, in both formats") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      const auto account = tx.create(
          "account",
          record::Draft().set("name", "杭州尚祈科技有限公司").set("owner_id", admin.user_id));
      tx.create("contact", record::Draft()
                               .set("name", "王雨桐")
                               .set("account_id", account.id())
                               .set("owner_id", admin.user_id));
      tx.create("lead", record::Draft().set("company", "甲公司").set("owner_id", admin.user_id),
                from_a_file());
    });
    int lists = 0;
    int filled = 0;
    const auto schema = world.engine->schema();
    for (const auto& object : schema->objects()) {
      const auto& definition = object->definition();
      if (definition.internal || !world.engine->access().may(admin, definition, "read")) continue;
      if (!world.engine->access().may(admin, definition, "export")) continue;
      CAPTURE(definition.name);
      const auto csv = world.exports->download(admin, request(definition.name, {}, "csv"), "");
      const auto xlsx = world.exports->download(admin, request(definition.name, {}, "xlsx"), "");
      CHECK(csv.rows == xlsx.rows);
      CHECK(csv.rows == world.count(definition.name));
      const auto rows = table(csv.bytes);
      CHECK(rows.size() == static_cast<std::size_t>(csv.rows) + 1);
      CHECK(rows.size() == table(xlsx.bytes).size());
      CHECK(!rows[0].empty());
      ++lists;
      filled += csv.rows > 0 ? 1 : 0;
    }
    for (const char* name : {"lead", "account", "contact", "opportunity", "activity", "task"}) {
      CAPTURE(std::string(name));
      CHECK(world.engine->access().may(admin, schema->at(name).definition(), "export"));
    }
    CHECK(lists >= 6);
    CHECK(filled >= 3);
  });
}

TEST_CASE("export: a job's file waits a day for its owner") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto manager = world.actor("manager");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      for (int i = 0; i < 1200; ++i) {
        tx.create("lead",
                  record::Draft()
                      .set("company", "公司" + std::to_string(i))
                      .set("owner_id", manager.user_id),
                  from_a_file());
      }
    });
    const auto made = base::parse_json(world.exports->create(
        manager,
        base::parse_json(R"({"object":"lead","columns":["company","code"],"format":"csv"})")
            .as_object()));
    CHECK(base::json_text(made.as_object(), "status") == "done");
    const auto id = base::json_int(made.as_object(), "id");
    const auto file = world.exports->file(manager, id);
    CHECK(file.name.starts_with("线索-"));
    CHECK(table(file_bytes(file.path)).size() == 1201);
    CHECK(code_of([&] { world.exports->file(world.actor("admin"), id); }) == "record.not_found");
    world.clock.advance(platform::kExportLifetime + 1);
    world.exports->remove_expired();
    CHECK(code_of([&] { world.exports->file(manager, id); }) == "export.gone");
    CHECK(!std::filesystem::exists(file.path));
  });
}

TEST_CASE("export and import: a list comes back as it went") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto sales1 = world.user_id("sales1");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      record::Draft first;
      first.set("name", "=1+1|'x")
          .set("owner_id", sales1)
          .set("annual_revenue", 1'050)
          .set("region_id", 110105);
      first.set("description", "两行\n第二行")
          .set("phone", "0571-88886666")
          .set("kind", "government");
      first.many["former_names"] = {base::Value("老名"), base::Value("更老的名")};
      tx.create("account", std::move(first));
      tx.create("account",
                record::Draft()
                    .set("name", "𠀀𠮷公司😀")
                    .set("owner_id", admin.user_id)
                    .set("next_contact_at", *base::parse_instant("2026-03-05T15:20:00+08:00")));
    });
    for (const std::string format : {"csv", "xlsx"}) {
      const auto file = world.exports->download(admin, request("account", {}, format), "");
      const auto before = table(file.bytes);
      // Into an empty company.
      db::TestDatabase other(database.kind());
      World copy(other);
      Upload upload(copy, copy.actor("admin"), "account", file.name, file.bytes);
      upload.validate();
      CAPTURE(format);
      CHECK(upload.findings() == std::vector<std::string>{});
      upload.apply();
      CHECK(upload.counted("created") == 2);
      CHECK(copy.texts("account", "name") == world.texts("account", "name"));
      CHECK(copy.texts("account", "description") == world.texts("account", "description"));
      CHECK(copy.texts("account", "annual_revenue") == world.texts("account", "annual_revenue"));
      CHECK(copy.texts("account", "next_contact_at") == world.texts("account", "next_contact_at"));
      CHECK(copy.texts("account", "region_id") == world.texts("account", "region_id"));
      CHECK(copy.texts("account", "kind") == world.texts("account", "kind"));
      CHECK(copy.texts("account", "created_at") == world.texts("account", "created_at"));
      const auto after = table(
          copy.exports->download(copy.actor("admin"), request("account", {}, format), "").bytes);
      REQUIRE(after.size() == before.size());
    }
  });
}
