#include "platform/transfer/formats/xlsx_source.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "platform/transfer/formats/merged_cells.h"
#include "platform/transfer/formats/xlsx_text.h"
#include "platform/transfer/formats/xlsx_workbook.h"
#include "platform/transfer/formats/xml_stream.h"
#include "platform/transfer/formats/zip_archive.h"

namespace kehai::platform {

namespace {

constexpr std::int64_t kLastRow = 1'048'576;
constexpr std::size_t kLastColumn = 16'384;
constexpr std::size_t kMostMerges = 100'000;
// Sheet XML without any value between two rows.
constexpr std::uint64_t kIdleBytes = 96u << 20;

struct CellReference {
  std::size_t column = 0;  // from 0
  std::int64_t row = 0;    // from 1; 0 = not given
};

// "AB12"; nothing when it is no cell of a sheet.
std::optional<CellReference> parse_reference(std::string_view text) {
  CellReference reference;
  std::size_t column = 0, at = 0;
  while (at < text.size() && at < 4 && text[at] >= 'A' && text[at] <= 'Z') {
    column = column * 26 + static_cast<std::size_t>(text[at++] - 'A') + 1;
  }
  if (column == 0 || column > kLastColumn) return std::nullopt;
  reference.column = column - 1;
  if (at == text.size()) return reference;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + at, end, reference.row);
  if (error != std::errc() || stop != end || reference.row < 1 || reference.row > kLastRow)
    return std::nullopt;
  return reference;
}

// Collects the merged areas of a sheet, which stand behind its cells.
class MergesHandler : public XmlHandler {
 public:
  std::vector<MergedArea> areas;
  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "mergeCell" || areas.size() >= kMostMerges) return;
    const std::string_view range = attributes.get("ref");
    const std::size_t colon = range.find(':');
    if (colon == std::string_view::npos) return;
    const auto first = parse_reference(range.substr(0, colon));
    const auto last = parse_reference(range.substr(colon + 1));
    if (first && last) areas.push_back({first->row, last->row, first->column, last->column});
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

// The rows of one sheet.
class SheetRows : public XmlHandler {
 public:
  SheetRows(ZipArchive& archive, const WorkbookSheet& sheet, const SharedStrings& strings,
            const CellStyles& styles, bool date_1904, const TableLimits& limits)
      : part_(sheet.part),
        strings_(strings),
        styles_(styles),
        date_1904_(date_1904),
        limits_(limits),
        stream_(archive.open(sheet.part)) {
    xml_ = make_xml_stream(
        part_, [this](char* out, std::size_t count) { return feed(out, count); }, *this);
  }

  // The next row that has a cell with a value.
  bool next(RawRow& row) {
    row_ = &row;
    row.count = 0;
    complete_ = false;
    idle_from_ = stream_->position();
    while (!complete_) {
      if (!xml_->run()) return false;
    }
    return true;
  }

  int percent_read() const {
    return stream_->size() == 0 ? 100
                                : static_cast<int>(stream_->position() * 100 / stream_->size());
  }

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "c")
      start_cell(attributes);
    else if (name == "v" || name == "t")
      inside_ = in_cell_ && !phonetic_;
    else if (name == "rPh")
      phonetic_ = true;
    else if (name == "row")
      start_row(attributes);
  }

  void end(std::string_view name) override {
    if (name == "v" || name == "t")
      inside_ = false;
    else if (name == "c")
      end_cell();
    else if (name == "rPh")
      phonetic_ = false;
    else if (name == "row")
      end_row();
  }

  void text(std::string_view text) override {
    if (!inside_) return;
    if (value_.size() + text.size() > limits_.cell_bytes) {
      throw row_error("import.cell_too_long", limits_.cell_bytes, number_);
    }
    value_ += text;
  }

 private:
  // More blank rows than a sheet can have are not meant to be read.
  std::size_t feed(char* out, std::size_t count) {
    if (stream_->position() - idle_from_ > kIdleBytes) throw broken(part_, "no end of blank rows");
    return stream_->read(out, count);
  }

  void start_row(const XmlAttributes& attributes) {
    const std::string_view text = attributes.get("r");
    std::int64_t number = number_ + 1;
    if (!text.empty()) {
      const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || stop != text.data() + text.size())
        throw broken(part_, "row number");
    }
    if (number <= number_ || number > kLastRow) throw broken(part_, "row number");
    number_ = number;
    column_ = 0;
    row_bytes_ = 0;
    in_row_ = true;
  }

  void end_row() {
    in_row_ = false;
    if (row_->count == 0) return;
    row_->number = row_->line = number_;
    complete_ = true;
    xml_->pause();
  }

  void start_cell(const XmlAttributes& attributes) {
    if (!in_row_ || complete_) throw broken(part_, "cell outside of a row");
    const std::string_view position = attributes.get("r");
    if (!position.empty()) {
      const auto reference = parse_reference(position);
      if (!reference || reference->column < column_) throw broken(part_, "cell position");
      column_ = reference->column;
    }
    if (column_ >= kLastColumn) throw broken(part_, "cell position");
    type_ = attributes.get("t");
    style_ = 0;
    const std::string_view style = attributes.get("s");
    std::from_chars(style.data(), style.data() + style.size(), style_);
    value_.clear();
    in_cell_ = true;
  }

  void end_cell() {
    in_cell_ = false;
    ++column_;
    if (value_.empty()) return;
    if (column_ > limits_.columns)
      throw row_error("import.too_many_columns", limits_.columns, number_);
    while (row_->count < column_) row_->add();
    Cell& cell = row_->cells[column_ - 1];
    set_value(cell);
    row_bytes_ += cell.text.size() + sizeof(Cell);
    if (row_bytes_ > limits_.row_bytes)
      throw row_error("import.row_too_large", limits_.row_bytes, number_);
  }

  void set_value(Cell& cell) {
    cell.kind = CellKind::Text;
    if (type_ == "s") {
      std::size_t index = strings_.size();
      std::from_chars(value_.data(), value_.data() + value_.size(), index);
      if (index >= strings_.size()) throw broken(part_, "shared string");
      cell.text = strings_.get(index);
      if (cell.text.empty()) cell.kind = CellKind::Empty;
    } else if (type_ == "b") {
      cell.kind = CellKind::Boolean;
      cell.boolean = value_ == "1" || value_ == "true";
      cell.text = cell.boolean ? "TRUE" : "FALSE";
    } else if (type_ == "e") {
      cell.kind = CellKind::Error;
      cell.text = value_;
    } else if (type_ == "str" || type_ == "inlineStr") {
      decode_xlsx_escapes(value_);
      cell.text = value_;
    } else if (type_ == "d") {
      set_iso_date(cell);
    } else if (std::optional<std::string> plain = plain_decimal(value_)) {
      set_number(cell, std::move(*plain), styles_.format(style_), date_1904_);
    } else {
      cell.text = value_;
    }
  }

  // "2026-03-01", "2026-03-01T09:30:00", also with a zone, which a spreadsheet does not have: it is
  // ignored.
  void set_iso_date(Cell& cell) {
    const std::string_view text = value_;
    cell.text = value_;
    const std::optional<base::Date> date = base::parse_date(text.substr(0, 10));
    if (!date) return;
    cell.kind = CellKind::Date;
    cell.has_date = true;
    cell.date = *date;
    if (text.size() < 19 || text[10] != 'T') return;
    const auto instant = base::parse_instant(std::string(text.substr(0, 19)) + "Z");
    if (!instant) return;
    cell.has_time = true;
    cell.milliseconds = *instant - *date * 86'400'000;
    cell.text = std::string(text.substr(0, 10)) + " " + std::string(text.substr(11, 8));
  }

  std::string part_;
  const SharedStrings& strings_;
  const CellStyles& styles_;
  bool date_1904_;
  TableLimits limits_;
  std::unique_ptr<ZipStream> stream_;
  std::unique_ptr<XmlStream> xml_;
  std::uint64_t idle_from_ = 0;  // where the search for the next row began
  RawRow* row_ = nullptr;
  std::int64_t number_ = 0;
  std::size_t column_ = 0;  // of the next cell
  std::uint64_t row_bytes_ = 0;
  std::size_t style_ = 0;
  std::string type_;
  std::string value_;
  bool in_row_ = false;
  bool in_cell_ = false;
  bool inside_ = false;    // in the text of a value
  bool phonetic_ = false;  // reading aids for East Asian text are no part of it
  bool complete_ = false;
};

class XlsxSource : public RowSource {
 public:
  XlsxSource(std::unique_ptr<ByteSource> bytes, const TableOptions& options)
      : bytes_(std::move(bytes)), options_(options), archive_(open_zip(*bytes_, options.limits)) {
    workbook_ = read_workbook(*archive_);
    strings_.load(*archive_, workbook_.shared_strings_part, options.limits);
    styles_.load(*archive_, workbook_.styles_part);
    options.sheet.empty() ? choose_first() : choose_named();
    if (!options_.fill_merged) return;
    MergesHandler merges;
    const std::unique_ptr<ZipStream> stream = archive_->open(workbook_.sheets[chosen_].part);
    const auto xml = make_xml_stream(
        workbook_.sheets[chosen_].part,
        [&](char* out, std::size_t count) { return stream->read(out, count); }, merges);
    while (xml->run()) {
    }
    merged_ = MergedCells(std::move(merges.areas));
  }

  bool next(RawRow& row) override {
    if (has_first_) {
      has_first_ = false;
      std::swap(row, first_);
    } else if (!rows_->next(row)) {
      return false;
    }
    if (options_.fill_merged) merged_.fill(row);
    return true;
  }

  void describe(TableInfo& info) const override {
    info.format = TableFormat::Xlsx;
    info.sheets.clear();
    for (const WorkbookSheet& sheet : workbook_.sheets)
      info.sheets.push_back({sheet.name, sheet.hidden});
    info.sheet = workbook_.sheets[chosen_].name;
  }

  int percent_read() const override { return rows_->percent_read(); }

 private:
  void open_sheet(std::size_t index) {
    chosen_ = index;
    rows_ = std::make_unique<SheetRows>(*archive_, workbook_.sheets[index], strings_, styles_,
                                        workbook_.date_1904, options_.limits);
  }

  void choose_first() {
    for (std::size_t i = 0; i < workbook_.sheets.size(); ++i) {
      if (workbook_.sheets[i].hidden) continue;
      open_sheet(i);
      has_first_ = rows_->next(first_);
      if (has_first_) return;
    }
    throw base::Error(base::ErrorKind::Invalid, "import.empty_file");
  }

  void choose_named() {
    for (std::size_t i = 0; i < workbook_.sheets.size(); ++i) {
      if (workbook_.sheets[i].name == options_.sheet) return open_sheet(i);
    }
    throw base::Error(base::ErrorKind::Invalid, "import.sheet_unknown",
                      {{"sheet", options_.sheet}});
  }

  std::unique_ptr<ByteSource> bytes_;
  TableOptions options_;
  std::unique_ptr<ZipArchive> archive_;
  Workbook workbook_;
  SharedStrings strings_;
  CellStyles styles_;
  std::size_t chosen_ = 0;
  std::unique_ptr<SheetRows> rows_;
  RawRow first_;  // read to see that the sheet is not empty
  bool has_first_ = false;
  MergedCells merged_;
};

}  // namespace

std::unique_ptr<RowSource> make_xlsx_source(std::unique_ptr<ByteSource> bytes,
                                            const TableOptions& options) {
  return std::make_unique<XlsxSource>(std::move(bytes), options);
}

}  // namespace kehai::platform
