// Reading the tables that people hand in: CSV, TSV and friends, XLSX and old XLS, recognised by
// their bytes and never by their name.
//
// One reader is one pass over one sheet, row by row; memory stays bounded whatever the file claims
// (see TableLimits). A reader is used by one thread at a time. Nothing here touches the network or
// writes a file.
//
// Errors (base::Error, Invalid unless noted; the text for the person is looked up by code):
//   import.empty_file            no bytes, or no sheet with a cell
//   import.file_unreadable       the path cannot be opened or read {reason}
//   import.file_broken           the container or its XML is damaged {part, reason}
//   import.file_encrypted        a password protects the workbook
//   import.file_too_large        TooLarge: a limit of TableLimits is exceeded {limit, bytes, what}
//   import.dtd_refused           the XML holds a DOCTYPE {part}
//   import.binary_file           a picture, a program, an archive … {format}
//   import.html_table            a web page saved under the name .xls
//   import.format_not_supported  a table in another format {format}: xlsb, ods, spreadsheetml, …
//   import.not_a_table           a document of another kind {format}: docx, rtf, …
//   import.encoding_unknown      Options.encoding names nothing that we know {encoding}
//   import.sheet_unknown         Options.sheet is not in the workbook {sheet}
//   import.header_row_unknown    Options.header_row is below the last row {row}
//   import.too_many_columns      {limit, row}
//   import.cell_too_long         {limit, row}: more bytes than one cell may have
//   import.row_too_large         {limit, row}
//   import.quote_not_closed      a quote is opened and never closed {row, line}
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace kehai::platform {

enum class TableFormat { Delimited, Xlsx, Xls };
std::string_view table_format_name(TableFormat format);  // "delimited", "xlsx", "xls"

enum class CellKind { Empty, Text, Number, Date, Boolean, Error };

struct Cell {
  CellKind kind = CellKind::Empty;
  // What a person sees, UTF-8, except that numbers are never shortened ("13800000000",
  // not 1.38E+10) and dates are ISO ("2026-03-01", "2026-03-01 09:30:00"). Booleans are TRUE and
  // FALSE, errors "#N/A".
  std::string text;
  // Number and Date of a spreadsheet: the stored number as plain decimal text, at most 15
  // significant digits. Empty for everything that comes out of a text file: there every cell is
  // Text.
  std::string number;
  bool has_date = false;
  bool has_time = false;
  bool boolean = false;
  base::Date date = 0;  // days since 1970-01-01, when has_date
  std::int64_t milliseconds =
      0;  // since that day's midnight, when has_time; wall-clock time without a zone

  void clear();
};

struct TableLimits {
  std::uint64_t file_bytes = 256ull << 20;
  std::uint64_t unpacked_bytes = 1ull << 30;  // all parts of one XLSX together, as declared
  std::uint64_t compression_ratio = 150;      // of a part that unpacks to more than 8 MiB
  std::uint32_t archive_entries = 4096;
  std::uint64_t shared_string_bytes = 48ull << 20;
  std::uint32_t columns = 16384;
  std::uint64_t cell_bytes = 1u << 20;
  std::uint64_t row_bytes = 8u << 20;
};

struct TableOptions {
  std::string encoding;  // "" = detect; else "UTF-8", "GBK", "Big5", … or any name that ICU knows
  std::string delimiter;  // "" = detect; else one ASCII character, or "none" for one column
  char quote = '"';
  char escape = '\0';  // for example '\\'; the doubled quote always works
  // Row number of the header; 0 = the table has none; -1 = detect.
  std::int64_t header_row = -1;
  std::string sheet;  // "" = the first visible sheet that is not empty; else its exact name
  bool trim = true;   // blanks, tabs and full-width spaces around a cell
  // The file is our own export: guard apostrophes are taken off and cells are kept exactly as
  // written (no trim).
  bool own_export = false;
  // Text files: an apostrophe before what would be a formula is taken for a guard and left out.
  bool unguard = false;
  // Repeat the value of a merged area in all its cells; a row without a value of its own stays
  // blank.
  bool fill_merged = false;
  bool keep_blank_rows = false;
  bool keep_summary_rows = false;  // "合计", "共 12 笔" and lines of dashes after the data
  TableLimits limits;
};

struct SheetInfo {
  std::string name;
  bool hidden = false;
};

struct TableRow {
  std::int64_t number = 0;  // as the spreadsheet program shows it, from 1
  std::vector<Cell> cells;
};

// What was found; every finding can be overridden by an option of the same name.
struct TableInfo {
  TableFormat format = TableFormat::Delimited;
  std::string encoding;   // text files: canonical name ("UTF-8", "GB18030", …)
  std::string delimiter;  // text files: one character, or "none"
  std::vector<SheetInfo> sheets;
  std::string sheet;                 // the one that is read
  std::int64_t header_row = 0;       // 0 = none
  std::vector<std::string> columns;  // names as written, "" where the header is blank
  std::vector<std::string>
      preamble;  // the text above the header, one line per row, cells joined by blanks
  // Bytes that are no text in the chosen encoding, seen by the detection or so far; each became
  // U+FFFD.
  std::uint64_t damaged_bytes = 0;
};

struct TablePreview {
  TableInfo info;
  std::vector<TableRow> rows;  // the first data rows
  bool complete = false;       // the table has no further rows
};

// A row that next_row() passed over on purpose, so that an import can account for every row of the
// file.
struct SkippedRow {
  std::int64_t number = 0;
  std::string text;  // cells joined by blanks, at most 200 bytes
};

class TableReader {
 public:
  virtual ~TableReader() = default;
  virtual const TableInfo& info() const = 0;
  // Up to `rows` (at most 200) data rows, without consuming them. Call it before the first
  // next_row().
  virtual TablePreview preview(std::size_t rows) = 0;
  // The next data row; false at the end. `cells` has at least one cell per column and more when the
  // row is longer than the header. Its storage is reused: pass the same vector again.
  virtual bool next_row(std::vector<Cell>& cells) = 0;
  // Of the row that next_row() gave last: as the spreadsheet program counts, and (text files) the
  // physical line on which it starts, else the same number.
  virtual std::int64_t row_number() const = 0;
  virtual std::int64_t line_number() const = 0;
  // Summary rows passed over so far (the first 100).
  virtual const std::vector<SkippedRow>& skipped() const = 0;
  // Share of the file that was read, 0–100, for a progress bar.
  virtual int percent_read() const = 0;
};

std::unique_ptr<TableReader> open_table(const std::filesystem::path& path,
                                        const TableOptions& options = {});
// The bytes are owned by the reader.
std::unique_ptr<TableReader> open_table_bytes(std::string bytes, const TableOptions& options = {});

}  // namespace kehai::platform
