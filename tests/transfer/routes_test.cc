// Imports and exports through the HTTP interface, and as files from the command line.
#include <fstream>
#include <tuple>

#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/transfer_files.h"
#include "transfer_world.h"

using namespace kehai;
using namespace kehai::transfer_test;

namespace {

const std::string kBoundary = "----kehai";

std::string form(const std::string& object, const std::string& file_name,
                 const std::string& content) {
  return "--" + kBoundary + "\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\n" + object +
         "\r\n--" + kBoundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
         file_name + "\"\r\nContent-Type: text/csv\r\n\r\n" + content + "\r\n--" + kBoundary +
         "--\r\n";
}

base::JsonObject body_of(const http::Response& response) {
  return base::parse_json(response.body).as_object();
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace

TEST_CASE("routes: an import from upload to result") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const std::string multipart = "multipart/form-data; boundary=" + kBoundary;
    CHECK(world.send("POST", "/imports", "--" + kBoundary + "--\r\n", multipart).status >= 400);
    const auto refused = world.send("POST", "/imports", form("lead", "a.csv", ""), multipart);
    CHECK(refused.status == 400);
    CHECK(base::json_text(body_of(refused), "code") == "import.empty_file");

    const auto made = world.send(
        "POST", "/imports",
        form("lead", "客户.csv", "公司名称,手机\n甲公司,13800138001\n乙公司,12\n"), multipart);
    REQUIRE(made.status == 201);
    const auto import = body_of(made);
    CHECK(base::json_text(import, "status") == "uploaded");
    CHECK(base::json_text(import, "file_name") == "客户.csv");
    CHECK(import.at("preview").as_object().at("rows").as_array().size() == 2);
    const std::string path = "/imports/" + std::to_string(base::json_int(import, "id"));
    CHECK(world.send("GET", path).status == 200);
    CHECK(world
              .send("PUT", path + "/settings",
                    R"({"mapping":{"公司名称":"company","手机":"mobile"}})")
              .status == 200);
    CHECK(world.send("PUT", path + "/settings", R"({"mapping":{"公司名称":"nothing"}})").status ==
          422);
    CHECK(world.send("POST", path + "/apply", R"({"rows":"good_rows"})").status == 409);
    const auto validated = world.send("POST", path + "/validate");
    CHECK(validated.status == 202);
    CHECK(base::json_text(body_of(world.send("GET", path)), "status") == "validated");
    const auto rows = body_of(world.send("GET", path + "/rows", "", "", {{"status", "error"}}));
    REQUIRE(rows.at("value").as_array().size() == 1);
    const auto& error =
        rows.at("value").as_array()[0].as_object().at("errors").as_array()[0].as_object();
    CHECK(base::json_text(error, "column") == "手机");
    CHECK(base::json_text(error, "value") == "12");
    CHECK(!base::json_text(error, "message").empty());
    CHECK(body_of(world.send("GET", path + "/rows", "", "", {{"status", "good"}}))
              .at("value")
              .as_array()
              .size() == 1);
    CHECK(world.send("POST", path + "/apply", R"({"rows":"all_or_nothing"})").status == 409);
    CHECK(world.send("POST", path + "/apply", R"({"rows":"some"})").status == 422);
    CHECK(world.send("POST", path + "/apply", R"({"rows":"good_rows"})").status == 202);
    CHECK(base::json_text(body_of(world.send("GET", path)), "status") == "partial");
    CHECK(world.count("lead") == 1);
    const auto result = world.send("GET", path + "/result");
    CHECK(result.status == 200);
    CHECK(header(result, "Content-Type").find("spreadsheetml") != std::string::npos);
    CHECK(header(result, "Content-Disposition").find("filename*=UTF-8''%E5%AE%A2") !=
          std::string::npos);
    CHECK(result.body.starts_with("PK"));
    CHECK(world.send("GET", path + "/result", "", "", {{"rows", "rejected"}, {"format", "csv"}})
              .body.find("乙公司") != std::string::npos);
    CHECK(world.send("GET", "/imports").status == 200);
    CHECK(world.send("GET", "/imports/1").status == 404);
    CHECK(world.send("POST", path + "/cancel").status == 409);
    CHECK(world.send("POST", path + "/undo").status == 200);
    CHECK(world.count("lead") == 0);
  });
}

TEST_CASE("routes: the progress of a running import is asked for") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    constexpr int kRows = 700;
    std::string content = "公司名称,手机\n";
    for (int i = 0; i < kRows; ++i)
      content += "公司" + std::to_string(i) + ",1390000" + std::to_string(1000 + i) + "\n";
    Upload upload(world, admin, "lead", "a.csv", content);
    const std::string path = "/imports/" + std::to_string(upload.id());
    const auto asked = [&] {
      const auto import = body_of(world.send("GET", path));
      const auto& progress = import.at("progress").as_object();
      return std::tuple(base::json_text(import, "status"), base::json_int(progress, "done"),
                        base::json_int(progress, "total"), base::json_int(progress, "rate"));
    };
    CHECK(asked() == std::tuple(std::string("uploaded"), 0, 0, 0));
    // What a request sees that comes in while the first chunks are written.
    std::vector<std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t>> seen;
    platform::Imports running({*world.engine, *world.dedupe, nullptr, world.folder(),
                               [&](std::int64_t user, const std::string&) {
                                 CHECK(user == admin.user_id);
                                 world.clock.advance(1000);
                                 seen.push_back(asked());
                               }});
    running.validate(admin, upload.id());
    REQUIRE(!seen.empty());
    CHECK(std::get<0>(seen.front()) == "validating");
    CHECK(std::get<1>(asked()) == kRows);
    seen.clear();
    running.apply(admin, upload.id(), false);
    REQUIRE(seen.size() > 1);
    const auto& [status, done, total, rate] = seen.front();
    CHECK(status == "applying");
    CHECK(done > 0);
    CHECK(done < kRows);
    CHECK(total == kRows);
    for (std::size_t i = 1; i < seen.size(); ++i)
      CHECK(std::get<1>(seen[i]) >= std::get<1>(seen[i - 1]));
    const auto end = asked();
    CHECK(std::get<0>(end) == "done");
    CHECK(std::get<1>(end) == kRows);
    CHECK(std::get<3>(end) > 0);
  });
}

TEST_CASE("routes: exports as download and as job") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    world.engine->write(system_actor(), [&](record::Tx& tx) {
      for (const char* company : {"甲公司", "乙公司"}) {
        tx.create("lead", record::Draft()
                              .set("company", company)
                              .set("owner_id", admin.user_id)
                              .set("wechat", "w"));
      }
    });
    const auto csv = world.send(
        "GET", "/leads", "", "",
        {{"$format", "csv"}, {"$select", "company"}, {"$filter", "company eq '甲公司'"}});
    CHECK(csv.status == 200);
    CHECK(csv.body == "\xEF\xBB\xBF公司名称\r\n甲公司\r\n");
    CHECK(world.send("GET", "/leads", "", "", {{"$format", "xlsx"}}).body.starts_with("PK"));
    CHECK(world.send("GET", "/leads", "", "", {{"$format", "pdf"}}).status == 400);
    const auto made = world.send(
        "POST", "/exports",
        R"({"object":"lead","format":"csv","columns":["company"],"orderby":"company asc"})");
    REQUIRE(made.status == 202);
    const std::string path = "/exports/" + std::to_string(base::json_int(body_of(made), "id"));
    CHECK(base::json_text(body_of(world.send("GET", path)), "status") == "done");
    const auto file = world.send("GET", path + "/file");
    CHECK(file.status == 200);
    CHECK(std::filesystem::file_size(file.file) > 10);
    CHECK(world.send("POST", "/exports", R"({"object":"lead","filter":"nonsense eq"})").status ==
          400);
    CHECK(world.send("POST", "/exports", R"({"object":"lead","columns":["nothing"]})").status ==
          400);
    CHECK(world.send("POST", "/exports", R"({"format":"csv"})").status == 422);
  });
}

TEST_CASE("command line: a file in, a list out") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto folder = std::filesystem::path(world.folder());
    std::ofstream(folder / "in.csv")
        << "公司名称,手机\n甲公司,13800138001\n乙公司,13800138002\n丙公司,1\n";
    platform::ImportFileRequest request;
    request.object = "lead";
    request.file = folder / "in.csv";
    request.folder = folder;
    request.dry_run = true;
    request.result_file = folder / "result.csv";
    const auto dry = platform::import_file(*world.engine, *world.dedupe, admin, request);
    CHECK(dry.status == platform::ImportStatus::Validated);
    CHECK(dry.counts.good == 2);
    CHECK(world.count("lead") == 0);
    // A single column of the guess corrected; the others stay guessed.
    request.columns = {{"手机", "phone"}};
    const auto corrected = platform::import_file(*world.engine, *world.dedupe, admin, request);
    CHECK(base::json_text(corrected.mapping, "手机") == "phone");
    CHECK(base::json_text(corrected.mapping, "公司名称") == "company");
    request.columns = {{"没有", "phone"}};
    CHECK(code_of([&] { platform::import_file(*world.engine, *world.dedupe, admin, request); }) ==
          "mapping:import.unknown_column");
    request.columns.clear();
    request.settings =
        base::parse_json(R"({"mapping":{"公司名称":"company","手机":"mobile"}})").as_object();
    // All or nothing: one wrong row keeps everything out, and the reason is said.
    request.dry_run = false;
    request.all_or_nothing = true;
    const auto nothing = platform::import_file(*world.engine, *world.dedupe, admin, request);
    CHECK(nothing.status == platform::ImportStatus::Validated);
    CHECK(nothing.message.find("1") != std::string::npos);
    CHECK(world.count("lead") == 0);
    request.all_or_nothing = false;
    request.row_limit = 2;
    CHECK(platform::import_file(*world.engine, *world.dedupe, admin, request).status ==
          platform::ImportStatus::Failed);
    request.row_limit = 0;
    std::int64_t last = 0;
    const auto done = platform::import_file(*world.engine, *world.dedupe, admin, request,
                                            [&](std::int64_t rows, std::int64_t) { last = rows; });
    CHECK(done.status == platform::ImportStatus::Partial);
    CHECK(done.counts.created == 2);
    CHECK(last == 3);
    CHECK(std::filesystem::file_size(folder / "result.csv") > 50);
    const auto rows = platform::export_file(
        *world.engine, admin,
        base::parse_json(R"({"object":"lead","columns":["company"]})").as_object(),
        folder / "out.xlsx");
    CHECK(rows == 2);
    const auto reader = platform::open_table(folder / "out.xlsx");
    CHECK(reader->info().columns == std::vector<std::string>{"公司名称"});
    CHECK(code_of([&] {
            platform::export_file(*world.engine, admin,
                                  base::parse_json(R"({"object":"lead"})").as_object(),
                                  folder / "a.pdf");
          }) == "export.unknown_format");
    const std::string as_csv = R"({"object":"lead","columns":["company"],"format":"csv"})";
    CHECK(platform::export_file(*world.engine, admin, base::parse_json(as_csv).as_object(),
                                folder / "a.table") == 2);
    CHECK(platform::open_table(folder / "a.table")->info().format ==
          platform::TableFormat::Delimited);
  });
}
