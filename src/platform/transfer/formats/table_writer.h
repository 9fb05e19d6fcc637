// Writing tables that people open in a spreadsheet program: CSV and XLSX behind one interface.
//
// Rows are streamed: memory does not grow with their number. A writer is used by one thread.
// Text always stays text: in XLSX by its type, in CSV by the guard of formula_guard.h.
// Errors: base::Error Unavailable "export.not_written" {reason} when the file cannot be written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace kehai::platform {

enum class ColumnKind { Text, Integer, Decimal, Money, Date, DateTime, Boolean };

struct TableColumn {
  std::string title = {};
  ColumnKind kind = ColumnKind::Text;
  int scale = 2;              // Decimal and Money: digits behind the point
  std::string currency = {};  // Money: a sign such as "¥" that XLSX shows before the amount, or ""
  int width = 0;              // XLSX: characters; 0 = by kind and title
};

// One value to write. Texts are borrowed: they must live until add_row() returns.
class OutCell {
 public:
  OutCell() = default;  // empty
  static OutCell text(std::string_view value);
  static OutCell integer(std::int64_t value);
  // value / 10^scale, scale 0–18: 12345 with scale 2 is 123.45.
  static OutCell decimal(std::int64_t value, int scale);
  static OutCell date(base::Date date);
  // Wall-clock time: the day and the milliseconds since its midnight, in the reader's time zone.
  static OutCell date_time(base::Date date, std::int64_t milliseconds);
  static OutCell boolean(bool value);

  enum class Kind { Empty, Text, Integer, Decimal, Date, DateTime, Boolean };
  Kind kind() const { return kind_; }
  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }  // integer, scaled decimal, days, 0 or 1
  int scale() const { return scale_; }
  std::int64_t milliseconds() const { return milliseconds_; }
  // As CSV writes it: "123.45", "2026-03-01", "2026-03-01 09:30:00", "true". Not for texts.
  std::string plain() const;

 private:
  Kind kind_ = Kind::Empty;
  int scale_ = 0;
  std::string_view text_;
  std::int64_t number_ = 0;
  std::int64_t milliseconds_ = 0;
};

class TableWriter {
 public:
  virtual ~TableWriter() = default;
  // At most one cell per column; missing ones are empty.
  virtual void add_row(std::span<const OutCell> cells) = 0;
  // Completes the file; without it nothing usable is left behind. Call it once.
  virtual void finish() = 0;
  virtual std::int64_t rows() const = 0;
  // Texts cut at what the format can hold (XLSX: 32,767 UTF-16 units per cell).
  virtual std::int64_t cut_texts() const { return 0; }
};

// Receives the bytes of a CSV as they come.
using ByteSink = std::function<void(std::string_view)>;

// UTF-8 with byte order mark, CRLF, RFC 4180 quoting, formula guard.
std::unique_ptr<TableWriter> make_csv_writer(ByteSink sink, std::vector<TableColumn> columns);
std::unique_ptr<TableWriter> make_csv_writer(const std::filesystem::path& path,
                                             std::vector<TableColumn> columns);

struct XlsxOptions {
  std::string sheet_name = "Sheet1";  // what Excel forbids in a name is replaced
  // Where rows wait until the file is finished; "" = the system's folder for temporary files.
  std::filesystem::path temporary_folder = {};
};
// Header bold, frozen and with a filter; after 1,048,575 rows a further sheet begins.
std::unique_ptr<TableWriter> make_xlsx_writer(const std::filesystem::path& path,
                                              std::vector<TableColumn> columns,
                                              const XlsxOptions& options = {});

}  // namespace kehai::platform
