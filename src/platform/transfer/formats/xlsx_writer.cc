#include <xlsxwriter.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/error.h"
#include "platform/transfer/formats/table_writer.h"
#include "platform/transfer/formats/xlsx_text.h"

namespace kehai::platform {

namespace {

constexpr std::uint32_t kLastRow = 1'048'575;  // from 0
constexpr std::size_t kMostColumns = 16'384;
// A double holds 15 decimal digits exactly; longer numbers are written as text.
constexpr std::uint64_t kExactDigits = 999'999'999'999'999;
constexpr base::Date kFirstDate =
    -25'508;  // 1900-03-01: before it the calendar of spreadsheets is wrong
constexpr base::Date kLastDate = 2'932'896;  // 9999-12-31
constexpr base::Date kSerialZero = -25'569;

struct WorkbookFree {
  void operator()(lxw_workbook* workbook) const { lxw_workbook_free(workbook); }
};

std::string number_code(const TableColumn& column) {
  const std::string places =
      column.scale > 0 ? "." + std::string(static_cast<std::size_t>(column.scale), '0') : "";
  switch (column.kind) {
    case ColumnKind::Integer:
      return "0";
    case ColumnKind::Decimal:
      return "0" + places;
    case ColumnKind::Money:
      return (column.currency.empty() ? "" : "\"" + column.currency + "\"") + "#,##0" + places;
    case ColumnKind::Date:
      return "yyyy-mm-dd";
    case ColumnKind::DateTime:
      return "yyyy-mm-dd hh:mm:ss";
    case ColumnKind::Text:
      return "@";
    case ColumnKind::Boolean:
      return "General";
  }
  return "General";
}

// Columns of a text: a Chinese character is as wide as two letters.
int shown_width(std::string_view text) {
  int width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) width += byte >= 0xE3 ? 2 : 1;
  }
  return width;
}

int column_width(const TableColumn& column) {
  if (column.width > 0) return std::min(column.width, 255);
  int width = 12;
  if (column.kind == ColumnKind::Text) width = 18;
  if (column.kind == ColumnKind::Money) width = 15;
  if (column.kind == ColumnKind::DateTime) width = 20;
  return std::clamp(shown_width(column.title) + 4, width, 60);
}

std::string sheet_title(std::string name, int number) {
  for (char& c : name) {
    if (std::string_view("[]:*?/\\").find(c) != std::string_view::npos ||
        static_cast<unsigned char>(c) < 0x20)
      c = ' ';
  }
  while (!name.empty() && (name.back() == '\'' || name.back() == ' ')) name.pop_back();
  while (!name.empty() && (name.front() == '\'' || name.front() == ' ')) name.erase(0, 1);
  const std::string suffix = number == 1 ? "" : " " + std::to_string(number);
  cut_utf16(name, 31 - suffix.size());
  return (name.empty() ? "Sheet" : name) + suffix;
}

class XlsxWriter : public TableWriter {
 public:
  XlsxWriter(const std::filesystem::path& path, std::vector<TableColumn> columns,
             const XlsxOptions& options)
      : columns_(std::move(columns)),
        options_(options),
        temporary_(options.temporary_folder.string()) {
    if (columns_.size() > kMostColumns) {
      throw base::Error(base::ErrorKind::Invalid, "export.too_many_columns",
                        {{"limit", std::to_string(kMostColumns)}});
    }
    lxw_workbook_options settings{};
    settings.constant_memory = LXW_TRUE;
    settings.use_zip64 = LXW_TRUE;
    settings.tmpdir = temporary_.empty() ? nullptr : temporary_.data();
    workbook_.reset(workbook_new_opt(path.c_str(), &settings));
    if (!workbook_) throw not_written("workbook");
    header_format_ = workbook_add_format(workbook_.get());
    format_set_bold(header_format_);
    text_format_ = add_format("@");
    for (const TableColumn& column : columns_) formats_.push_back(add_format(number_code(column)));
    begin_sheet();
  }

  void add_row(std::span<const OutCell> cells) override {
    if (row_ > kLastRow) begin_sheet();
    const std::size_t count = std::min(cells.size(), columns_.size());
    for (std::size_t i = 0; i < count; ++i) write(static_cast<lxw_col_t>(i), cells[i]);
    ++row_;
    ++rows_;
  }

  void finish() override {
    end_sheet();
    const lxw_error error = workbook_close(workbook_.release());
    if (error != LXW_NO_ERROR) throw not_written(lxw_strerror(error));
  }
  std::int64_t rows() const override { return rows_; }
  std::int64_t cut_texts() const override { return cut_; }

 private:
  static base::Error not_written(const char* reason) {
    return base::Error(base::ErrorKind::Unavailable, "export.not_written", {{"reason", reason}});
  }

  lxw_format* add_format(const std::string& code) {
    lxw_format* format = workbook_add_format(workbook_.get());
    format_set_num_format(format, code.c_str());
    return format;
  }

  void begin_sheet() {
    if (sheet_ != nullptr) end_sheet();
    const std::string title = sheet_title(options_.sheet_name, ++sheets_);
    sheet_ = workbook_add_worksheet(workbook_.get(), title.c_str());
    if (sheet_ == nullptr) throw not_written("worksheet");
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto column = static_cast<lxw_col_t>(i);
      worksheet_set_column(sheet_, column, column, column_width(columns_[i]), formats_[i]);
    }
    worksheet_freeze_panes(sheet_, 1, 0);
    row_ = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      write_text(static_cast<lxw_col_t>(i), columns_[i].title, header_format_);
    }
    row_ = 1;
  }

  void end_sheet() {
    if (columns_.empty()) return;
    worksheet_autofilter(sheet_, 0, 0, std::max<std::uint32_t>(row_, 2) - 1,
                         static_cast<lxw_col_t>(columns_.size() - 1));
  }

  void write(lxw_col_t column, const OutCell& cell) {
    switch (cell.kind()) {
      case OutCell::Kind::Empty:
        return;
      case OutCell::Kind::Text:
        return write_text(column, cell.text(), text_format_);
      case OutCell::Kind::Boolean:
        check(worksheet_write_boolean(sheet_, row_, column, static_cast<int>(cell.number()),
                                      nullptr));
        return;
      case OutCell::Kind::Integer:
      case OutCell::Kind::Decimal:
        return write_number(column, cell);
      case OutCell::Kind::Date:
      case OutCell::Kind::DateTime:
        return write_date(column, cell);
    }
  }

  void write_text(lxw_col_t column, std::string_view text, lxw_format* format) {
    if (text.empty()) return;
    std::string escaped(text);
    if (cut_utf16(escaped, 32'767)) ++cut_;
    escaped = escape_xlsx_text(escaped);
    check(worksheet_write_string(sheet_, row_, column, escaped.c_str(), format));
  }

  void write_number(lxw_col_t column, const OutCell& cell) {
    const std::uint64_t size = cell.number() < 0 ? 0 - static_cast<std::uint64_t>(cell.number())
                                                 : static_cast<std::uint64_t>(cell.number());
    const std::string plain = cell.plain();
    if (size > kExactDigits) return write_text(column, plain, text_format_);
    // The file format stores binary floating point: this is the nearest one to the exact amount.
    check(worksheet_write_number(sheet_, row_, column, std::strtod(plain.c_str(), nullptr),
                                 formats_[column]));
  }

  void write_date(lxw_col_t column, const OutCell& cell) {
    if (cell.number() < kFirstDate || cell.number() > kLastDate)
      return write_text(column, cell.plain(), text_format_);
    const double serial = static_cast<double>(cell.number() - kSerialZero) +
                          static_cast<double>(cell.milliseconds()) / 86'400'000.0;
    check(worksheet_write_number(sheet_, row_, column, serial, formats_[column]));
  }

  static void check(lxw_error error) {
    if (error != LXW_NO_ERROR) throw not_written(lxw_strerror(error));
  }

  std::vector<TableColumn> columns_;
  XlsxOptions options_;
  std::string temporary_;
  std::unique_ptr<lxw_workbook, WorkbookFree> workbook_;
  lxw_format* header_format_ = nullptr;
  lxw_format* text_format_ = nullptr;
  std::vector<lxw_format*> formats_;
  lxw_worksheet* sheet_ = nullptr;
  lxw_row_t row_ = 0;
  int sheets_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t cut_ = 0;
};

}  // namespace

std::unique_ptr<TableWriter> make_xlsx_writer(const std::filesystem::path& path,
                                              std::vector<TableColumn> columns,
                                              const XlsxOptions& options) {
  return std::make_unique<XlsxWriter>(path, std::move(columns), options);
}

}  // namespace kehai::platform
