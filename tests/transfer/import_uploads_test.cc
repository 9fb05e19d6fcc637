// What people upload: tables in every encoding, files that are too large, empty, broken or no
// tables at all.
#include <doctest/doctest.h>
#include <iconv.h>

#include <fstream>

#include "platform/transfer/formats/table_reader.h"
#include "transfer_world.h"

using namespace kehai;
using namespace kehai::transfer_test;

namespace {

std::string encoded(std::string text, const char* encoding) {
  const iconv_t converter = iconv_open(encoding, "UTF-8");
  REQUIRE(converter != reinterpret_cast<iconv_t>(-1));
  std::string out(text.size() * 4, '\0');
  char* from = text.data();
  char* to = out.data();
  std::size_t left = text.size();
  std::size_t room = out.size();
  CHECK(iconv(converter, &from, &left, &to, &room) == 0);
  iconv_close(converter);
  out.resize(out.size() - room);
  return out;
}

struct Written {
  const char* name;
  std::string bytes;
  const char* encoding;  // as the preview says it, "" = whatever it is called
};

void check_imports(const Written& file, const std::string& object, const std::string& field,
                   const std::vector<std::string>& expected) {
  CAPTURE(std::string(file.name));
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    Upload upload(world, world.actor("admin"), object, std::string(file.name) + ".csv", file.bytes);
    const auto& preview = upload.json().at("preview").as_object();
    if (file.encoding[0] != '\0') CHECK(base::json_text(preview, "encoding") == file.encoding);
    CHECK(base::json_int(preview, "damaged_bytes") == 0);
    upload.validate().apply();
    CHECK(upload.status() == "done");
    CHECK(world.texts(object, field) == expected);
  });
}

// Has every text of the interface a word for it?
void check_translated(const std::string& code) {
  const base::Texts texts;
  for (const auto language : {base::Language::SimplifiedChinese, base::Language::TraditionalChinese,
                              base::Language::English}) {
    CHECK(texts.has(language, code));
  }
}

}  // namespace

TEST_CASE("upload: Chinese tables below a preamble, in every encoding that people send") {
  const std::string simplified =
      "客户线索登记表\n导出时间：2026-03-01,,\n\n公司名称,联系人,手机\n杭州尚祈科技有限公司,王雨桐,"
      "13800138001\n"
      "广州绿洲商贸有限公司,李明,13800138002\n成都云帆软件有限公司,赵敏,13800138003\n";
  const std::string traditional =
      "客戶名單\n匯出時間：2026-03-01,,\n\n公司名稱,聯絡人,手機\n臺灣積體電路製造股份有限公司,"
      "王雨桐,0912345678\n"
      "鴻海精密工業股份有限公司,李明,0922345678\n聯發科技股份有限公司,趙敏,0932345678\n";
  const std::vector<std::string> names = {"杭州尚祈科技有限公司", "广州绿洲商贸有限公司",
                                          "成都云帆软件有限公司"};
  const std::vector<std::string> names_tw = {"臺灣積體電路製造股份有限公司",
                                             "鴻海精密工業股份有限公司", "聯發科技股份有限公司"};
  const Written files[] = {
      {"utf8", simplified, "UTF-8"},
      {"utf8 with mark", "\xEF\xBB\xBF" + simplified, "UTF-8"},
      {"utf16 little", encoded(simplified, "UTF-16LE"), ""},
      {"utf16 little with mark", "\xFF\xFE" + encoded(simplified, "UTF-16LE"), ""},
      {"utf16 big", encoded(simplified, "UTF-16BE"), ""},
      {"utf16 big with mark", "\xFE\xFF" + encoded(simplified, "UTF-16BE"), ""},
      {"gbk", encoded(simplified, "GBK"), "GB18030"},
      {"gb18030", encoded(simplified, "GB18030"), "GB18030"},
  };
  for (const auto& file : files) check_imports(file, "lead", "company", names);
  check_imports({"big5", encoded(traditional, "BIG5"), "Big5"}, "lead", "company", names_tw);
  const std::string french =
      "Company Name,Phone Number,Notes\nPébéo of America,0571-88886661,déjà vu\nCafé "
      "Noël,0571-88886662,à côté\n"
      "Crème Brûlée SA,0571-88886663,forêt\n";
  check_imports({"windows-1252", encoded(french, "WINDOWS-1252"), "windows-1252"}, "account",
                "name", {"Pébéo of America", "Café Noël", "Crème Brûlée SA"});
}

TEST_CASE("upload: a wrong encoding is seen in the preview, and chosen by hand") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const std::string text =
        "公司名称,手机\n杭州尚祈科技有限公司,13800138001\n广州绿洲商贸有限公司,13800138002\n";
    Upload upload(world, world.actor("admin"), "lead", "线索.csv", encoded(text, "GBK"));
    upload.settings(R"({"encoding":"UTF-8"})");
    CHECK(base::json_int(upload.json().at("preview").as_object(), "damaged_bytes") > 0);
    CHECK(upload.field_of("公司名称") == "no such column");
    upload.settings(R"({"encoding":"GBK"})");
    CHECK(base::json_int(upload.json().at("preview").as_object(), "damaged_bytes") == 0);
    CHECK(upload.field_of("公司名称") == "company");
    const std::string code = code_of([&] { upload.settings(R"({"encoding":"Klingon"})"); });
    CHECK(code == "import.encoding_unknown");
    check_translated(code);
    upload.validate().apply();
    CHECK(upload.counted("created") == 2);
  });
}

TEST_CASE(
    "upload: what cannot be a table is refused by a code that every language has a sentence for") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const struct {
      const char* name;
      std::string bytes;
      const char* code;
    } files[] = {
        {"empty.csv", "", "import.empty_file"},
        {"blank.csv", " \n\n  \n", "import.empty_file"},
        {"picture.xlsx", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), "import.binary_file"},
        {"cut.xlsx", std::string("PK\x03\x04\x14\0\0\0\x08\0", 10) + std::string(200, 'x'),
         "import.file_broken"},
        {"page.xls", "<html><body><table><tr><td>公司</td></tr></table></body></html>",
         "import.html_table"},
        {"quote.csv", "公司名称,备注\n甲公司,\"没有结束\n" + std::string(3'000'000, 'x'),
         "import.quote_not_closed"},
    };
    for (const auto& file : files) {
      CAPTURE(std::string(file.name));
      const std::string code =
          code_of([&] { Upload(world, admin, "lead", file.name, file.bytes); });
      CHECK(code == file.code);
      check_translated(code);
    }
    // Nothing of them stays as an import.
    CHECK(base::parse_json(world.imports->list(admin)).as_object().at("value").as_array().empty());
  });
}

TEST_CASE("upload: limits of bytes and rows are said, and 100 MB are no trouble") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    platform::Imports::Parts parts{*world.engine, *world.dedupe, nullptr, world.folder(), {}};
    parts.row_limit = 1000;
    parts.file_limit = 120U << 20U;
    platform::Imports limited(parts);
    const std::string line = "第一百货商贸有限公司,13800138001," + std::string(460, 'x') + "\n";
    const auto lines_of = [&](std::size_t bytes) {
      return [&line, bytes](const platform::ByteBlock& block) {
        block("公司名称,手机,备注\n");
        std::string piece;
        while (piece.size() < (1U << 20U)) piece += line;
        for (std::size_t sent = 0; sent < bytes; sent += piece.size()) block(piece);
      };
    };
    const auto made =
        base::parse_json(limited.create(admin, "lead", "large.csv", lines_of(100U << 20U)));
    const auto id = base::json_int(made.as_object(), "id");
    CHECK(base::json_int(made.as_object(), "file_size") >= (100 << 20));
    CHECK(made.as_object().at("preview").as_object().at("rows").as_array().size() == 20);
    const auto checked = base::parse_json(limited.validate(admin, id));
    CHECK(base::json_text(checked.as_object(), "status") == "failed");
    CHECK(base::json_text(checked.as_object(), "code") == "import.too_many_rows");
    CHECK(base::json_text(checked.as_object(), "message") == "文件超过 1000 行，请拆分后分次导入");
    check_translated("import.too_many_rows");
    CHECK(code_of([&] { limited.apply(admin, id, false); }) == "import.bad_state");
    CHECK(world.count("lead") == 0);

    parts.file_limit = 1U << 20U;
    platform::Imports small(parts);
    CHECK(code_of([&] { small.create(admin, "lead", "large.csv", lines_of(2U << 20U)); }) ==
          "import.file_too_large");
    check_translated("import.file_too_large");
    // A file of just as many rows as allowed is fine.
    std::string rows = "公司名称\n";
    for (int i = 0; i < 1000; ++i) rows += "第" + std::to_string(i) + "家\n";
    const auto full =
        base::parse_json(small.create(admin, "lead", "full.csv", platform::bytes_of(rows)));
    const auto good =
        base::parse_json(small.validate(admin, base::json_int(full.as_object(), "id")));
    CHECK(base::json_text(good.as_object(), "status") == "validated");
  });
}

TEST_CASE("upload: workbooks of other programs show their columns") {
  KEHAI_NEED_DATA(data);
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto columns = [&](const char* name) {
      return Upload(world, admin, "lead", data / "formats" / "xlsx" / "easyexcel" / name).columns();
    };
    using Columns = std::vector<std::string>;
    CHECK(columns("demo_demo.xlsx") == Columns{"字符串标题", "日期标题", "数字标题"});
    CHECK(columns("demo_demo.csv") == Columns{"字符串标题", "日期标题", "数字标题"});
    CHECK(columns("bom_office_bom.csv") == Columns{"姓名", "年纪"});
    CHECK(columns("bom_no_bom.csv") == Columns{"姓名", "年纪"});
    CHECK(columns("compatibility_t01.xls").front() == "材质*");  // the header stands in row 2
    CHECK(columns("compatibility_t06.xlsx") == Columns{"#1", "#2", "#3"});  // has none
    CHECK(columns("dataformat_dataformat.xls").size() == 7);
    int opened = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(data / "formats" / "xlsx" / "easyexcel")) {
      CAPTURE(entry.path().filename().string());
      Upload upload(world, admin, "lead", entry.path());
      CHECK(!upload.columns().empty());
      CHECK(!upload.json().at("preview").as_object().at("rows").as_array().empty());
      ++opened;
    }
    CHECK(opened == 22);
    // Another sheet of the same workbook.
    Upload sheets(world, admin, "lead",
                  data / "formats" / "xlsx" / "easyexcel" / "multiplesheets_multiplesheets.xlsx");
    CHECK(sheets.columns() == Columns{"表1头"});
    const auto& names = sheets.json().at("preview").as_object().at("sheets").as_array();
    REQUIRE(names.size() == 6);
    base::JsonObject choice;
    choice["sheet"] = names[2];
    sheets.settings(boost::json::serialize(choice));
    CHECK(sheets.columns() == Columns{"表3头"});
  });
}
