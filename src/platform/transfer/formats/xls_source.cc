#include "platform/transfer/formats/xls_source.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "platform/transfer/formats/biff_stream.h"
#include "platform/transfer/formats/compound_file.h"
#include "platform/transfer/formats/merged_cells.h"
#include "platform/transfer/formats/number_format.h"

namespace kehai::platform {

namespace {

enum Record : std::uint16_t {
  kFormula = 0x0006,
  kEnd = 0x000A,
  kDateMode = 0x0022,
  kFilePass = 0x002F,
  kCodePage = 0x0042,
  kBoundSheet = 0x0085,
  kMulRk = 0x00BD,
  kRichString = 0x00D6,
  kStyle = 0x00E0,
  kMergedCells = 0x00E5,
  kSharedStrings = 0x00FC,
  kLabelShared = 0x00FD,
  kNumber = 0x0203,
  kLabel = 0x0204,
  kBoolError = 0x0205,
  kString = 0x0207,
  kRk = 0x027E,
  kFormat = 0x041E,
  kBegin = 0x0809,
};

constexpr std::size_t kMostSheets = 1024;
constexpr std::size_t kMostStyles = 65'536;
constexpr std::size_t kMostMerges = 100'000;
constexpr std::size_t kMostUnsorted = 4'000'000;
constexpr std::uint32_t kBiff8 = 0x0600;
constexpr std::uint32_t kBiff5 = 0x0500;

[[noreturn]] void refuse(const char* code, const char* format) {
  throw base::Error(base::ErrorKind::Invalid, code, {{"format", format}});
}

std::string encoding_of_code_page(std::uint32_t page) {
  switch (page) {
    case 936:
      return "GB18030";
    case 950:
      return "Big5";
    case 932:
      return "Shift_JIS";
    case 949:
      return "windows-949";
    case 1200:
      return "UTF-16LE";
    case 10000:
      return "macintosh";
    case 367:
      return "US-ASCII";
    default:
      return page >= 1250 && page <= 1258 ? "windows-" + std::to_string(page) : "windows-1252";
  }
}

// The shortest decimal text of a stored binary number, as spreadsheet programs show it.
std::string plain_number(double value) {
  if (!std::isfinite(value)) return "0";
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return plain_decimal(std::string_view(digits, static_cast<std::size_t>(end - digits)))
      .value_or("0");
}

// Four bytes that hold a number: an integer or the upper half of a binary one, maybe in hundredths.
std::string plain_rk(std::uint32_t packed) {
  if ((packed & 2) == 0) {
    const double value = std::bit_cast<double>(static_cast<std::uint64_t>(packed & ~3u) << 32);
    return plain_number(packed & 1 ? value / 100 : value);
  }
  const std::int64_t integer = static_cast<std::int32_t>(packed) >> 2;
  std::string text = std::to_string(integer);
  if (packed & 1) text += "E-2";
  return plain_decimal(text).value_or("0");
}

const char* error_text(std::uint32_t code) {
  switch (code) {
    case 0x00:
      return "#NULL!";
    case 0x07:
      return "#DIV/0!";
    case 0x0F:
      return "#VALUE!";
    case 0x17:
      return "#REF!";
    case 0x1D:
      return "#NAME?";
    case 0x24:
      return "#NUM!";
    default:
      return "#N/A";
  }
}

bool is_cell(std::uint16_t type) {
  return type == kFormula || type == kMulRk || type == kRichString || type == kLabelShared ||
         type == kNumber || type == kLabel || type == kBoolError || type == kRk;
}

struct Sheet {
  std::string name;
  std::uint64_t offset = 0;
  bool hidden = false;
};

class XlsSource : public RowSource {
 public:
  // `file` holds the bytes of `stream`, the workbook's records, and may be null.
  XlsSource(std::unique_ptr<ByteSource> file, std::unique_ptr<ByteSource> stream,
            const TableOptions& options)
      : file_(std::move(file)),
        stream_(std::move(stream)),
        options_(options),
        biff_(std::make_unique<BiffStream>(*stream_)) {
    read_globals();
    options.sheet.empty() ? choose_first() : choose_named();
  }

  bool next(RawRow& row) override {
    row.count = 0;
    while (take_cell()) {
      if (record_.u16(0) != row_) {
        if (row.count > 0) {
          pushed_back_ = true;
          break;
        }
        row_ = record_.u16(0);
      }
      row_bytes_ = 0;
      add_cells(row);
    }
    if (row.count == 0) return false;
    row.number = row.line = static_cast<std::int64_t>(row_) + 1;
    row_ = kNoRow;
    if (options_.fill_merged) merged_.fill(row);
    return true;
  }

  void describe(TableInfo& info) const override {
    info.format = TableFormat::Xls;
    info.sheets.clear();
    for (const Sheet& sheet : sheets_) info.sheets.push_back({sheet.name, sheet.hidden});
    info.sheet = sheets_[chosen_].name;
  }

  int percent_read() const override {
    return static_cast<int>(std::min<std::uint64_t>(
        100, biff_->position() * 100 / std::max<std::uint64_t>(biff_->size(), 1)));
  }

 private:
  static constexpr std::uint32_t kNoRow = 0xFFFFFFFF;

  void read_globals() {
    if (!biff_->next(record_) || record_.type != kBegin) throw broken("workbook", "no beginning");
    version_ = record_.u16(0);
    if (version_ != kBiff8 && version_ != kBiff5) refuse("import.format_not_supported", "xls4");
    if (version_ == kBiff5) narrow_ = make_string_decoder("windows-1252");
    while (biff_->next(record_) && record_.type != kEnd) {
      switch (record_.type) {
        case kFilePass:
          throw base::Error(base::ErrorKind::Invalid, "import.file_encrypted");
        case kDateMode:
          date_1904_ = record_.u16(0) == 1;
          break;
        case kCodePage:
          if (narrow_) narrow_ = make_string_decoder(encoding_of_code_page(record_.u16(0)));
          break;
        case kBoundSheet:
          add_sheet();
          break;
        case kFormat:
          add_format();
          break;
        case kStyle:
          if (styles_.size() < kMostStyles)
            styles_.push_back(static_cast<std::uint16_t>(record_.u16(2)));
          break;
        case kSharedStrings:
          read_shared_strings();
          break;
        default:
          break;
      }
    }
    if (sheets_.empty()) throw broken("workbook", "no sheet");
    for (const std::uint16_t id : styles_) formats_.try_emplace(id, builtin_number_format(id));
  }

  void add_sheet() {
    // Charts, macros and dialogs are sheets as well.
    if (record_.u8(5) != 0 || sheets_.size() >= kMostSheets) return;
    Sheet sheet;
    sheet.offset = record_.u32(0);
    sheet.hidden = (record_.u8(4) & 3) != 0;
    const std::size_t length = record_.u8(6);
    BiffText(*biff_, record_, 7, narrow_.get())
        .read(sheet.name, length, options_.limits.cell_bytes);
    sheets_.push_back(std::move(sheet));
  }

  void add_format() {
    const auto id = static_cast<std::uint16_t>(record_.u16(0));
    const std::size_t length = narrow_ ? record_.u8(2) : record_.u16(2);
    std::string code;
    BiffText(*biff_, record_, narrow_ ? 3 : 4, narrow_.get())
        .read(code, length, options_.limits.cell_bytes);
    if (formats_.size() < kMostStyles) formats_.insert_or_assign(id, NumberFormat(code));
  }

  void read_shared_strings() {
    const std::uint32_t count = record_.u32(4);
    BiffText text(*biff_, record_, 8, nullptr);
    for (std::uint32_t i = 0; i < count && !text.at_end(); ++i) {
      const std::size_t length = text.u16();
      text.read(strings_, length, options_.limits.cell_bytes);
      string_ends_.push_back(static_cast<std::uint32_t>(strings_.size()));
      const std::uint64_t used = strings_.size() + string_ends_.size() * sizeof(std::uint32_t);
      if (used > options_.limits.shared_string_bytes) {
        throw too_large("shared_strings", options_.limits.shared_string_bytes, used);
      }
    }
  }

  // --- sheets
  // -------------------------------------------------------------------------------------------------

  void choose_first() {
    for (std::size_t i = 0; i < sheets_.size(); ++i) {
      if (!sheets_[i].hidden && open_sheet(i)) return;
    }
    throw base::Error(base::ErrorKind::Invalid, "import.empty_file");
  }

  void choose_named() {
    for (std::size_t i = 0; i < sheets_.size(); ++i) {
      if (sheets_[i].name != options_.sheet) continue;
      open_sheet(i);
      return;
    }
    throw base::Error(base::ErrorKind::Invalid, "import.sheet_unknown",
                      {{"sheet", options_.sheet}});
  }

  // Looks through the sheet once: is there a cell, are the rows in order, what is merged.
  bool open_sheet(std::size_t index) {
    chosen_ = index;
    bool any = false, sorted = true;
    std::uint32_t last = 0;
    std::vector<MergedArea> areas;
    unsorted_.clear();
    seek_sheet();
    while (next_in_sheet()) {
      if (record_.type == kMergedCells && options_.fill_merged) add_merges(areas);
      if (!is_cell(record_.type)) continue;
      const std::uint32_t row = record_.u16(0);
      if (any && row < last) sorted = false;
      last = row;
      any = true;
    }
    merged_ = MergedCells(std::move(areas));
    if (!sorted) sort_cells();
    seek_sheet();
    return any;
  }

  void seek_sheet() {
    biff_->seek(sheets_[chosen_].offset);
    depth_ = 0;
    next_unsorted_ = 0;
    if (!biff_->next(record_) || record_.type != kBegin) throw broken("workbook", "sheet position");
  }

  // The next record of this sheet; charts inside it are skipped, and nothing behind its end is
  // read.
  bool next_in_sheet() {
    while (depth_ >= 0 && biff_->next(record_)) {
      if (record_.type == kBegin) {
        ++depth_;
      } else if (record_.type == kEnd) {
        --depth_;
      } else if (depth_ == 0) {
        return true;
      }
    }
    return false;
  }

  // Some programs write cells in the order in which they were made.
  void sort_cells() {
    seek_sheet();
    while (next_in_sheet()) {
      if (!is_cell(record_.type)) continue;
      if (unsorted_.size() >= kMostUnsorted) throw broken("workbook", "order of rows");
      unsorted_.push_back({record_.u16(0), record_.offset});
    }
    std::sort(unsorted_.begin(), unsorted_.end());
  }

  void add_merges(std::vector<MergedArea>& areas) {
    const std::size_t count = record_.u16(0);
    for (std::size_t i = 0;
         i < count && areas.size() < kMostMerges && 2 + i * 8 + 8 <= record_.data.size(); ++i) {
      const std::size_t at = 2 + i * 8;
      areas.push_back(
          {record_.u16(at) + 1, record_.u16(at + 2) + 1, record_.u16(at + 4), record_.u16(at + 6)});
    }
  }

  // The next cell record, in the order of rows.
  bool take_cell() {
    if (pushed_back_) {
      pushed_back_ = false;
      return true;
    }
    if (!unsorted_.empty()) {
      if (next_unsorted_ == unsorted_.size()) return false;
      biff_->seek(unsorted_[next_unsorted_++].second);
      return biff_->next(record_);
    }
    while (next_in_sheet()) {
      if (is_cell(record_.type)) return true;
    }
    return false;
  }

  // --- cells
  // --------------------------------------------------------------------------------------------------

  Cell* cell_at(RawRow& row, std::uint32_t column) {
    if (column >= options_.limits.columns || column > 255) return nullptr;
    while (row.count <= column) row.add();
    row.cells[column].clear();
    return &row.cells[column];
  }

  void add_cells(RawRow& row) {
    if (record_.type == kMulRk) {
      const std::uint32_t first = record_.u16(2);
      for (std::size_t at = 4; at + 8 <= record_.data.size(); at += 6) {
        Cell* cell = cell_at(row, first + static_cast<std::uint32_t>((at - 4) / 6));
        if (cell != nullptr) set_numeric(*cell, plain_rk(record_.u32(at + 2)), record_.u16(at));
      }
      return;
    }
    Cell* cell = cell_at(row, record_.u16(2));
    if (cell == nullptr) return;
    const std::uint32_t style = record_.u16(4);
    switch (record_.type) {
      case kRk:
        return set_numeric(*cell, plain_rk(record_.u32(6)), style);
      case kNumber:
        return set_numeric(*cell, plain_number(std::bit_cast<double>(record_.u64(6))), style);
      case kLabelShared:
        return set_text(*cell, shared_string(record_.u32(6)));
      case kBoolError:
        return set_bool_or_error(*cell, record_.u8(6), record_.u8(7) != 0);
      case kFormula:
        return set_formula(*cell, style);
      default:
        break;
    }
    std::string text;
    const std::size_t length = record_.u16(6);
    BiffText(*biff_, record_, 8, narrow_.get()).read(text, length, options_.limits.cell_bytes);
    set_text(*cell, text);
  }

  void set_numeric(Cell& cell, std::string plain, std::uint32_t style) {
    const auto format = style < styles_.size() ? formats_.find(styles_[style]) : formats_.end();
    set_number(cell, std::move(plain), format == formats_.end() ? general_ : format->second,
               date_1904_);
  }

  void set_text(Cell& cell, std::string_view text) {
    row_bytes_ += text.size();
    if (row_bytes_ > options_.limits.row_bytes) {
      throw row_error("import.row_too_large", options_.limits.row_bytes,
                      static_cast<std::int64_t>(row_) + 1);
    }
    cell.kind = text.empty() ? CellKind::Empty : CellKind::Text;
    cell.text = text;
  }

  static void set_bool_or_error(Cell& cell, std::uint32_t value, bool error) {
    cell.kind = error ? CellKind::Error : CellKind::Boolean;
    cell.boolean = !error && value != 0;
    cell.text = error ? error_text(value) : cell.boolean ? "TRUE" : "FALSE";
  }

  // The value that was stored with the formula; it is never computed anew.
  void set_formula(Cell& cell, std::uint32_t style) {
    if (record_.u16(12) != 0xFFFF) {
      return set_numeric(cell, plain_number(std::bit_cast<double>(record_.u64(6))), style);
    }
    const std::uint32_t kind = record_.u8(6), value = record_.u8(8);
    if (kind == 1 || kind == 2) return set_bool_or_error(cell, value, kind == 2);
    if (kind != 0) return;
    // The text follows, maybe behind the record of a shared formula.
    for (int i = 0; i < 3 && !is_cell(biff_->peek_type()) && biff_->peek_type() != kEnd; ++i) {
      if (!biff_->next(record_)) return;
      if (record_.type != kString) continue;
      std::string text;
      const std::size_t length = record_.u16(0);
      BiffText(*biff_, record_, 2, narrow_.get()).read(text, length, options_.limits.cell_bytes);
      return set_text(cell, text);
    }
  }

  std::string_view shared_string(std::uint32_t index) const {
    if (index >= string_ends_.size()) throw broken("workbook", "shared string");
    const std::size_t from = index == 0 ? 0 : string_ends_[index - 1];
    return std::string_view(strings_).substr(from, string_ends_[index] - from);
  }

  std::unique_ptr<ByteSource> file_;
  std::unique_ptr<ByteSource> stream_;
  TableOptions options_;
  std::unique_ptr<BiffStream> biff_;
  BiffRecord record_;
  std::uint32_t version_ = kBiff8;
  bool date_1904_ = false;
  std::unique_ptr<StringDecoder> narrow_;  // BIFF5: texts are bytes of the code page
  std::vector<Sheet> sheets_;
  std::string strings_;
  std::vector<std::uint32_t> string_ends_;
  std::map<std::uint16_t, NumberFormat> formats_;  // by format id
  std::vector<std::uint16_t> styles_;              // style → format id
  NumberFormat general_;
  std::size_t chosen_ = 0;
  int depth_ = 0;  // of charts inside the sheet, below zero behind its end
  MergedCells merged_;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> unsorted_;  // row, offset of the record
  std::size_t next_unsorted_ = 0;
  std::uint32_t row_ = kNoRow;
  std::uint64_t row_bytes_ = 0;
  bool pushed_back_ = false;
};

}  // namespace

std::unique_ptr<RowSource> make_xls_source(std::unique_ptr<ByteSource> bytes,
                                           const TableOptions& options) {
  CompoundFile file(*bytes);
  if (file.has("EncryptedPackage"))
    throw base::Error(base::ErrorKind::Invalid, "import.file_encrypted");
  const char* name = file.has("Workbook") ? "Workbook" : "Book";
  if (!file.has(name)) {
    if (file.has("WordDocument")) refuse("import.not_a_table", "doc");
    if (file.has("PowerPoint Document")) refuse("import.not_a_table", "ppt");
    if (file.has("__properties_version1.0")) refuse("import.not_a_table", "msg");
    refuse("import.binary_file", "ole");
  }
  std::unique_ptr<ByteSource> stream = file.open(name);
  return std::make_unique<XlsSource>(std::move(bytes), std::move(stream), options);
}

std::unique_ptr<RowSource> make_biff_source(std::unique_ptr<ByteSource> stream,
                                            const TableOptions& options) {
  return std::make_unique<XlsSource>(nullptr, std::move(stream), options);
}

}  // namespace kehai::platform
