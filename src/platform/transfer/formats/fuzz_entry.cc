#include "platform/transfer/formats/fuzz_entry.h"

#include <cstdlib>
#include <string>

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
