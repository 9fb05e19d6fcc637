#include "platform/transfer/formats/table_reader.h"

#include <algorithm>
#include <utility>

#include "platform/transfer/formats/byte_source.h"
#include "platform/transfer/formats/delimited_source.h"
#include "platform/transfer/formats/file_kind.h"
#include "platform/transfer/formats/formula_guard.h"
#include "platform/transfer/formats/header_row.h"
#include "platform/transfer/formats/row_source.h"
#include "platform/transfer/formats/xls_source.h"
#include "platform/transfer/formats/xlsx_source.h"

namespace kehai::platform {

namespace {

// Rows that are read ahead to find the header and to show a preview, and the text that they may
// hold.
constexpr std::size_t kAheadRows = 200;
constexpr std::size_t kAheadBytes = 4u << 20;
constexpr std::size_t kPreambleRows = 60;
// A header that is asked for by its row number may stand below more rows than are read ahead: the
// rows that far above it are dropped.
constexpr std::int64_t kHeaderReach = 60;
constexpr std::size_t kSkippedRows = 100;
constexpr std::size_t kJoinedBytes = 200;

// Length of the blank at the beginning (or end) of `text`, 0 for none: ASCII blanks, no-break,
// ideographic and zero-width space, stray byte order mark.
std::size_t blank_at_start(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')) return 1;
  if (text.substr(0, 2) == "\xC2\xA0") return 2;
  const std::string_view three = text.substr(0, 3);
  return three == "\xE3\x80\x80" || three == "\xE2\x80\x8B" || three == "\xEF\xBB\xBF" ? 3 : 0;
}

std::size_t blank_at_end(std::string_view text) {
  if (text.empty()) return 0;
  for (const std::size_t length : {1, 2, 3}) {
    if (text.size() >= length && blank_at_start(text.substr(text.size() - length)) == length)
      return length;
  }
  return 0;
}

void trim(std::string& text) {
  std::string_view rest = text;
  while (const std::size_t length = blank_at_end(rest)) rest.remove_suffix(length);
  text.resize(rest.size());
  while (const std::size_t length = blank_at_start(rest)) rest.remove_prefix(length);
  text.erase(0, text.size() - rest.size());
}

// ="0012" inside quotes: the other way in which exports protect digits from Excel.
void unwrap_protected_text(std::string& text) {
  if (text.size() < 3 || text.compare(0, 2, "=\"") != 0 || text.back() != '"') return;
  if (text.find('"', 2) != text.size() - 1) return;
  text = text.substr(2, text.size() - 3);
}

std::string header_name(const Cell& cell) {
  std::string name = cell.text;
  std::replace(name.begin(), name.end(), '\r', ' ');
  std::replace(name.begin(), name.end(), '\n', ' ');
  return name;
}

class Reader : public TableReader {
 public:
  Reader(std::unique_ptr<RowSource> source, TableFormat format, const TableOptions& options)
      : source_(std::move(source)), format_(format), options_(options) {
    read_ahead();
    if (ahead_.empty() && options_.header_row > 0) throw_no_header();
    if (ahead_.empty()) throw base::Error(base::ErrorKind::Invalid, "import.empty_file");
    source_->describe(info_);
    choose_header();
  }

  const TableInfo& info() const override {
    source_->describe(info_);
    return info_;
  }

  TablePreview preview(std::size_t rows) override {
    TablePreview preview;
    std::size_t next = ahead_next_;
    for (; next < ahead_.size() && preview.rows.size() < rows; ++next) {
      TableRow row = ahead_[next];
      if (skip_reason(row.cells) != Skip::None) continue;
      pad(row.cells);
      preview.rows.push_back(std::move(row));
    }
    preview.complete = ended_ && next == ahead_.size();
    preview.info = info();
    return preview;
  }

  bool next_row(std::vector<Cell>& cells) override {
    while (take(cells)) {
      const Skip skip = skip_reason(cells);
      if (skip == Skip::Summary && skipped_.size() < kSkippedRows) {
        skipped_.push_back({number_, joined_text(cells, kJoinedBytes)});
      }
      if (skip != Skip::None) continue;
      pad(cells);
      return true;
    }
    return false;
  }

  std::int64_t row_number() const override { return number_; }
  std::int64_t line_number() const override { return line_; }
  const std::vector<SkippedRow>& skipped() const override { return skipped_; }
  int percent_read() const override { return source_->percent_read(); }

 private:
  enum class Skip { None, Blank, Summary };

  Skip skip_reason(const std::vector<Cell>& cells) const {
    if (is_blank_row(cells)) return options_.keep_blank_rows ? Skip::None : Skip::Blank;
    if (options_.keep_summary_rows || options_.own_export) return Skip::None;
    return is_summary_row(cells, info_.columns.size()) ? Skip::Summary : Skip::None;
  }

  void pad(std::vector<Cell>& cells) const {
    if (cells.size() < info_.columns.size()) cells.resize(info_.columns.size());
  }

  void finish(Cell& cell) const {
    if (cell.kind != CellKind::Text) return;
    if (!options_.own_export) {
      if (options_.trim) trim(cell.text);
      unwrap_protected_text(cell.text);
    }
    // In a spreadsheet the type keeps a text from being a formula; there nothing is guarded.
    if ((options_.own_export || options_.unguard) && format_ == TableFormat::Delimited) {
      const std::string_view text = unguard_formula(cell.text);
      cell.text.erase(0, cell.text.size() - text.size());
    }
    if (cell.text.empty()) cell.kind = CellKind::Empty;
  }

  bool read_raw() {
    if (ended_ || !source_->next(raw_)) {
      ended_ = true;
      return false;
    }
    for (std::size_t i = 0; i < raw_.count; ++i) finish(raw_.cells[i]);
    while (raw_.count > 0 && raw_.cells[raw_.count - 1].kind == CellKind::Empty) --raw_.count;
    return true;
  }

  void read_ahead() {
    std::size_t bytes = 0;
    bool content = false;
    // Blank rows at the top cost nothing and do not count.
    while (ahead_.size() < kAheadRows && bytes < kAheadBytes && read_raw()) {
      content = content || raw_.count > 0;
      if (!content || raw_.number + kHeaderReach < options_.header_row) continue;
      TableRow row;
      row.number = raw_.number;
      row.cells.assign(raw_.cells.begin(),
                       raw_.cells.begin() + static_cast<std::ptrdiff_t>(raw_.count));
      for (const Cell& cell : row.cells) bytes += cell.text.size() + sizeof(Cell);
      ahead_.push_back(std::move(row));
      ahead_lines_.push_back(raw_.line);
    }
  }

  void choose_header() {
    int index = -1;
    if (options_.header_row < 0) {
      index = find_header(ahead_);
    } else if (options_.header_row > 0) {
      index =
          static_cast<int>(std::count_if(ahead_.begin(), ahead_.end(), [this](const TableRow& row) {
            return row.number < options_.header_row;
          }));
      if (index == static_cast<int>(ahead_.size())) throw_no_header();
    }
    if (index >= 0) {
      use_header(static_cast<std::size_t>(index));
    } else {
      std::size_t width = 0;
      for (const TableRow& row : ahead_) width = std::max(width, row.cells.size());
      info_.columns.assign(width, std::string());
    }
  }

  [[noreturn]] void throw_no_header() const {
    throw base::Error(base::ErrorKind::Invalid, "import.header_row_unknown",
                      {{"row", std::to_string(options_.header_row)}});
  }

  void use_header(std::size_t index) {
    for (std::size_t i = 0; i < std::min(index, kPreambleRows); ++i) {
      if (!is_blank_row(ahead_[i].cells))
        info_.preamble.push_back(joined_text(ahead_[i].cells, kJoinedBytes));
    }
    info_.header_row = ahead_[index].number;
    for (const Cell& cell : ahead_[index].cells) info_.columns.push_back(header_name(cell));
    ahead_next_ = index + 1;
  }

  // The next row, read ahead or fresh.
  bool take(std::vector<Cell>& cells) {
    if (ahead_next_ < ahead_.size()) {
      number_ = ahead_[ahead_next_].number;
      line_ = ahead_lines_[ahead_next_];
      cells = std::move(ahead_[ahead_next_++].cells);
      if (ahead_next_ == ahead_.size()) std::vector<TableRow>().swap(ahead_), ahead_next_ = 0;
      return true;
    }
    if (!read_raw()) return false;
    number_ = raw_.number;
    line_ = raw_.line;
    // The row keeps its own storage and gets the caller's: no allocation from row to row.
    cells.swap(raw_.cells);
    cells.resize(raw_.count);
    return true;
  }

  std::unique_ptr<RowSource> source_;
  TableFormat format_;
  TableOptions options_;
  mutable TableInfo info_;
  std::vector<TableRow> ahead_;
  std::vector<std::int64_t> ahead_lines_;
  std::size_t ahead_next_ = 0;
  RawRow raw_;
  bool ended_ = false;
  std::int64_t number_ = 0;
  std::int64_t line_ = 0;
  std::vector<SkippedRow> skipped_;
};

std::unique_ptr<TableReader> open_source(std::unique_ptr<ByteSource> bytes,
                                         const TableOptions& options) {
  if (bytes->size() == 0) throw base::Error(base::ErrorKind::Invalid, "import.empty_file");
  if (bytes->size() > options.limits.file_bytes) {
    throw too_large("file", options.limits.file_bytes, bytes->size());
  }
  std::unique_ptr<RowSource> rows;
  const TableFormat format = recognise_table(bytes->head(4096));
  switch (format) {
    case TableFormat::Delimited:
      rows = make_delimited_source(std::move(bytes), options);
      break;
    case TableFormat::Xlsx:
      rows = make_xlsx_source(std::move(bytes), options);
      break;
    case TableFormat::Xls:
      rows = make_xls_source(std::move(bytes), options);
      break;
  }
  return std::make_unique<Reader>(std::move(rows), format, options);
}

}  // namespace

void Cell::clear() {
  kind = CellKind::Empty;
  text.clear();
  number.clear();
  has_date = has_time = boolean = false;
  date = 0;
  milliseconds = 0;
}

std::string_view table_format_name(TableFormat format) {
  switch (format) {
    case TableFormat::Delimited:
      return "delimited";
    case TableFormat::Xlsx:
      return "xlsx";
    case TableFormat::Xls:
      return "xls";
  }
  return "";
}

std::unique_ptr<TableReader> open_table(const std::filesystem::path& path,
                                        const TableOptions& options) {
  return open_source(open_byte_file(path), options);
}

std::unique_ptr<TableReader> open_table_bytes(std::string bytes, const TableOptions& options) {
  return open_source(make_byte_source(std::move(bytes)), options);
}

}  // namespace kehai::platform
