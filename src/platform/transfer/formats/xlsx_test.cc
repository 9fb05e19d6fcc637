// XLSX: cell types, number formats, dates, sheets, and the limits of a made workbook.
#include <doctest/doctest.h>

#include <string>

#include "platform/transfer/formats/formats_test_support.h"
#include "platform/transfer/formats/number_format.h"
#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/formats/xlsx_text.h"

using namespace kehai::platform;
using namespace kehai::platform::test;
namespace base = kehai::base;

namespace {

const char* const kStyles =
    "<numFmts count=\"3\"><numFmt numFmtId=\"164\" "
    "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"000000\"/><numFmt numFmtId=\"166\" "
    "formatCode=\"[$¥-804]#,##0.00\"/></numFmts>"
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"22\"/><xf numFmtId=\"165\"/>"
    "<xf numFmtId=\"166\"/><xf numFmtId=\"49\"/><xf numFmtId=\"20\"/><xf "
    "numFmtId=\"10\"/></cellXfs>";

// The cells of one row of a made workbook, read without a header.
std::vector<Cell> cells_of(const std::string& row, const std::string& properties = "") {
  TableOptions options;
  options.header_row = 0;
  const auto reader = open_table_bytes(
      zip_bytes(workbook_parts(
          "<sheetData>" + row + "</sheetData>",
          "<si><t>甲</t></si><si><r><t>富</t></r><r><t xml:space=\"preserve\"> 文本</t></r>"
          "<rPh sb=\"0\" eb=\"1\"><t>フ</t></rPh></si><si><t>a_x000D_b_x005F_x0041_</t></si>",
          kStyles, properties)),
      options);
  std::vector<Cell> cells;
  REQUIRE(reader->next_row(cells));
  return cells;
}

}  // namespace

TEST_CASE("xlsx: texts of every kind") {
  const auto cells = cells_of(
      "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" "
      "t=\"s\"><v>2</v></c>"
      "<c r=\"E1\" t=\"inlineStr\"><is><t>=1+1</t></is></c><c r=\"F1\" "
      "t=\"str\"><f>A1&amp;\"x\"</f><v>甲x</v></c>"
      "<c t=\"b\"><v>1</v></c><c t=\"e\"><v>#N/A</v></c><c "
      "t=\"d\"><v>2026-03-01T09:30:00</v></c></row>");
  REQUIRE(cells.size() == 9);
  CHECK(cells[0].text == "甲");
  CHECK(cells[1].text == "富 文本");
  CHECK(cells[2].text == "a\rb_x0041_");
  CHECK(cells[3].kind == CellKind::Empty);
  CHECK(cells[4].kind == CellKind::Text);
  CHECK(cells[4].text == "=1+1");
  CHECK(cells[5].text == "甲x");
  CHECK(cells[6].kind == CellKind::Boolean);
  CHECK(cells[6].boolean);
  CHECK(cells[7].kind == CellKind::Error);
  CHECK(cells[7].text == "#N/A");
  CHECK(cells[8].kind == CellKind::Date);
  CHECK(cells[8].text == "2026-03-01 09:30:00");
  CHECK(cells[8].date == base::date_from_civil(2026, 3, 1));
  CHECK(cells[8].milliseconds == (9 * 60 + 30) * 60'000);
}

TEST_CASE("xlsx: numbers stay exact, formulas give their stored value") {
  const auto cells = cells_of(
      "<row "
      "r=\"1\"><c><v>13800000000</v></c><c><v>1.38E+10</v></c><c><f>A1*2</f><v>2087.0249999999996</"
      "v></c>"
      "<c s=\"3\"><v>42</v></c><c s=\"4\"><v>-1234.5</v></c><c s=\"5\"><v>1234567890123456</v></c>"
      "<c s=\"7\"><v>0.125</v></c><c><v>0.1</v></c><c><v>1E-3</v></c></row>");
  REQUIRE(cells.size() == 9);
  CHECK(cells[0].text == "13800000000");
  CHECK(cells[1].text == "13800000000");
  CHECK(cells[1].number == "13800000000");
  CHECK(cells[2].number == "2087.025");
  CHECK(cells[3].text == "000042");
  CHECK(cells[3].number == "42");
  CHECK(cells[4].text == "-¥1,234.50");
  CHECK(cells[4].number == "-1234.5");
  CHECK(cells[5].text == "1234567890123456");
  CHECK(cells[6].text == "12.50%");
  CHECK(cells[7].number == "0.1");
  CHECK(cells[8].number == "0.001");
}

TEST_CASE("xlsx: serial dates of both systems") {
  const std::string row =
      "<row r=\"1\"><c s=\"1\"><v>46082</v></c><c s=\"2\"><v>46082.395833333336</v></c>"
      "<c s=\"1\"><v>1</v></c><c s=\"1\"><v>59</v></c><c s=\"1\"><v>61</v></c>"
      "<c s=\"6\"><v>0.5</v></c><c s=\"1\"><v>99999999</v></c><c "
      "s=\"2\"><v>46082.999999999</v></c></row>";
  const auto cells = cells_of(row);
  REQUIRE(cells.size() == 8);
  CHECK(cells[0].kind == CellKind::Date);
  CHECK(cells[0].text == "2026-03-01");
  CHECK(cells[0].has_date);
  CHECK_FALSE(cells[0].has_time);
  CHECK(cells[1].text == "2026-03-01 09:30:00");
  CHECK(cells[1].milliseconds == (9 * 60 + 30) * 60'000);
  CHECK(cells[2].text == "1900-01-01");
  CHECK(cells[3].text == "1900-02-28");
  CHECK(cells[4].text == "1900-03-01");
  CHECK(cells[5].text == "12:00:00");
  CHECK_FALSE(cells[5].has_date);
  CHECK(cells[6].kind == CellKind::Number);
  CHECK(cells[7].text == "2026-03-02 00:00:00");
  const auto later = cells_of(row, "<workbookPr date1904=\"1\"/>");
  CHECK(later[0].text == "2030-03-02");
}

TEST_CASE("xlsx: hidden sheets are listed but not chosen") {
  Parts parts = workbook_parts("<sheetData/>");
  const std::string relation =
      "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  std::string rels;
  for (int i = 1; i <= 3; ++i) {
    const std::string number = std::to_string(i);
    rels += "<Relationship Id=\"r" + number + "\" Type=\"" + relation +
            "worksheet\" Target=\"worksheets/sheet" + number + ".xml\"/>";
  }
  parts[2].second = "<x:workbook xmlns:r=\"" + relation +
                    "\"><x:sheets><x:sheet name=\"空\" r:id=\"r1\"/>"
                    "<x:sheet name=\"藏\" state=\"veryHidden\" r:id=\"r2\"/><x:sheet name=\"客户\" "
                    "r:id=\"r3\"/></x:sheets></x:workbook>";
  parts[3].second = "<Relationships>" + rels + "</Relationships>";
  const std::string data = "<x:worksheet><x:sheetData><x:row><x:c t=\"inlineStr\"><x:is><x:t>";
  parts.push_back({"xl/worksheets/sheet2.xml",
                   data + "秘密</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"});
  parts.push_back({"xl/worksheets/sheet3.xml",
                   data + "名称</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"});
  const std::string bytes = zip_bytes(parts);
  const TableInfo info = open_table_bytes(bytes)->info();
  REQUIRE(info.sheets.size() == 3);
  CHECK(info.sheets[1].hidden);
  CHECK(info.sheet == "客户");
  CHECK(info.columns == std::vector<std::string>{"名称"});
  TableOptions options;
  options.sheet = "藏";
  CHECK(open_table_bytes(bytes, options)->info().columns == std::vector<std::string>{"秘密"});
  CHECK(code_of_bytes(zip_bytes(workbook_parts("<sheetData/>"))) == "import.empty_file");
}

TEST_CASE("xlsx: merged cells on demand") {
  const std::string sheet =
      "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>地区</t></is></c><c r=\"B1\" "
      "t=\"inlineStr\"><is><t>城市</t></is></c></row>"
      "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>浙江</t></is></c><c r=\"B2\" "
      "t=\"inlineStr\"><is><t>杭州</t></is></c></row>"
      "<row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>宁波</t></is></c></row></sheetData>"
      "<mergeCells><mergeCell ref=\"A2:A3\"/></mergeCells>";
  const std::string bytes = zip_bytes(workbook_parts(sheet));
  TableOptions fill;
  fill.fill_merged = true;
  CHECK(whole_table(bytes) == TextTable{{"地区", "城市"}, {"浙江", "杭州"}, {"", "宁波"}});
  CHECK(whole_table(bytes, fill) ==
        TextTable{{"地区", "城市"}, {"浙江", "杭州"}, {"浙江", "宁波"}});
}

TEST_CASE("xlsx: other archives say what they are") {
  CHECK(code_of_bytes(zip_bytes({{"word/document.xml", "<w/>"}})) == "import.not_a_table");
  CHECK(code_of_bytes(zip_bytes({{"xl/workbook.bin", "x"}})) == "import.format_not_supported");
  CHECK(code_of_bytes(zip_bytes({{"mimetype", "application/vnd.oasis"},
                                 {"content.xml", "<x/>"}})) == "import.format_not_supported");
  CHECK(code_of_bytes(zip_bytes({{"photo.jpg", "x"}})) == "import.binary_file");
  CHECK(code_of_bytes("PK\x03\x04 and then nothing") == "import.file_broken");
}

TEST_CASE("number format: shown as a person sees it, never shortened") {
  const auto shown = [](const char* code, const char* number) {
    return NumberFormat(code).render(number);
  };
  CHECK(shown("General", "13800000000") == "13800000000");
  CHECK(shown("0.00E+00", "13800000000") == "13800000000");
  CHECK(shown("#,##0.00", "1234567.891") == "1,234,567.89");
  CHECK(shown("#,##0.00;[Red](#,##0.00)", "-1234.5") == "(1,234.50)");
  CHECK(shown("0.00;-0.00;\"—\"", "0") == "0");
  CHECK(shown("000\\-0000\\-0000", "13800000000") == "138-0000-0000");
  CHECK(shown("\"NO.\"0000", "7") == "NO.0007");
  CHECK(shown("0.##", "2.5") == "2.5");
  CHECK(shown("0.##", "2") == "2");
  CHECK(shown("0.0,", "1500000") == "1500.0");
  CHECK(shown("0%", "0.125") == "13%");
  CHECK(shown("# ?/?", "0.5") == "0.5");
  CHECK(shown(";;;", "5") == "5");
  CHECK(shown("0\"元\"", "12") == "12元");
  CHECK(shown("#,##0", "-0.2") == "0");
  CHECK_FALSE(NumberFormat("\"day\"0").is_date());
  CHECK_FALSE(NumberFormat("[Red]0.00").is_date());
  CHECK_FALSE(NumberFormat("0.00E+00").is_date());
  CHECK(NumberFormat("m\"月\"d\"日\"").has_date());
  CHECK(NumberFormat("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy").has_date());
  CHECK(NumberFormat("[h]:mm:ss").has_time());
  CHECK_FALSE(NumberFormat("mm:ss.0").has_date());
}

TEST_CASE("number format: decimal text without rounding by accident") {
  CHECK(plain_decimal("1.38E+10") == "13800000000");
  CHECK(plain_decimal("0.30000000000000004") == "0.3");
  CHECK(plain_decimal("9.9999999999999999E2") == "1000");
  CHECK(plain_decimal("110101199003070012") == "110101199003070012");
  CHECK(plain_decimal("-0") == "0");
  CHECK(plain_decimal("-12.50") == "-12.5");
  CHECK(plain_decimal("1e-7") == "0.0000001");
  CHECK_FALSE(plain_decimal("1e999"));
  CHECK_FALSE(plain_decimal("12a"));
  CHECK_FALSE(plain_decimal(""));
  CHECK(round_decimal("1.005", 2) == "1.01");
  CHECK(round_decimal("-0.004", 2) == "0.00");
  CHECK(round_decimal("999.995", 2) == "1000.00");
}

TEST_CASE("xlsx: escapes of what XML cannot hold are exact") {
  for (const std::string& text :
       {std::string("a\rb\tc\nd"), std::string("\x01\x1F"), std::string("a\0b", 3),
        std::string("_x000D_"), std::string("_x005F_x000D_"), std::string("_x00"),
        std::string("\xEF\xBF\xBE\xEF\xBF\xBF"), std::string("_x_x_x0041_"),
        std::string("_x0007\x01"), std::string("_x0007_x0007"),
        // Not UTF-8: still nothing is lost.
        std::string("\xEF\xBF\xE2\xA5 "), std::string("\xEF\xBF\xFF\xEF\xBF")}) {
    std::string round = escape_xlsx_text(text);
    decode_xlsx_escapes(round);
    CHECK(round == text);
  }
  std::string long_text = "😀客户";
  CHECK(cut_utf16(long_text, 3));
  CHECK(long_text == "😀客");
}
