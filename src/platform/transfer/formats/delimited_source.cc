#include "platform/transfer/formats/delimited_source.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "platform/transfer/formats/delimited_guess.h"
#include "platform/transfer/formats/text_encoding.h"

namespace kehai::platform {

namespace {

// Decoded text that the guesses look at.
constexpr std::size_t kSample = 128 * 1024;

char option_delimiter(const std::string& text) {
  if (text == "none") return '\0';
  if (text == "\\t" || text == "tab") return '\t';
  return text.front();
}

std::string delimiter_name(char delimiter) {
  return delimiter == '\0' ? "none" : std::string(1, delimiter);
}

class DelimitedSource : public RowSource {
 public:
  DelimitedSource(std::unique_ptr<ByteSource> bytes, const TableOptions& options)
      : bytes_(std::move(bytes)),
        options_(options),
        quote_(options.quote),
        escape_(options.escape) {
    encoding_ = options.encoding.empty() ? detect_encoding(*bytes_)
                                         : named_encoding(*bytes_, options.encoding);
    decoder_ = make_text_decoder(*bytes_, encoding_);
    while (buffer_.size() < kSample && decoder_->read(buffer_)) {
    }
    const bool whole = buffer_.size() < kSample;
    const DelimiterGuess guess = guess_delimiter(buffer_, quote_, whole);
    position_ = guess.skip_bytes;
    if (guess.skip_bytes > 0) line_ = 2;
    delimiter_ = options.delimiter.empty() ? guess.delimiter : option_delimiter(options.delimiter);
    prepare_stops();
  }

  bool next(RawRow& row) override {
    row.count = 0;
    if (!fill()) return false;
    row.number = ++number_;
    row.line = line_;
    row_bytes_ = 0;
    while (read_cell(row)) {
    }
    return true;
  }

  void describe(TableInfo& info) const override {
    info.format = TableFormat::Delimited;
    info.encoding = encoding_.name;
    info.delimiter = delimiter_name(delimiter_);
    info.damaged_bytes = std::max(encoding_.damaged_bytes, decoder_->damaged_bytes());
  }

  int percent_read() const override {
    const std::uint64_t size = std::max<std::uint64_t>(bytes_->size(), 1);
    return static_cast<int>(std::min<std::uint64_t>(100, decoder_->bytes_read() * 100 / size));
  }

 private:
  void prepare_stops() {
    stops_.fill(false);
    stops_['\r'] = stops_['\n'] = true;
    if (delimiter_ != '\0') stops_[static_cast<unsigned char>(delimiter_)] = true;
  }

  // Makes sure that a byte is at position_; false at the end of the file.
  bool fill() {
    while (position_ >= buffer_.size()) {
      buffer_.clear();
      position_ = 0;
      if (!decoder_->read(buffer_)) return false;
    }
    return true;
  }

  // The byte after position_, or '\0' at the end.
  char peek_next() {
    if (position_ + 1 >= buffer_.size()) {
      buffer_.erase(0, position_);
      position_ = 0;
      while (buffer_.size() < 2 && decoder_->read(buffer_)) {
      }
    }
    return position_ + 1 < buffer_.size() ? buffer_[position_ + 1] : '\0';
  }

  void append(RawRow& row, Cell& cell, const char* text, std::size_t count) {
    row_bytes_ += count;
    if (cell.text.size() + count > options_.limits.cell_bytes) {
      if (quoted_from_ > 0) throw_not_closed(row);
      throw row_error("import.cell_too_long", options_.limits.cell_bytes, row.number);
    }
    if (row_bytes_ > options_.limits.row_bytes) {
      throw row_error("import.row_too_large", options_.limits.row_bytes, row.number);
    }
    cell.text.append(text, count);
  }

  [[noreturn]] void throw_not_closed(const RawRow& row) const {
    throw base::Error(
        base::ErrorKind::Invalid, "import.quote_not_closed",
        {{"row", std::to_string(row.number)}, {"line", std::to_string(quoted_from_)}});
  }

  // Reads one cell and what ends it; true when another cell follows in this row.
  bool read_cell(RawRow& row) {
    if (row.count >= options_.limits.columns) {
      throw row_error("import.too_many_columns", options_.limits.columns, row.number);
    }
    Cell& cell = row.add();
    if (open_quote(row, cell)) {
      read_quoted(row, cell);
      skip_blanks_after_quote(row, cell);
    }
    read_plain(row, cell);
    if (!cell.text.empty()) cell.kind = CellKind::Text;
    return end_cell();
  }

  // Steps over the opening quote, if the cell has one.
  bool open_quote(RawRow& row, Cell& cell) {
    if (quote_ == '\0' || !fill()) return false;
    if (!options_.own_export && !stops_[' ']) {
      while (fill() && buffer_[position_] == ' ') {
        append(row, cell, " ", 1);
        ++position_;
      }
      if (!fill()) return false;
      // ="0012" keeps Excel from reading a number.
      if (buffer_[position_] == '=' && quote_ == '"' && peek_next() == '"') ++position_;
    }
    if (buffer_[position_] != quote_) return false;
    ++position_;
    cell.text.clear();
    return true;
  }

  void read_quoted(RawRow& row, Cell& cell) {
    quoted_from_ = line_;
    for (;;) {
      if (!fill()) {
        // One line may simply lack its last quote; many lines are rows that a stray quote has
        // swallowed.
        if (line_ > quoted_from_ + 1) throw_not_closed(row);
        break;
      }
      const std::size_t from = position_;
      while (position_ < buffer_.size() && buffer_[position_] != quote_ &&
             (escape_ == '\0' || buffer_[position_] != escape_)) {
        if (buffer_[position_] == '\n') ++line_;
        ++position_;
      }
      append(row, cell, buffer_.data() + from, position_ - from);
      if (position_ >= buffer_.size()) continue;
      const char next = peek_next();
      if (buffer_[position_] != quote_ &&
          next != quote_) {  // an escape before anything else is text
        append(row, cell, &buffer_[position_], 1);
        ++position_;
      } else if (next == quote_) {
        append(row, cell, &quote_, 1);
        position_ += 2;
      } else {
        ++position_;
        break;
      }
    }
    quoted_from_ = 0;
  }

  // Blanks between a closing quote and the separator belong to nobody; before other text they
  // count.
  void skip_blanks_after_quote(RawRow& row, Cell& cell) {
    std::string blanks;
    while (fill() && (buffer_[position_] == ' ' || buffer_[position_] == '\t') &&
           !stops_[static_cast<unsigned char>(buffer_[position_])] && blanks.size() < 1000) {
      blanks += buffer_[position_++];
    }
    if (!blanks.empty() && fill() && !stops_[static_cast<unsigned char>(buffer_[position_])]) {
      append(row, cell, blanks.data(), blanks.size());
    }
  }

  void read_plain(RawRow& row, Cell& cell) {
    while (fill()) {
      const std::size_t from = position_;
      const std::size_t size = buffer_.size();
      const char* text = buffer_.data();
      std::size_t at = from;
      while (at < size && !stops_[static_cast<unsigned char>(text[at])]) ++at;
      position_ = at;
      append(row, cell, text + from, at - from);
      if (at < size) return;
    }
  }

  bool end_cell() {
    if (!fill()) return false;
    const char c = buffer_[position_];
    if (c == '\r' && peek_next() == '\n') ++position_;
    ++position_;
    if (c != '\r' && c != '\n') return true;
    ++line_;
    return false;
  }

  std::unique_ptr<ByteSource> bytes_;
  TableOptions options_;
  TextEncoding encoding_;
  std::unique_ptr<TextDecoder> decoder_;
  std::string buffer_;
  std::size_t position_ = 0;
  std::array<bool, 256> stops_{};
  char delimiter_ = ',';
  char quote_;
  char escape_;
  std::int64_t number_ = 0;
  std::int64_t line_ = 1;
  std::int64_t quoted_from_ = 0;  // line of the open quote, 0 = none is open
  std::uint64_t row_bytes_ = 0;
};

}  // namespace

std::unique_ptr<RowSource> make_delimited_source(std::unique_ptr<ByteSource> bytes,
                                                 const TableOptions& options) {
  return std::make_unique<DelimitedSource>(std::move(bytes), options);
}

}  // namespace kehai::platform
