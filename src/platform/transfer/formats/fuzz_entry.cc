#include "platform/transfer/formats/fuzz_entry.h"

#include <zlib.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "platform/transfer/formats/cell_values.h"
#include "platform/transfer/formats/formula_guard.h"
#include "platform/transfer/formats/number_format.h"
#include "platform/transfer/formats/row_source.h"
#include "platform/transfer/formats/text_encoding.h"
#include "platform/transfer/formats/xls_source.h"
#include "platform/transfer/formats/xlsx_text.h"
#include "platform/transfer/formats/xml_stream.h"

namespace kehai::platform {

namespace {

TableOptions small_limits() {
  TableOptions options;
  options.fill_merged = true;
  options.limits.file_bytes = 1u << 20;
  options.limits.unpacked_bytes = 8u << 20;
  options.limits.shared_string_bytes = 1u << 20;
  options.limits.cell_bytes = 64u << 10;
  options.limits.row_bytes = 256u << 10;
  return options;
}

void check(bool holds) {
  if (!holds) std::abort();
}

// A ZIP archive whose parts are stored as they are.
std::string stored_archive(const std::vector<std::pair<std::string, std::string>>& parts) {
  std::string local;
  std::string directory;
  const auto number = [](std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8U) out += static_cast<char>(value);
  };
  for (const auto& [name, content] : parts) {
    std::string common;
    number(common, 20, 2);  // version
    number(common, 0, 8);   // flags, method, time, date
    number(
        common,
        crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())),
        4);
    number(common, content.size(), 4);
    number(common, content.size(), 4);
    number(common, name.size(), 2);
    number(common, 0, 2);  // extra field
    const std::size_t offset = local.size();
    local += "PK\x03\x04" + common + name + content;
    directory += "PK\x01\x02";
    number(directory, 20, 2);
    directory += common;
    number(directory, 0, 10);  // comment, disk, attributes
    number(directory, offset, 4);
    directory += name;
  }
  std::string end = "PK\x05\x06";
  number(end, 0, 4);
  number(end, parts.size(), 2);
  number(end, parts.size(), 2);
  number(end, directory.size(), 4);
  number(end, local.size(), 4);
  number(end, 0, 2);
  return local + directory + end;
}

std::string workbook_with(const std::string& sheet) {
  const std::string relation =
      "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  return stored_archive({
      {"[Content_Types].xml",
       "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"},
      {"_rels/.rels", "<Relationships><Relationship Id=\"r1\" Type=\"" + relation +
                          "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
      {"xl/workbook.xml",
       "<workbook xmlns:r=\"" + relation +
           "\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id=\"r1\" Type=\"" + relation +
           "worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" +
           relation + "sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"},
      {"xl/sharedStrings.xml",
       "<sst><si><t>客户</t></si><si><r><t>上</t></r><r><t>海</t></r></si></sst>"},
      {"xl/worksheets/sheet1.xml", sheet},
  });
}

class Ignore : public XmlHandler {
 public:
  void start(std::string_view, const XmlAttributes&) override {}
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

}  // namespace

void fuzz_table(const std::uint8_t* data, std::size_t size) {
  try {
    const auto reader =
        open_table_bytes(std::string(reinterpret_cast<const char*>(data), size), small_limits());
    reader->preview(20);
    std::vector<Cell> cells;
    std::int64_t last = 0;
    for (int rows = 0; rows < 100'000 && reader->next_row(cells); ++rows) {
      check(cells.size() >= reader->info().columns.size());
      check(reader->row_number() > last);
      last = reader->row_number();
      for (const Cell& cell : cells) check(valid_utf8_prefix(cell.text) == cell.text.size());
    }
  } catch (const base::Error&) {
  }
}

void fuzz_xml(const std::uint8_t* data, std::size_t size) {
  try {
    Ignore handler;
    parse_xml("fuzz", std::string_view(reinterpret_cast<const char*>(data), size), handler);
  } catch (const base::Error&) {
  }
}

void fuzz_sheet(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = workbook_with(std::string(reinterpret_cast<const char*>(data), size));
  fuzz_table(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

void fuzz_biff(const std::uint8_t* data, std::size_t size) {
  try {
    const auto source = make_biff_source(
        make_byte_source(std::string(reinterpret_cast<const char*>(data), size)), small_limits());
    RawRow row;
    for (int rows = 0; rows < 100'000 && source->next(row); ++rows) check(row.number >= 1);
  } catch (const base::Error&) {
  }
}

void fuzz_cell_values(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  parse_money(text);
  parse_decimal_text(text, 6, true);
  parse_boolean(text);
  const ParsedDate date = parse_date_cell(text);
  if (date.error == nullptr)
    check(date.date >= base::date_from_civil(1, 1, 1) &&
          date.date <= base::date_from_civil(9999, 12, 31));
  const NumberFormat format(text);
  for (const char* number : {"0", "-1234567.891", "45352.395833", "0.005"}) format.render(number);
  check(unguard_formula(guard_formula(text)) == text);
  std::string escaped = escape_xlsx_text(text);
  decode_xlsx_escapes(escaped);
  check(escaped == text);
}

}  // namespace kehai::platform
