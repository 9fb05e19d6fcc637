// Files that banks, shops and other programs have written.
#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>

#include "base/json.h"
#include "platform/transfer/formats/formats_test_support.h"
#include "platform/transfer/formats/table_reader.h"

using namespace kehai::platform;
using namespace kehai::platform::test;

namespace {

using Row = std::vector<std::string>;

struct Expected {
  const char* file;
  std::int64_t header_row;
  std::size_t columns;
  const char* first_column;
  const char* last_column;
  std::size_t rows;
  std::size_t column;  // of the sample
  const char* sample;  // text in the first data row
};

void check_file(const std::filesystem::path& folder, const Expected& expected) {
  CAPTURE(expected.file);
  const auto reader = open_table(folder / expected.file);
  const TableInfo& info = reader->info();
  CHECK(info.header_row == expected.header_row);
  REQUIRE(info.columns.size() == expected.columns);
  CHECK(info.columns.front() == expected.first_column);
  CHECK(info.columns.back() == expected.last_column);
  const TextTable rows = texts_of(*reader);
  CHECK(rows.size() == expected.rows);
  REQUIRE_FALSE(rows.empty());
  CHECK(rows.front().at(expected.column) == expected.sample);
}

}  // namespace

TEST_CASE("real files: statements of Chinese services") {
  KEHAI_NEED_DATA(data);
  const Expected files[] = {
      {"abc_debit_example-abc_debit-records.csv", 1, 9, "交易日期", "交易附言", 5, 3, "+10000.00"},
      {"alipay_example-alipay-records.csv", 25, 12, "交易时间", "备注", 10, 9,
       "202302xxxxxx0011000103xxxxxx"},
      {"boc_credit_example-boc-records.csv", 2, 7, "交易日", "币种", 14, 5, "50.00"},
      {"boc_debit_example-boc-records.csv", 2, 13, "记账日期", "借记卡号", 17, 4, "3,240.28"},
      {"bocom_credit_example-bocom_credit-records.csv", 1, 5, "交易日期", "入账币种/金额", 8, 3,
       "CNY 123.18"},
      {"bocom_debit_example-bocom_debit-records.csv", 1, 11, "序号", "摘要", 6, 7,
       "1323132313211331313"},
      {"ccb_example.xls", 6, 11, "记账日", "交易地点", 7, 5, "2,176.91"},
      {"cgb_credit_example-cgb_credit-records.csv", 1, 7, "交易日期", "入账货币", 4, 2,
       "（消费）示例商户A"},
      {"citic_credit_example-citic-records.xls", 2, 8, "交易日期", "结算金额", 13, 3, "6688"},
      {"cmb_credit_example-cmb-records.csv", 2, 6, "交易日", "交易地金额", 6, 2, "掌上生活还款"},
      {"cmb_debit_example-cmb-records.csv", 1, 7, "记账日期", "客户摘要", 5, 2, "1,234.00"},
      {"htsec_example-htsec-records.xlsx", 1, 19, "证券代码", "资金账号", 10, 0, "519888"},
      {"hxsec_example-hxsec-records.xls", 1, 25, "交收日期", "资金帐号", 13, 0, "20230212"},
      {"icbc_credit_example-icbc-credit-records.csv", 7, 13, "交易日期", "对方户名", 9, 2,
       "银联在线支付"},
      {"icbc_debit-v1_example-icbc-debit-v1-records.csv", 7, 13, "交易日期", "对方户名", 11, 2,
       "广东三元麦当劳食品有"},
      {"icbc_debit-v2_example-icbc-debit-v2-records.csv", 7, 15, "交易日期", "对方账户", 11, 14,
       "1234****9876"},
      {"jd_example-jd-records.csv", 22, 11, "交易时间", "备注", 26, 8, "JDX100000011234"},
      {"mt_example-mt-records.csv", 20, 11, "交易创建时间", "备注", 29, 8,
       "25022811100401670006000394166443"},
      {"spdb_debit_example-spdb_debit-records.xls", 2, 9, "顺序号", "附言", 4, 7,
       "12345678901236500"},
      {"wechat_example-wechat-records.csv", 17, 11, "交易时间", "备注", 27, 5, "¥28.16"},
      {"wechat_example-wechat-records.xlsx", 18, 11, "交易时间", "备注", 27, 5, "¥28.16"},
  };
  CHECK(std::size(files) == 21);
  for (const Expected& file : files) check_file(data / "formats/china-exports", file);
  // The sum under the table is reported, not imported.
  const auto reader =
      open_table(data / "formats/china-exports/icbc_debit-v1_example-icbc-debit-v1-records.csv");
  texts_of(*reader);
  REQUIRE(reader->skipped().size() == 1);
  CHECK(reader->skipped()[0].text == "人民币合计 1,234.56 9,876.54");
  CHECK(open_table(data / "formats/china-exports/alipay_example-alipay-records.csv")
            ->info()
            .encoding == "GB18030");
}

TEST_CASE("real files: spreadsheets of EasyExcel and POI") {
  KEHAI_NEED_DATA(data);
  const Expected files[] = {
      {"bom_no_bom.csv", 1, 2, "姓名", "年纪", 10, 0, "姓名0"},
      {"bom_office_bom.csv", 1, 2, "姓名", "年纪", 10, 0, "姓名0"},
      {"compatibility_t01.xls", 2, 18, "材质*", "备注", 1, 3, "M6"},
      {"compatibility_t02.xlsx", 2, 18, "序号", "注册号/备案号", 1, 1, "01502200"},
      {"compatibility_t03.xlsx", 1, 12, "单据号", "重算三级原因", 1, 0, "3"},
      {"compatibility_t04.xlsx", 1, 12, "序号", "调试状态", 56, 6, "1111111111111111111111"},
      {"compatibility_t05.xlsx", 1, 1, "日期时间标题", "日期时间标题", 5, 0, "2023-01-01 00:00:00"},
      {"compatibility_t06.xlsx", 0, 3, "", "", 1, 2, "2087.03"},
      {"compatibility_t09.xlsx", 0, 1, "", "", 1, 0, "SH_x000D_Z002"},
      {"converter_converter03.xls", 1, 38, "大数的布尔", "字符串的数字日期", 1, 12,
       "2020-01-01 01:01:01"},
      {"converter_converter07.xlsx", 1, 38, "大数的布尔", "字符串的数字日期", 1, 12,
       "2020-01-01 01:01:01"},
      {"converter_converterCsv.csv", 1, 37, "大数的布尔(不支持)", "字符串的数字日期", 1, 0, "1"},
      {"dataformat_dataformat.xls", 1, 7, "date", "numberStringUs", 27, 0, "2020-01-01 01:01:01"},
      {"dataformat_dataformat.xlsx", 1, 7, "date", "numberStringUs", 27, 4, "1.1111"},
      {"dataformat_dataformatv2.xlsx", 0, 1, "", "", 7, 0, "15:00:00"},
      {"demo_cellDataDemo.xlsx", 1, 4, "字符串标题", "公式", 10, 3, "字符串01"},
      {"demo_demo.csv", 1, 3, "字符串标题", "数字标题", 10, 1, "2020-01-01 01:01:00"},
      {"demo_demo.xlsx", 1, 3, "字符串标题", "数字标题", 10, 1, "2020-01-01 01:01:01"},
      {"demo_extra.xlsx", 1, 2, "第一列", "第二列", 5, 0, "普通超链接"},
      {"multiplesheets_multiplesheets.xlsx", 1, 1, "表1头", "表1头", 1, 0, "表1数据"},
      {"temp_issue2443_date1.xlsx", 1, 2, "a", "b", 1, 0, "1.00"},
      {"temp_issue2443_date2.xlsx", 1, 2, "a", "b", 1, 1, "3.00"},
  };
  CHECK(std::size(files) == 22);
  for (const Expected& file : files) check_file(data / "formats/xlsx/easyexcel", file);
  check_file(data / "formats/xlsx/poi",
             {"chinese-provinces.xls", 1, 2, "Provinces in China", "Chinese Name", 3, 1, "安徽省"});

  // A sheet of one's own choice, and a merged area repeated in its cells.
  TableOptions options;
  options.sheet = "Sheet3";
  const auto third =
      open_table(data / "formats/xlsx/easyexcel/multiplesheets_multiplesheets.xlsx", options);
  CHECK(third->info().sheets.size() == 6);
  CHECK(third->info().columns == Row{"表3头"});
  options.sheet = "Sheet9";
  CHECK(
      outcome(data / "formats/xlsx/easyexcel/multiplesheets_multiplesheets.xlsx", options).first ==
      "import.sheet_unknown");
  TableOptions fill;
  fill.fill_merged = true;
  const auto merged = open_table(data / "formats/xlsx/easyexcel/demo_extra.xlsx", fill);
  const TextTable rows = texts_of(*merged);
  // A6:B7 is merged; row 7 has no value of its own and stays out.
  REQUIRE(rows.size() == 5);
  CHECK(rows[4] == Row{"合并单元格", "合并单元格"});
  // The same dates and formats in both generations of the format.
  for (const char* name : {"formats/xlsx/easyexcel/dataformat_dataformat.xls",
                           "formats/xlsx/easyexcel/dataformat_dataformat.xlsx"}) {
    const TextTable table = texts_of(*open_table(data / name));
    CHECK(table[1][4] == "111.11%");
    CHECK(table[2][0] == "2020-01-01");
  }
}

TEST_CASE("real files: surnames and formulas") {
  KEHAI_NEED_DATA(data);
  const auto names = open_table(data / "china/names/chinese_family_names_1k.xlsx");
  CHECK(texts_of(*names).size() == 1074);
  const auto formulas = open_table(data / "china/names/name_generator_formulas.xlsx");
  std::size_t filled = 0;
  for (const Row& row : texts_of(*formulas)) {
    for (const std::string& text : row) filled += text.empty() ? 0 : 1;
  }
  CHECK(filled > 100);
  const auto characters = open_table(data / "china/names/company_name_char_stats.xlsx");
  CHECK(characters->info().sheets.size() == 7);
  CHECK(texts_of(*characters).size() >= 3978);
}

TEST_CASE("real files: a CRM's own export") {
  KEHAI_NEED_DATA(data);
  const auto accounts = open_table(data / "crm/salesforce_accountData.csv");
  CHECK(accounts->info().encoding == "windows-1252");
  CHECK(accounts->info().columns.size() == 38);
  CHECK(accounts->info().columns[3] == "NAME");
  const TextTable rows = texts_of(*accounts);
  CHECK(rows.size() == 423);
  CHECK(rows[0][3] == "Gravity Investments");
  bool accent = false;
  for (const Row& row : rows) {
    for (const std::string& text : row)
      accent = accent || text.find("\xC3") != std::string::npos ||
               text.find("\xE2\x80") != std::string::npos;
  }
  CHECK(accent);
  check_file(data / "crm",
             {"salesforce_opportunityData.csv", 1, 31, "ID", "ORACLE_ID__C", 38, 6, "500000.0"});
}

TEST_CASE("real files: GB18030 with characters that GBK lacks") {
  KEHAI_NEED_DATA(data);
  const auto rare = open_table(data / "china/divisions/streets_rare_chars_gb18030.csv");
  CHECK(rare->info().encoding == "GB18030");
  CHECK(rare->info().damaged_bytes == 0);
  const TextTable rows = texts_of(*rare);
  REQUIRE(rows.size() == 8);
  CHECK(rows[0][1] == "湖㳇镇");
  CHECK(rows[1][1] == "流波䃥镇");
  CHECK(rows[2][1] == "麦㙦镇");
  CHECK(texts_of(*open_table(data / "china/divisions/areas_gb18030_crlf.csv")) ==
        texts_of(*open_table(data / "china/divisions/areas.csv")));
}

TEST_CASE("real files: csv-spectrum gives its JSON") {
  KEHAI_NEED_DATA(data);
  const std::filesystem::path folder = data / "formats/csv/csv-spectrum";
  TableOptions exact;
  exact.trim = false;
  exact.header_row = 1;
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "csvs")) {
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    const kehai::base::Json expected =
        kehai::base::parse_json(read_file(folder / "json" / (name + ".json")));
    const auto reader = open_table(entry.path(), exact);
    const TextTable rows = texts_of(*reader);
    // One of the files holds a single object instead of a list.
    const kehai::base::JsonArray objects =
        expected.is_array() ? expected.as_array() : kehai::base::JsonArray{expected};
    REQUIRE(rows.size() == objects.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      REQUIRE(rows[i].size() == objects[i].as_object().size());
      for (std::size_t column = 0; column < rows[i].size(); ++column) {
        const std::string& title = reader->info().columns[column];
        std::string value(objects[i].as_object().at(title).as_string());
        // The collection's CSV files have lost their CR on the way here, the JSON has kept it.
        std::erase(value, '\r');
        // The collection's JSON has another number here than its CSV.
        const bool differs = name == "location_coordinates" && title == "Contact Phone Number";
        CHECK(rows[i][column] == (differs ? "2095257564" : value));
        ++compared;
      }
    }
  }
  CHECK(compared > 40);
}

TEST_CASE("real files: encodings of the same text give the same table") {
  KEHAI_NEED_DATA(data);
  const std::filesystem::path folder = data / "formats/csv/phpspreadsheet";
  const Row first = {"première", "second", "troisième"};
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("premiere.", 0) != 0) continue;
    CAPTURE(name);
    const auto reader = open_table(entry.path());
    CHECK(reader->info().columns == first);
    CHECK(reader->info().damaged_bytes == 0);
    CHECK(texts_of(*reader)[0] == Row{"Quatrième", "cinquième", "sixième"});
    ++files;
  }
  CHECK(files == 11);
  for (const char* mark : {"UTF8", "UTF16BE", "UTF16LE", "UTF32BE", "UTF32LE"}) {
    CAPTURE(mark);
    const auto reader =
        open_table(data / "formats/csv/dataloader" / ("csvtext_BOM_" + std::string(mark) + ".csv"));
    CHECK(reader->info().columns == Row{"column1", "column2", "column3"});
    CHECK(texts_of(*reader)[1] == Row{"row2-1", "row2-2", "row2-3"});
  }
}

TEST_CASE("real files: every CSV is read or refused with a code") {
  KEHAI_NEED_DATA(data);
  int files = 0, empty = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data / "formats/csv")) {
    if (!entry.is_regular_file() || entry.path().extension() == ".json") continue;
    const auto [code, rows] = outcome(entry.path());
    CAPTURE(entry.path().filename().string());
    if (entry.file_size() == 0) {
      CHECK(code == "import.empty_file");
      ++empty;
    } else {
      CHECK(code == "");
    }
    ++files;
  }
  CHECK(files == 128);
  CHECK(empty == 2);
}
