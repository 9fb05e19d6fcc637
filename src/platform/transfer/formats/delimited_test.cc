// Text tables: separators, quotes, line ends, encodings, headers.
#include <doctest/doctest.h>

#include <string>

#include "platform/transfer/formats/formats_test_support.h"
#include "platform/transfer/formats/table_reader.h"

using namespace kehai::platform;
using namespace kehai::platform::test;

namespace {

using Row = std::vector<std::string>;

TableInfo info_of(std::string bytes, const TableOptions& options = {}) {
  return open_table_bytes(std::move(bytes), options)->info();
}

std::string utf16(std::u16string_view text, bool big, bool mark) {
  std::string bytes;
  if (mark) bytes = big ? "\xFE\xFF" : "\xFF\xFE";
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    bytes += big ? high : low;
    bytes += big ? low : high;
  }
  return bytes;
}

}  // namespace

TEST_CASE("delimited: separators are found by their regularity") {
  CHECK(info_of("姓名,电话\n张三,1\n李四,2\n").delimiter == ",");
  CHECK(info_of("姓名\t电话\n张三\t1\n").delimiter == "\t");
  CHECK(info_of("name;amount\nA;1,5\nB;2,25\n").delimiter == ";");
  CHECK(info_of("name|amount\nA|1\nB|2\n").delimiter == "|");
  CHECK(info_of("公司\n华为, 深圳\n小米\n腾讯\n阿里\n").delimiter == "none");
  // Separators inside quotes do not count.
  CHECK(info_of("\"a;b;c\",d\n\"e;f;g\",h\n").delimiter == ",");
  // A file may say it itself, and that line is no row.
  const auto reader = open_table_bytes("sep=;\r\nname;city,town\r\nA;B,C\r\n");
  CHECK(reader->info().delimiter == ";");
  CHECK(reader->info().header_row == 1);
  CHECK(reader->info().columns == Row{"name", "city,town"});
  std::vector<Cell> cells;
  REQUIRE(reader->next_row(cells));
  CHECK(reader->line_number() == 3);
  // The person knows better.
  TableOptions options;
  options.delimiter = "none";
  CHECK(info_of("姓名,电话\n张三,1\n", options).columns == Row{"姓名,电话"});
}

TEST_CASE("delimited: line ends, quotes and ragged rows") {
  const TextTable expected = {
      {"a", "b"}, {"1", "x\ny"}, {"2", "say \"hi\""}, {"3", ""}, {"4", "5", "6"}};
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    CAPTURE(end.size());
    const std::string file =
        "a,b" + end + "1,\"x\ny\"" + end + end + "2,\"say \"\"hi\"\"\"" + end + "3" + end + "4,5,6";
    CHECK(whole_table(file) == expected);
    CHECK(whole_table(file + end) == expected);
  }
  // Blanks around quotes, text behind them, quotes in the middle, a lone quote in the last line.
  CHECK(whole_table("a,b,c\n1, \"x, y\" \t,z\n\"p\"q,r\"s\",t\nu,v,\"w\n") ==
        TextTable{{"a", "b", "c"}, {"1", "x, y", "z"}, {"pq", "r\"s\"", "t"}, {"u", "v", "w"}});
  TableOptions backslash;
  backslash.escape = '\\';
  backslash.quote = '\'';
  CHECK(whole_table("a,b\n1,'it\\'s'\n2,'x\\y'\n", backslash) ==
        TextTable{{"a", "b"}, {"1", "it's"}, {"2", "x\\y"}});
}

TEST_CASE("delimited: numbers of rows and lines are those of the file") {
  const auto reader = open_table_bytes("a,b\n1,\"x\ny\nz\"\n\n\n2,w\n");
  std::vector<Cell> cells;
  REQUIRE(reader->next_row(cells));
  CHECK(reader->row_number() == 2);
  CHECK(reader->line_number() == 2);
  REQUIRE(reader->next_row(cells));
  CHECK(reader->row_number() == 5);
  CHECK(reader->line_number() == 7);
  CHECK_FALSE(reader->next_row(cells));
  TableOptions options;
  options.keep_blank_rows = true;
  CHECK(whole_table("a,b\n1,2\n\n3,4\n", options) ==
        TextTable{{"a", "b"}, {"1", "2"}, {"", ""}, {"3", "4"}});
}

TEST_CASE("delimited: a stray quote is named with its line instead of swallowing the rest") {
  std::string file = "a,b\n1,2\n3,\"oops\n";
  for (int i = 0; i < 100; ++i) file += "5,6\n";
  try {
    whole_table(file);
    FAIL("read");
  } catch (const kehai::base::Error& error) {
    CHECK(error.code() == "import.quote_not_closed");
    CHECK(error.params().at("line") == "3");
    CHECK(error.params().at("row") == "3");
  }
}

TEST_CASE("delimited: cells are cleaned unless exactness is asked for") {
  const std::string file =
      "a,b,c\n  x  ,=\"0012\",\"\t13800000000\t\"\n\xE3\x80\x80y\xC2\xA0,\"=\"\"007\"\"\",z\n";
  CHECK(whole_table(file) ==
        TextTable{{"a", "b", "c"}, {"x", "0012", "13800000000"}, {"y", "007", "z"}});
  TableOptions exact;
  exact.trim = false;
  CHECK(whole_table(file, exact)[1][0] == "  x  ");
}

TEST_CASE("delimited: every encoding that people send is recognised") {
  const std::u16string text = u"姓名,电话\r\n张三,13800000000\r\n";
  const TextTable expected = {{"姓名", "电话"}, {"张三", "13800000000"}};
  for (const bool big : {false, true}) {
    for (const bool mark : {false, true}) {
      const std::string bytes = utf16(text, big, mark);
      CHECK(info_of(bytes).encoding == (big ? "UTF-16BE" : "UTF-16LE"));
      CHECK(whole_table(bytes) == expected);
    }
  }
  // 姓名,电话 and 张三 in GBK; 姓名,電話 and 張三 in Big5.
  const std::string gbk = "\xD0\xD5\xC3\xFB,\xB5\xE7\xBB\xB0\n\xD5\xC5\xC8\xFD,13800000000\n";
  CHECK(info_of(gbk).encoding == "GB18030");
  CHECK(whole_table(gbk) == expected);
  const std::string big5 =
      "\xA9\x6D\xA6\x57,\xB9\x71\xB8\xDC\n\xB1\x69\xA4\x54,0912345678\n"  // and one line of
                                                                          // everyday text
      "\xA5\x78\xA5\x5F\xA5\xAB\xAB\x48\xB8\x71\xB0\xCF,\xA5\xD8\xAB\x65\xB5\x4C\n";
  CHECK(info_of(big5).encoding == "Big5");
  CHECK(whole_table(big5)[0] == Row{"姓名", "電話"});
  CHECK(whole_table(big5)[2] == Row{"台北市信義區", "目前無"});
  CHECK(info_of("pr\xE9nom,ville\nAndr\xE9,Orl\xE9"
                "ans\n")
            .encoding == "windows-1252");
  CHECK(whole_table("pr\xE9nom,ville\nAndr\xE9,N\xEEmes\n")[1] == Row{"André", "Nîmes"});
  TableOptions forced;
  forced.encoding = "gb2312";
  CHECK(info_of("a,b\n1,2\n", forced).encoding == "GB18030");
  forced.encoding = "klingon";
  CHECK(code_of_bytes("a,b\n", forced) == "import.encoding_unknown");
}

TEST_CASE(
    "delimited: the first Chinese letter may come late, and a broken byte does not spoil the "
    "file") {
  std::string late = "name,note\n";
  for (int i = 0; i < 40'000; ++i) late += "Smith,ok\n";
  late += "\xD5\xC5\xC8\xFD,\xBF\xCD\xBB\xA7\xB9\xDC\xC0\xED\n";
  CHECK(whole_table(late).back() == Row{"张三", "客户管理"});
  std::string hurt = "姓名,备注\n";
  for (int i = 0; i < 100; ++i) hurt += "张三,客户关系管理\n";
  hurt += "李四,\xE5\xAE\n";
  const auto reader = open_table_bytes(hurt);
  CHECK(reader->info().encoding == "UTF-8");
  CHECK(reader->info().damaged_bytes == 2);
  CHECK(texts_of(*reader).back() == Row{"李四", "\xEF\xBF\xBD\xEF\xBF\xBD"});
}

TEST_CASE("delimited: what is no table says what it is") {
  CHECK(code_of_bytes("") == "import.empty_file");
  CHECK(code_of_bytes("\xEF\xBB\xBF") == "import.empty_file");
  CHECK(code_of_bytes("\n\n , \n\n") == "import.empty_file");
  CHECK(code_of_bytes("%PDF-1.7\n...") == "import.binary_file");
  CHECK(code_of_bytes(std::string("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16)) == "import.binary_file");
  CHECK(code_of_bytes("\x1F\x8B\x08....") == "import.binary_file");
  CHECK(code_of_bytes("\xEF\xBB\xBF<html><table><tr><td>1</td></tr></table>") ==
        "import.html_table");
  CHECK(code_of_bytes("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n") ==
        "import.html_table");
  CHECK(code_of_bytes("<?xml version=\"1.0\"?><Workbook "
                      "xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">") ==
        "import.format_not_supported");
  CHECK(code_of_bytes("{\\rtf1\\ansi") == "import.not_a_table");
  std::string noise;
  std::uint32_t seed = 1;
  for (int i = 0; i < 5000; ++i)
    noise += static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  CHECK(code_of_bytes(noise) == "import.binary_file");
  CHECK_THROWS_AS(open_table("no/such/file.csv"), kehai::base::Error);
}

TEST_CASE("delimited: limits hold") {
  TableOptions options;
  options.limits.cell_bytes = 1000;
  CHECK(code_of_bytes("a,b\n1," + std::string(1001, 'x') + "\n", options) ==
        "import.cell_too_long");
  CHECK(code_of_bytes("a,b\n1," + std::string(1000, 'x') + "\n", options) == "");
  options.limits.columns = 10;
  CHECK(code_of_bytes("a,b\n" + std::string(10, ',') + "\n", options) == "import.too_many_columns");
  options.limits.row_bytes = 5000;
  options.limits.columns = 100;
  std::string wide = "a,b\n";
  for (int i = 0; i < 6; ++i) wide += std::string(900, 'y') + ",";
  CHECK(code_of_bytes(wide + "\n", options) == "import.row_too_large");
  options.limits.file_bytes = 3;
  CHECK(code_of_bytes("a,b\n", options) == "import.file_too_large");
}

TEST_CASE("header: below account lines, above sums, or not there") {
  const std::string statement =
      "卡号: 1234,\"别名: "
      "甲\"\n\n导出时间：2026-03-01\n交易日期,摘要,金额,余额\n2026-01-02,消费,12.00,88.00\n"
      "2026-01-03,转账,3.00,85.00\n\n合计,,15.00,\n共2笔\n";
  const auto reader = open_table_bytes(statement);
  CHECK(reader->info().header_row == 4);
  CHECK(reader->info().columns == Row{"交易日期", "摘要", "金额", "余额"});
  CHECK(reader->info().preamble == Row{"卡号: 1234 别名: 甲", "导出时间：2026-03-01"});
  CHECK(texts_of(*reader).size() == 2);
  REQUIRE(reader->skipped().size() == 2);
  CHECK(reader->skipped()[0].number == 8);
  CHECK(reader->skipped()[0].text == "合计 15.00");
  TableOptions keep;
  keep.keep_summary_rows = true;
  CHECK(whole_table(statement, keep).size() == 5);

  CHECK(info_of("张三,13800000000,2026-01-01\n李四,13900000000,2026-01-02\n").header_row == 0);
  TableOptions none;
  none.header_row = 0;
  CHECK(whole_table("a,b\n1,2\n", none) == TextTable{{"", ""}, {"a", "b"}, {"1", "2"}});
  TableOptions third;
  third.header_row = 3;
  CHECK(whole_table("x,y\nz,w\na,b\n1,2\n", third) == TextTable{{"a", "b"}, {"1", "2"}});
  third.header_row = 99;
  CHECK(code_of_bytes("x,y\nz,w\n", third) == "import.header_row_unknown");
  // Far below what is read ahead.
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "note,line\n";
  third.header_row = 501;
  CHECK(whole_table(deep + "a,b\n1,2\n", third) == TextTable{{"a", "b"}, {"1", "2"}});
}

TEST_CASE("preview: shows without consuming") {
  const auto reader = open_table_bytes("名称,电话\n甲,1\n乙,2\n丙,3\n");
  const TablePreview first = reader->preview(2);
  REQUIRE(first.rows.size() == 2);
  CHECK(first.rows[1].number == 3);
  CHECK(first.rows[1].cells[0].text == "乙");
  CHECK_FALSE(first.complete);
  CHECK(reader->preview(10).complete);
  CHECK(texts_of(*reader).size() == 3);
  CHECK(reader->percent_read() == 100);
}
