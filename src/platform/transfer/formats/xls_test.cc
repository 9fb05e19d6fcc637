// Old workbooks, record by record: what real files at hand do not show.
#include <doctest/doctest.h>

#include <bit>
#include <string>

#include "platform/transfer/formats/formats_test_support.h"
#include "platform/transfer/formats/xls_source.h"

using namespace kehai::platform;
using namespace kehai::platform::test;

namespace {

std::string number(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) bytes += static_cast<char>(i < 8 ? value >> (8 * i) : 0);
  return bytes;
}

std::string record(std::uint16_t type, const std::string& data) {
  return number(type, 2) + number(data.size(), 2) + data;
}

std::string wide(std::u16string_view text) {
  std::string bytes;
  for (const char16_t unit : text) bytes += number(unit, 2);
  return bytes;
}

std::string begin(std::uint16_t version = 0x0600) {
  return record(0x0809, number(version, 2) + number(5, 2) + number(0, 12));
}
const std::string kEnd = record(0x000A, "");

std::string cell(std::uint16_t type, int row, int column, int style, const std::string& data) {
  return record(type, number(static_cast<std::uint64_t>(row), 2) +
                          number(static_cast<std::uint64_t>(column), 2) +
                          number(static_cast<std::uint64_t>(style), 2) + data);
}
std::string real(int row, int column, double value, int style = 0) {
  return cell(0x0203, row, column, style, number(std::bit_cast<std::uint64_t>(value), 8));
}
std::string shared(int row, int column, std::uint32_t index) {
  return cell(0x00FD, row, column, 0, number(index, 4));
}

struct SheetBytes {
  std::u16string name;
  std::string records;
  int state = 0;
};

// A BIFF8 stream with these sheets; `globals` stand before the sheet list.
std::string workbook(const std::vector<SheetBytes>& sheets, const std::string& globals = "") {
  const auto list = [&](const std::vector<std::uint64_t>& offsets) {
    std::string bytes = begin() + globals;
    for (std::size_t i = 0; i < sheets.size(); ++i) {
      bytes +=
          record(0x0085, number(offsets[i], 4) +
                             number(static_cast<std::uint64_t>(sheets[i].state), 1) + number(0, 1) +
                             number(sheets[i].name.size(), 1) + "\x01" + wide(sheets[i].name));
    }
    return bytes + kEnd;
  };
  std::vector<std::uint64_t> offsets(sheets.size());
  std::uint64_t at = list(offsets).size();
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    offsets[i] = at;
    at += begin().size() + sheets[i].records.size() + kEnd.size();
  }
  std::string bytes = list(offsets);
  for (const SheetBytes& sheet : sheets) bytes += begin() + sheet.records + kEnd;
  return bytes;
}

std::vector<RawRow> rows_of(std::string stream, const TableOptions& options = {}) {
  const auto source = make_biff_source(make_byte_source(std::move(stream)), options);
  std::vector<RawRow> rows;
  RawRow row;
  while (source->next(row)) rows.push_back(row);
  return rows;
}

std::string code_of(std::string stream, const TableOptions& options = {}) {
  try {
    rows_of(std::move(stream), options);
  } catch (const kehai::base::Error& error) {
    return error.code();
  }
  return "";
}

}  // namespace

TEST_CASE("xls: numbers in all their forms, formulas by their stored value") {
  const std::string text_follows = number(0, 6) + number(0xFFFF, 2) + number(0, 6);
  const auto formula = [](int column, const std::string& result) {
    return cell(0x0006, 0, column, 0, result + number(0, 6));
  };
  const std::string records =
      real(0, 0, 13800000000.0) + real(0, 1, 2087.0249999999996) +
      cell(0x027E, 0, 2, 0, number((123456u << 2) | 2, 4)) +                       // integer
      cell(0x027E, 0, 3, 0, number((123456u << 2) | 3, 4)) +                       // hundredths
      cell(0x027E, 0, 4, 0, number(static_cast<std::uint32_t>(-5) << 2 | 2, 4)) +  // negative
      record(0x00BD, number(0, 2) + number(5, 2) + number(0, 2) + number((7u << 2) | 2, 4) +
                         number(0, 2) + number((8u << 2) | 2, 4) + number(6, 2)) +
      formula(7, number(std::bit_cast<std::uint64_t>(0.5), 8)) +
      cell(0x0006, 0, 8, 0, text_follows) + record(0x04BC, number(0, 10)) +
      record(0x0207, number(2, 2) + "\x01" + wide(u"结果")) +
      formula(9, number(1, 1) + number(0, 1) + number(1, 1) + number(0, 3) + number(0xFFFF, 2)) +
      formula(10,
              number(2, 1) + number(0, 1) + number(0x07, 1) + number(0, 3) + number(0xFFFF, 2)) +
      cell(0x0205, 0, 11, 0, number(0x2A, 1) + number(1, 1));
  const auto rows = rows_of(workbook({{u"表", records}}));
  REQUIRE(rows.size() == 1);
  REQUIRE(rows[0].count == 12);
  const std::vector<Cell>& cells = rows[0].cells;
  CHECK(cells[0].text == "13800000000");
  CHECK(cells[1].number == "2087.025");
  CHECK(cells[2].number == "123456");
  CHECK(cells[3].number == "1234.56");
  CHECK(cells[4].number == "-5");
  CHECK(cells[5].number == "7");
  CHECK(cells[6].number == "8");
  CHECK(cells[7].number == "0.5");
  CHECK(cells[8].text == "结果");
  CHECK(cells[9].kind == CellKind::Boolean);
  CHECK(cells[9].text == "TRUE");
  CHECK(cells[10].text == "#DIV/0!");
  CHECK(cells[11].kind == CellKind::Error);
}

TEST_CASE("xls: shared strings that run over several records") {
  // 你好 as two-byte characters, cut in the middle and continued with one-byte ones; then a rich
  // and a phonetic one.
  const std::string first = number(3, 4) + number(3, 4) + number(4, 2) + "\x01" + wide(u"你好");
  const std::string second = std::string("\0", 1) + "ab" + number(2, 2) + "\x08" + number(1, 2) +
                             "xy" + number(0, 4) + number(1, 2) + "\x05" + number(6, 4) +
                             wide(u"𠮷").substr(0, 2) + number(0, 6);
  const auto rows = rows_of(workbook({{u"表", shared(0, 0, 0) + shared(0, 1, 1) + shared(0, 2, 2)}},
                                     record(0x00FC, first) + record(0x003C, second)));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cells[0].text == "你好ab");
  CHECK(rows[0].cells[1].text == "xy");
  CHECK(rows[0].cells[2].text == "\xEF\xBF\xBD");  // half of a pair
  CHECK(code_of(workbook({{u"表", shared(0, 0, 5)}},
                         record(0x00FC, first) + record(0x003C, second))) == "import.file_broken");
}

TEST_CASE("xls: rows out of order, merged cells, hidden sheets, dates") {
  const std::string style = record(0x00E0, number(0, 2) + number(14, 2) + number(0, 16));
  const std::string records =
      real(5, 0, 3) + real(2, 1, 46082, 0) + real(2, 0, 1) + real(5, 1, 4) +
      record(0x00E5, number(1, 2) + number(2, 2) + number(2, 2) + number(1, 2) + number(2, 2));
  TableOptions fill;
  fill.fill_merged = true;
  const std::string bytes =
      workbook({{u"藏", real(0, 0, 9), 1}, {u"空", ""}, {u"客户", records}}, style);
  const auto rows = rows_of(bytes, fill);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].number == 3);
  CHECK(rows[1].number == 6);
  REQUIRE(rows[0].count == 3);
  CHECK(rows[0].cells[1].text == "2026-03-01");
  CHECK(rows[0].cells[2].text == "2026-03-01");
  TableInfo info;
  make_biff_source(make_byte_source(bytes), {})->describe(info);
  REQUIRE(info.sheets.size() == 3);
  CHECK(info.sheets[0].hidden);
  CHECK(info.sheet == "客户");
  TableOptions hidden;
  hidden.sheet = "藏";
  CHECK(rows_of(bytes, hidden).size() == 1);
}

TEST_CASE("xls: what stands behind the end of a sheet is not read") {
  const auto rows = rows_of(workbook({{u"客户", real(0, 0, 1) + real(1, 0, 2)}}) + real(0, 0, 3));
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].number == 2);
}

TEST_CASE("xls: the older generation holds bytes of a code page") {
  const std::string sheet =
      begin(0x0500) + cell(0x0204, 0, 0, 0, number(4, 2) + "\xBF\xCD\xBB\xA7") + kEnd;
  const auto globals = [&](std::uint64_t offset) {
    return begin(0x0500) + record(0x0042, number(936, 2)) +
           record(0x0085, number(offset, 4) + number(0, 2) + number(4, 1) + "\xB1\xED\xB8\xF1") +
           kEnd;
  };
  const std::string bytes = globals(globals(0).size()) + sheet;
  const auto rows = rows_of(bytes);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cells[0].text == "客户");
}

TEST_CASE("xls: encrypted, damaged and foreign streams") {
  CHECK(code_of(workbook({{u"表", real(0, 0, 1)}}, record(0x002F, number(1, 6)))) ==
        "import.file_encrypted");
  CHECK(code_of(workbook({{u"表", ""}})) == "import.empty_file");
  CHECK(code_of(workbook({})) == "import.file_broken");
  CHECK(code_of(begin(0x0400) + kEnd) == "import.format_not_supported");
  CHECK(code_of("no workbook at all") == "import.file_broken");
  std::string lost = workbook({{u"表", real(0, 0, 1)}});
  lost[begin().size() + 4] = '\x7F';  // the position of the sheet
  CHECK(code_of(lost) == "import.file_broken");
  // A compound file whose allocation table runs in a circle.
  std::string circle = std::string("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) + std::string(22, '\0') +
                       number(9, 2) + number(6, 2);
  circle.resize(44, '\0');
  circle += number(1, 4) + number(0, 4) + number(0, 4) + number(4096, 4) + number(0xFFFFFFFE, 4) +
            number(0, 4) + number(0xFFFFFFFE, 4) + number(0, 4);
  circle += number(0, 4);
  while (circle.size() < 512) circle += number(0xFFFFFFFF, 4);
  for (std::uint32_t i = 0; i < 128; ++i) circle += number(0, 4);
  CHECK(code_of_bytes(circle) == "import.file_broken");
}
